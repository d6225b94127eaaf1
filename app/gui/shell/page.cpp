// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/page.h"

#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/notice.h"

#include <QAction>
#include <QSplitter>
#include <QStackedWidget>

namespace ember::gui {
namespace {

constexpr int kInspectorWidth = 270;

} // namespace

Page::Page(const QString& id, const QString& title, const QString& iconName, AppContext& context)
    : m_id(id)
    , m_title(title)
    , m_iconName(iconName)
    , m_context(context)
    , m_filterLine(new QWidget)
    , m_filters(plainLayout<QHBoxLayout>(m_filterLine, context.theme.metrics().s))
    , m_main(makeButton({}, "main"))
    , m_notice(new Notice)
    , m_body(new QStackedWidget)
    , m_columns(new QSplitter(Qt::Horizontal))
    , m_rows(new QSplitter(Qt::Vertical))
{
    setObjectName(QStringLiteral("page"));
    setAttribute(Qt::WA_StyledBackground);
    setFocusPolicy(Qt::ClickFocus);
    const ThemeMetrics& m = context.theme.metrics();
    m_main->hide();
    m_main->setObjectName(QStringLiteral("main-action"));

    auto* head = new QHBoxLayout;
    head->setSpacing(m.l);
    head->addStrut(m.controlMain); // titles stay where they are from page to page, with or without a main action
    head->addWidget(makeLabel(title, "title"));
    head->addWidget(m_filterLine, 1);
    head->addStretch(0);
    head->addWidget(m_main);
    m_main->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);

    for (QSplitter* splitter : {m_columns, m_rows}) {
        splitter->setHandleWidth(m.s);
        splitter->setChildrenCollapsible(false);
        connect(splitter, &QSplitter::splitterMoved, this, &Page::rememberSizes);
    }
    m_rows->addWidget(m_columns);
    m_body->addWidget(m_rows);

    auto* column = plainLayout<QVBoxLayout>(this, m.m);
    column->setContentsMargins(m.l, m.m, m.l, m.m);
    column->addLayout(head);
    column->addWidget(m_notice);
    column->addWidget(m_body, 1);
    connect(&context.project, &ProjectSession::contentChanged, this, &Page::onContentChanged);
}

void Page::onContentChanged()
{
    chooseBody();
    m_contentIsNew = !isVisible();
    if (isVisible())
        contentChanged();
}

void Page::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    // Keys go to the page, not to whatever button happens to be first in the window.
    setFocus(Qt::OtherFocusReason);
    if (m_contentIsNew) {
        m_contentIsNew = false;
        contentChanged();
    }
}

Page::~Page() = default;

bool Page::isEmptyShown() const
{
    return m_body->currentWidget() != m_rows;
}

void Page::setMainAction(QAction* action)
{
    m_main->disconnect();
    m_main->setIcon(action->icon().isNull() ? QIcon() : m_main->icon());
    bindToAction(m_main, action, false);
    m_hasMain = true;
    chooseBody();
}

void Page::setContent(QWidget* content)
{
    m_columns->insertWidget(0, content);
    m_columns->setStretchFactor(0, 1);
}

void Page::setInspector(QWidget* inspector)
{
    m_columns->addWidget(inspector);
    m_columns->setStretchFactor(m_columns->count() - 1, 0);
    m_columns->setSizes({4 * kInspectorWidth, kInspectorWidth});
    m_columns->restoreState(m_context.settings.layout(m_id + QStringLiteral("/columns")));
}

void Page::setSecondary(QWidget* strip, int initialHeight)
{
    m_rows->addWidget(strip);
    m_rows->setStretchFactor(0, 1);
    m_rows->setStretchFactor(1, 0);
    m_rows->setSizes({5 * initialHeight, initialHeight});
    m_rows->restoreState(m_context.settings.layout(m_id + QStringLiteral("/rows")));
}

void Page::setEmptyState(EmptyState* state)
{
    m_emptyHolder = state;
    m_body->addWidget(state);
}

void Page::showEmpty(bool empty)
{
    m_empty = empty;
    chooseBody();
}

void Page::setNeedsProject()
{
    auto* state = new EmptyState(m_iconName, tr("No project is open"),
                                 tr("A project is one file with recordings, labels, runs and models."));
    auto* make = new QAction(tr("New project…"), this);
    auto* open = new QAction(tr("Open project…"), this);
    connect(make, &QAction::triggered, &m_context.navigator, &Navigator::newProject);
    connect(open, &QAction::triggered, &m_context.navigator, &Navigator::openProject);
    state->setMainAction(make);
    state->setLink(open);
    m_noProject = state;
    m_body->addWidget(state);
    chooseBody();
}

void Page::chooseBody()
{
    QWidget* body = m_rows;
    if (m_noProject && !m_context.project.isOpen())
        body = m_noProject;
    else if (m_empty && m_emptyHolder)
        body = m_emptyHolder;
    m_body->setCurrentWidget(body);
    // An empty page has its one button in the middle.
    m_main->setVisible(m_hasMain && body == m_rows);
    m_filterLine->setVisible(body == m_rows); // nothing there to choose from
}

void Page::rememberSizes()
{
    m_context.settings.setLayout(m_id + QStringLiteral("/columns"), m_columns->saveState());
    m_context.settings.setLayout(m_id + QStringLiteral("/rows"), m_rows->saveState());
}

} // namespace ember::gui
