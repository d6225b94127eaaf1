// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/waiting_pane.h"

#include "app/gui/widgets/build.h"

#include <QProgressBar>

#include <cmath>

namespace ember::gui {
namespace {

constexpr int kProgressWidth = 260;
constexpr int kProgressSteps = 1000;

} // namespace

WaitingPane::WaitingPane(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_text(makeLabel({}, "muted"))
    , m_progress(new QProgressBar)
    , m_cancel(makeButton(tr("Cancel")))
    , m_again(makeButton(tr("Start again")))
{
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignCenter);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(kProgressWidth);
    m_cancel->setObjectName(QStringLiteral("waiting-cancel"));
    m_again->setObjectName(QStringLiteral("waiting-again"));
    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().m);
    column->addStretch(1);
    column->addWidget(m_text);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_progress, m_cancel, m_again})
        column->addWidget(widget, 0, Qt::AlignCenter);
    column->addStretch(1);
    connect(m_cancel, &QPushButton::clicked, this, &WaitingPane::cancelClicked);
    connect(m_again, &QPushButton::clicked, this, &WaitingPane::againClicked);
    showProblem({});
}

void WaitingPane::showBusy(const QString& text, double fraction)
{
    m_text->setText(text);
    m_progress->setRange(0, fraction < 0 ? 0 : kProgressSteps);
    m_progress->setValue(static_cast<int>(std::lround(std::max(0.0, fraction) * kProgressSteps)));
    m_progress->show();
    m_cancel->show();
    m_again->hide();
}

void WaitingPane::showProblem(const QString& text, bool canTryAgain)
{
    m_text->setText(text);
    m_progress->hide();
    m_cancel->hide();
    m_again->setVisible(canTryAgain);
}

} // namespace ember::gui
