// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/empty_state.h"

#include "app/gui/widgets/build.h"

#include <QAction>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kTextWidth = 420;
constexpr int kIconSize = 40;

} // namespace

void bindToAction(QPushButton* button, QAction* action, bool followVisibility)
{
    const auto follow = [button, action, followVisibility] {
        button->setText(action->text());
        button->setEnabled(action->isEnabled());
        button->setToolTip(action->toolTip());
        if (followVisibility)
            button->setVisible(action->isVisible());
    };
    follow();
    QObject::connect(action, &QAction::changed, button, follow);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
}

EmptyState::EmptyState(const QString& iconName, const QString& title, const QString& sentence, QWidget* parent)
    : QWidget(parent)
    , m_title(makeLabel(title, "section"))
    , m_sentence(makeLabel(sentence, "muted"))
    , m_main(makeButton({}, "main"))
    , m_link(makeButton({}, "link"))
{
    auto* picture = new QToolButton;
    picture->setIcon(icon(iconName, IconTone::Muted));
    picture->setIconSize(QSize(kIconSize, kIconSize));
    picture->setAttribute(Qt::WA_TransparentForMouseEvents);
    picture->setFocusPolicy(Qt::NoFocus);
    m_title->setAlignment(Qt::AlignCenter);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_sentence->setFixedWidth(kTextWidth);
    m_main->hide();
    m_link->hide();
    setText(title, sentence);

    auto* column = plainLayout<QVBoxLayout>(this, 12);
    column->addStretch(2);
    column->addWidget(picture, 0, Qt::AlignHCenter);
    column->addWidget(m_title, 0, Qt::AlignHCenter);
    column->addWidget(m_sentence, 0, Qt::AlignHCenter);
    column->addSpacing(4);
    column->addWidget(m_main, 0, Qt::AlignHCenter);
    column->addWidget(m_link, 0, Qt::AlignHCenter);
    column->addStretch(3);
}

void EmptyState::setMainAction(QAction* action)
{
    bindToAction(m_main, action);
}

void EmptyState::setLink(QAction* action)
{
    bindToAction(m_link, action);
}

void EmptyState::setText(const QString& title, const QString& sentence)
{
    m_title->setText(title);
    m_sentence->setText(sentence);
    // A label in the middle of a column gets the height of one line unless it insists.
    m_sentence->setMinimumHeight(std::max(0, m_sentence->heightForWidth(kTextWidth)));
}

} // namespace ember::gui
