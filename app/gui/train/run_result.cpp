// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/run_result.h"

#include "app/gui/plot/confusion_plot.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/class_scores.h"
#include "app/gui/train/curve_panel.h"
#include "app/gui/train/run_scores.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QScrollArea>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

// The weakest groups are what one looks for; a long list would hide them.
constexpr std::size_t kGroupsShown = 8;
constexpr int kHeadlines = 3;

} // namespace

RunResult::RunResult(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_scores(new QWidget)
    , m_message(makeLabel({}, "muted"))
    , m_notes(makeLabel({}, "muted"))
    , m_confusion(new ConfusionPlot(theme))
    , m_classes(new ClassScores(theme))
    , m_curves(new CurvePanel(theme))
{
    const ThemeMetrics& m = theme.metrics();
    m_message->setWordWrap(true);
    m_message->setAlignment(Qt::AlignCenter);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto* head = new QHBoxLayout;
    head->setSpacing(m.xl);
    for (int i = 0; i < kHeadlines; ++i)
        head->addWidget(addHeadline());
    head->addStretch(1);

    m_scores->setObjectName(QStringLiteral("scrolled"));
    auto* column = plainLayout<QVBoxLayout>(m_scores, m.m, m.l);
    column->addLayout(head);
    m_notes->setWordWrap(true);
    m_notes->setObjectName(QStringLiteral("run-notes"));
    m_notes->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_notes);
    column->addWidget(m_confusion, 1);
    column->addWidget(m_classes);
    column->addWidget(m_curves);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_scores);
    auto* frame = makeFrame("panel");
    auto* inside = plainLayout<QVBoxLayout>(frame, 0, 1);
    inside->addWidget(m_message, 1);
    inside->addWidget(scroll, 1);
    plainLayout<QVBoxLayout>(this, 0)->addWidget(frame);
    show(nullptr, nullptr, {}, {});
}

QWidget* RunResult::addHeadline()
{
    auto* owner = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(owner, 0);
    const Headline made{makeLabel({}, "heading"), makeLabel({}, "display"), makeLabel({}, "caption")};
    for (QLabel* label : {made.title, made.value, made.detail})
        column->addWidget(label);
    m_headlines.push_back(made);
    return owner;
}

void RunResult::show(const dataset::Run* run, const RunScores* scores, const QHash<QString, int>& colours,
                     const QString& commandLine)
{
    const bool scored = run && scores && scores->isValid;
    QWidget* scrollArea = m_scores->parentWidget()->parentWidget();
    scrollArea->setVisible(scored);
    m_message->setVisible(!scored);
    if (!scored) {
        if (!run)
            m_message->setText(tr("Train a model, or choose a run below: its scores appear here."));
        else if (run->status == dataset::RunStatus::Running)
            m_message->setText(tr("%1 is being trained.").arg(run->name));
        else
            m_message->setText(
                tr("%1 %2.\n\n%3")
                    .arg(run->name, run->status == dataset::RunStatus::Cancelled ? tr("was cancelled") : tr("failed"),
                         run->reason));
        return;
    }
    for (std::size_t i = 0; i < m_headlines.size() && i < scores->headlines.size(); ++i) {
        const RunScores::Headline& headline = scores->headlines[i];
        m_headlines[i].title->setText(headline.title);
        m_headlines[i].value->setText(std::isnan(headline.value) ? tr("–") : formatScore(headline.value));
        m_headlines[i].detail->setText(headline.detail);
    }
    m_notes->setText(scores->notes.join(QLatin1Char('\n')));
    m_notes->setVisible(!scores->notes.isEmpty());
    m_confusion->setVisible(scores->confusion.classes() > 0);
    m_classes->setVisible(!scores->classes.empty());
    m_confusion->setTable(scores->confusion);
    m_confusion->setCommandLine(commandLine);
    m_classes->setScores(*scores, colours);
    m_curves->setScores(*scores, colours);
    m_curves->plot()->setCommandLine(commandLine);
}

RunInspector::RunInspector(QWidget* parent)
    : QWidget(parent)
    , m_inspector(new Inspector(tr("Run")))
    , m_facts(new Facts)
    , m_parameters(new Facts)
    , m_groups(new Facts)
    , m_deploy(makeButton(tr("Deploy this run"), "", QStringLiteral("deploy")))
{
    m_deploy->setObjectName(QStringLiteral("deploy-run"));
    m_inspector->addSection({}, m_facts);
    m_inspector->addSection({}, m_deploy);
    m_inspector->addSection(tr("Parameters"), m_parameters);
    m_inspector->addSection(tr("Accuracy by group, weakest first"), m_groups);
    m_inspector->addStretch();
    plainLayout<QVBoxLayout>(this, 0)->addWidget(m_inspector);
    connect(m_deploy, &QPushButton::clicked, this, [this] {
        if (m_run)
            Q_EMIT deployClicked(m_run->value);
    });
    show(nullptr, nullptr);
}

void RunInspector::show(const dataset::Run* run, const RunScores* scores)
{
    m_run.reset();
    m_deploy->setVisible(run && run->model.isValid());
    m_inspector->setTitle(run ? run->name : tr("No run selected"));
    if (!run) {
        m_facts->setFacts({});
        m_parameters->setFacts({});
        m_groups->setFacts({});
        return;
    }
    m_run = run->id;
    const QJsonObject windows = run->windows;
    std::vector<Fact> facts{
        {tr("Trainer"), run->trainer},
        {tr("Seed"), QString::number(run->seed)},
        {tr("Validation"), run->validation.value(QStringLiteral("method")).toString()},
        {tr("Windows"), formatCount(windows.value(QStringLiteral("count")).toInteger())},
        {tr("Window rows"), formatCount(windows.value(QStringLiteral("rows")).toInteger())},
        {tr("Left out, mixed"), formatCount(windows.value(QStringLiteral("mixed")).toInteger())},
        {tr("Left out, no label"), formatCount(windows.value(QStringLiteral("unlabelled")).toInteger())},
        {tr("Time"), formatSeconds(run->seconds)},
        {tr("Data set"), run->datasetHash.left(12)}};
    m_facts->setFacts(facts);
    std::vector<Fact> parameters;
    for (auto value = run->parameters.begin(); value != run->parameters.end(); ++value)
        parameters.push_back({value.key(), value.value().toVariant().toString()});
    m_parameters->setFacts(parameters);

    std::vector<RunScores::GroupRow> rows = scores ? scores->groups : std::vector<RunScores::GroupRow>{};
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.accuracy < b.accuracy; });
    std::vector<Fact> groups;
    for (const RunScores::GroupRow& row : rows) {
        if (groups.size() == kGroupsShown)
            break;
        groups.push_back({row.name, tr("%1 of %2").arg(formatShare(row.accuracy), formatCount(row.rows))});
    }
    m_groups->setFacts(groups);
}

} // namespace ember::gui
