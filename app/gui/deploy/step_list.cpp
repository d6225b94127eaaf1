// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/step_list.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QFontDatabase>
#include <QPlainTextEdit>

namespace ember::gui {
namespace {

constexpr int kDetailHeight = 110;
constexpr int kButtonWidth = 92;

struct StepText
{
    QString title;
    QString what;
    QString button;
    const char* objectName;
};

StepText textOf(DeployRunner::Step step)
{
    switch (step) {
    case DeployRunner::Step::Generate:
        return {StepList::tr("Generate"), StepList::tr("C++ sources beside the project"), StepList::tr("Generate"),
                "step-generate"};
    case DeployRunner::Step::Build:
        return {StepList::tr("Build"), StepList::tr("Compile for the board and count what it costs"),
                StepList::tr("Build"), "step-build"};
    case DeployRunner::Step::Flash:
        return {StepList::tr("Flash"), StepList::tr("Put the firmware with the model onto the board"),
                StepList::tr("Flash"), "step-flash"};
    case DeployRunner::Step::Verify:
        return {StepList::tr("Verify"), StepList::tr("Prove that the board computes what the desktop computes"),
                StepList::tr("Verify"), "step-verify"};
    }
    return {};
}

QString iconOf(DeployRunner::StepState state)
{
    switch (state) {
    case DeployRunner::StepState::Idle:
        return QStringLiteral("circle");
    case DeployRunner::StepState::Running:
        return QStringLiteral("jobs");
    case DeployRunner::StepState::Done:
        return QStringLiteral("check");
    case DeployRunner::StepState::Failed:
        return QStringLiteral("error");
    }
    return {};
}

IconTone toneOf(DeployRunner::StepState state)
{
    switch (state) {
    case DeployRunner::StepState::Idle:
        return IconTone::Muted;
    case DeployRunner::StepState::Running:
        return IconTone::Accent;
    case DeployRunner::StepState::Done:
        return IconTone::Good;
    case DeployRunner::StepState::Failed:
        return IconTone::Bad;
    }
    return IconTone::Muted;
}

} // namespace

StepList::StepList(DeployRunner& runner, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_runner(runner)
    , m_theme(theme)
{
    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().m);
    for (const DeployRunner::Step step : DeployRunner::kSteps)
        column->addWidget(buildRow(step, m_rows[static_cast<std::size_t>(step)]));
    connect(&runner, &DeployRunner::changed, this, &StepList::refresh);
    connect(&theme, &ThemeHub::changed, this, &StepList::refresh);
    refresh();
}

QWidget* StepList::buildRow(DeployRunner::Step step, Row& row)
{
    const ThemeMetrics& m = m_theme.metrics();
    const StepText text = textOf(step);
    auto* owner = new QWidget;
    row.icon = new QLabel;
    row.icon->setFixedSize(m.icon, m.icon);
    row.summary = makeLabel({}, "caption");
    row.summary->setWordWrap(true);
    row.fold = makeIconButton(QStringLiteral("chevron-down"), tr("Show the log"));
    row.fold->setCheckable(true);
    row.run = makeButton(text.button);
    row.run->setObjectName(QLatin1String(text.objectName));
    row.run->setFixedWidth(kButtonWidth);
    row.run->setToolTip(tr("Run this step alone"));
    row.detail = new QPlainTextEdit;
    row.detail->setReadOnly(true);
    row.detail->setFixedHeight(kDetailHeight);
    row.detail->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    row.detail->hide();

    auto* names = new QVBoxLayout;
    names->setSpacing(0);
    names->addWidget(makeLabel(text.title, "strong"));
    names->addWidget(row.summary);
    auto* head = new QHBoxLayout;
    head->setSpacing(m.s);
    head->addWidget(row.icon, 0, Qt::AlignTop);
    head->addLayout(names, 1);
    head->addWidget(row.fold, 0, Qt::AlignTop);
    head->addWidget(row.run, 0, Qt::AlignTop);
    auto* column = plainLayout<QVBoxLayout>(owner, m.xs);
    column->addLayout(head);
    column->addWidget(row.detail);
    connect(row.fold, &QToolButton::toggled, row.detail, &QWidget::setVisible);
    connect(row.run, &QPushButton::clicked, this, [this, step] { m_runner.runStep(step); });
    return owner;
}

void StepList::refresh()
{
    for (const DeployRunner::Step step : DeployRunner::kSteps) {
        const Row& row = m_rows[static_cast<std::size_t>(step)];
        const DeployRunner::StepStatus& status = m_runner.status(step);
        row.icon->setPixmap(
            icon(iconOf(status.state), toneOf(status.state)).pixmap(m_theme.metrics().icon, m_theme.metrics().icon));
        row.summary->setText(status.summary.isEmpty() ? textOf(step).what : status.summary);
        setStyleProperty(row.summary, "tone",
                         status.state == DeployRunner::StepState::Failed ? QStringLiteral("bad") : QString());
        row.run->setEnabled(m_runner.deployment() && !m_runner.isRunning());
        row.fold->setVisible(!status.detail.isEmpty());
        if (status.detail.isEmpty())
            row.fold->setChecked(false);
        if (row.detail->toPlainText() != status.detail)
            row.detail->setPlainText(status.detail);
    }
}

} // namespace ember::gui
