// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/top_bar.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/device_pill.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QAction>
#include <QMenu>

namespace ember::gui {
namespace {

constexpr int kSearchWidth = 300;
constexpr int kMostNameWidth = 260;

} // namespace

TopBar::TopBar(const DeviceSession& devices, const ThemeHub& theme, QWidget* parent)
    : QFrame(parent)
    , m_railButton(makeIconButton(QStringLiteral("menu"), tr("Narrow or widen the rail")))
    , m_project(new QToolButton)
    , m_menu(new QMenu(this))
    , m_search(makeButton({}, "search", QStringLiteral("search")))
    , m_pill(new DevicePill(devices, theme))
    , m_record(makeIconButton(QStringLiteral("record"), tr("Record")))
{
    setProperty("role", QStringLiteral("bar"));
    setProperty("edge", QStringLiteral("top"));
    setFixedHeight(theme.metrics().topBar);
    m_project->setObjectName(QStringLiteral("project-menu"));
    m_project->setMenu(m_menu);
    m_project->setPopupMode(QToolButton::InstantPopup);
    m_project->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_project->setIcon(icon(QStringLiteral("folder"), IconTone::Muted));
    m_project->setFocusPolicy(Qt::TabFocus);
    m_search->setObjectName(QStringLiteral("search"));
    m_search->setFixedWidth(kSearchWidth);
    m_record->hide();

    const ThemeMetrics& m = theme.metrics();
    auto* row = plainLayout<QHBoxLayout>(this, m.s);
    row->setContentsMargins((m.railNarrow - m.control) / 2, 0, m.l, 0);
    // Two sides of one width, so that the search stays in the middle whatever they hold.
    auto* left = new QHBoxLayout;
    left->setSpacing(m.s);
    left->addWidget(m_railButton);
    left->addSpacing(m.s);
    left->addWidget(m_project);
    left->addStretch(1);
    auto* right = new QHBoxLayout;
    right->setSpacing(m.s);
    right->addStretch(1);
    right->addWidget(m_pill);
    right->addWidget(m_record);
    row->addLayout(left, 1);
    row->addWidget(m_search);
    row->addLayout(right, 1);
    connect(m_pill, &DevicePill::devicesRequested, this, &TopBar::devicesRequested);
    setProject({}, {}, false);

    connect(&devices, &DeviceSession::changed, this, [this, &devices] {
        m_record->setVisible(m_recordable && devices.isStreaming());
        m_record->setIcon(
            icon(devices.isRecording() ? QStringLiteral("stop") : QStringLiteral("record"), IconTone::Bad));
    });
}

void TopBar::setRailAction(QAction* action)
{
    connect(m_railButton, &QToolButton::clicked, action, &QAction::trigger);
    m_railButton->setToolTip(action->toolTip());
}

void TopBar::setPaletteAction(QAction* action)
{
    m_search->setText(tr("Search or do anything") + QStringLiteral("    ") +
                      action->shortcut().toString(QKeySequence::NativeText));
    connect(m_search, &QPushButton::clicked, action, &QAction::trigger);
}

void TopBar::setRecordAction(QAction* action)
{
    m_recordable = true;
    m_record->setObjectName(QStringLiteral("record"));
    const auto follow = [this, action] {
        m_record->setEnabled(action->isEnabled());
        m_record->setToolTip(action->toolTip());
        m_record->setAccessibleName(action->text());
    };
    connect(action, &QAction::changed, m_record, follow);
    connect(m_record, &QToolButton::clicked, action, &QAction::trigger);
    follow();
}

void TopBar::setProject(const QString& name, const QString& path, bool writable)
{
    QString text = name.isEmpty() ? tr("No project") : name;
    if (!name.isEmpty() && !writable)
        text += tr(" (read-only)");
    const QString shown = m_project->fontMetrics().elidedText(text, Qt::ElideMiddle, kMostNameWidth);
    m_project->setText(shown + QStringLiteral(" ▾"));
    m_project->setToolTip(path.isEmpty() ? tr("Create or open a project") : path);
}

} // namespace ember::gui
