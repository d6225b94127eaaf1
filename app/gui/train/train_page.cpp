// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/train_page.h"

#include "app/gui/plot/export_menu.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/run_model.h"
#include "app/gui/train/run_result.h"
#include "app/gui/train/train_settings.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/format.h"
#include "app/gui/widgets/notice.h"
#include "app/gui/widgets/table.h"
#include "core/plugin-host/plugin_list.h"
#include "core/workflow/training.h"

#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>

namespace ember::gui {
namespace {

constexpr int kSettingsWidth = 290;
constexpr int kTableHeight = 170;

QString noTrainerText(const QList<plugin::PluginRecord>& plugins)
{
    QStringList lines{TrainPage::tr("No trainer plugin was found.")};
    for (const plugin::PluginRecord& record : plugins) {
        if (record.state == plugin::PluginState::Refused)
            lines << QStringLiteral("%1: %2").arg(record.path, record.reason);
    }
    return lines.join(QLatin1Char('\n'));
}

QHash<QString, int> classColours(const dataset::Project& project)
{
    QHash<QString, int> colours;
    for (const dataset::Label& label : project.labels().labels().value_or(std::vector<dataset::Label>{}))
        colours.insert(label.name, label.colour);
    return colours;
}

QString headlineOf(const learn::ValidationReport& report)
{
    if (report.task == plugin::Task::Regression)
        return TrainPage::tr("R2 %1").arg(formatScore(report.regression.r2));
    if (report.task == plugin::Task::Anomaly && report.rocAuc)
        return TrainPage::tr("ROC AUC %1").arg(formatScore(*report.rocAuc));
    return TrainPage::tr("Macro F1 %1").arg(formatScore(report.metrics.macroF1));
}

} // namespace

TrainPage::TrainPage(AppContext& context)
    : Page(QStringLiteral("train"), tr("Train"), QStringLiteral("train"), context)
    , m_settings(new TrainSettings(context.settings, context.theme))
    , m_result(new RunResult(context.theme))
    , m_inspector(new RunInspector)
    , m_model(new RunModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_table(new QTableView)
    , m_empty(new EmptyState(QStringLiteral("train"), tr("Nothing to train on yet"),
                             tr("Training needs recordings with labels: two or more, or one for what is normal.")))
{
    m_train = context.actions.add(this, tr("Train"), tr("Train"), QStringLiteral("play"),
                                  QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { train(); });
    addAction(m_train);
    setMainAction(m_train);
    buildTable();

    auto* split = new QSplitter(Qt::Horizontal);
    split->setHandleWidth(context.theme.metrics().s);
    split->setChildrenCollapsible(false);
    split->addWidget(m_settings);
    split->addWidget(m_result);
    split->setStretchFactor(1, 1);
    split->setSizes({kSettingsWidth, 2 * kSettingsWidth});
    split->restoreState(context.settings.layout(QStringLiteral("train/split")));
    connect(split, &QSplitter::splitterMoved, this,
            [this, split] { this->context().settings.setLayout(QStringLiteral("train/split"), split->saveState()); });
    setContent(split);
    setInspector(m_inspector);
    auto* tableFrame = makeFrame("panel");
    plainLayout<QVBoxLayout>(tableFrame, 0, 1)->addWidget(m_table);
    setSecondary(tableFrame, kTableHeight);

    auto* record = new QAction(tr("Go to Capture"), this);
    connect(record, &QAction::triggered, this, [this] { this->context().navigator.go(QStringLiteral("capture")); });
    auto* emulated = new QAction(tr("Start the emulated board, no hardware needed"), this);
    connect(emulated, &QAction::triggered, this, [this] {
        this->context().navigator.startBoard({});
        this->context().navigator.go(QStringLiteral("capture"));
    });
    m_empty->setMainAction(record);
    m_empty->setLink(emulated);
    setEmptyState(m_empty);
    setNeedsProject();

    connect(m_inspector, &RunInspector::deployClicked, &context.navigator, &Navigator::deployRun);
    connect(&context.navigator, &Navigator::runRequested, this, [this](qint64 id) {
        this->context().navigator.go(this->id());
        selectRun(id);
    });
}

void TrainPage::buildTable()
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(RunModel::SortRole);
    m_table->setModel(m_sorted);
    m_table->setObjectName(QStringLiteral("runs"));
    prepareTable(m_table, context().theme);
    for (const int column :
         {RunModel::AgainstBest, RunModel::Board, RunModel::Flash, RunModel::Ram, RunModel::Instructions})
        m_table->hideColumn(column);
    m_table->sortByColumn(RunModel::Name, Qt::DescendingOrder);
    addTableMenu(m_table, QStringLiteral("runs"), [this] {
        return QStringLiteral("emberlab compare --json --project '%1'").arg(context().project.path());
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &TrainPage::showCurrentRun);
    context().actions.addProvider([this] {
        std::vector<PaletteEntry> entries;
        for (int row = 0; row < m_model->rowCount(); ++row) {
            const dataset::Run* run = m_model->at(row);
            entries.push_back({QStringLiteral("%1 · %2").arg(run->name, run->trainer),
                               tr("Run"),
                               {},
                               QStringLiteral("train"),
                               [this, id = run->id.value] { context().navigator.showRun(id); }});
        }
        return entries;
    });
}

QList<KeyHint> TrainPage::keys() const
{
    return {{tr("Ctrl+Enter"), tr("Train")}};
}

void TrainPage::activated()
{
    m_settings->reload();
    if (!m_trainersAsked)
        lookForTrainers();
}

void TrainPage::lookForTrainers()
{
    m_trainersAsked = true;
    m_settings->setHint(tr("Looking for trainers…"));
    using Plugins = QList<plugin::PluginRecord>;
    context().jobs.runQuietly<Plugins>(
        [](const JobContext& job) { return plugin::listPlugins({}, job.cancel); }, this,
        [this](const Result<Plugins>& plugins) {
            m_settings->setTrainers(plugins ? plugin::allTrainers(*plugins) : QList<plugin::TrainerInfo>());
            if (!m_settings->hasTrainer()) {
                m_trainersAsked = false; // somebody may install one
                m_settings->setHint(plugins ? noTrainerText(*plugins) : plugins.error().message);
            }
            refreshTrainAction();
        });
}

void TrainPage::refreshTrainAction()
{
    m_train->setEnabled(m_settings->hasTrainer() && context().project.isWritable());
}

void TrainPage::contentChanged()
{
    const bool open = context().project.isOpen();
    m_model->load(open ? &context().project.project() : nullptr);
    refreshTrainAction();
    QStringList labels;
    if (open) {
        for (const dataset::Label& label :
             context().project.project().labels().labels().value_or(std::vector<dataset::Label>{}))
            labels << label.name;
    }
    m_settings->setLabels(labels);
    showEmpty(open && labels.isEmpty() && m_model->rowCount() == 0);
    if (m_wantedRun != 0)
        selectRun(m_wantedRun);
    else if (!m_table->currentIndex().isValid() && m_sorted->rowCount() > 0)
        m_table->setCurrentIndex(m_sorted->index(0, 0));
    showCurrentRun();
}

void TrainPage::selectRun(qint64 id)
{
    const int row = m_model->rowOf(dataset::RunId{id});
    m_wantedRun = row < 0 ? id : 0;
    if (row >= 0)
        m_table->setCurrentIndex(m_sorted->mapFromSource(m_model->index(row, 0)));
}

int TrainPage::currentRow() const
{
    return m_sorted->mapToSource(m_table->currentIndex()).row();
}

void TrainPage::showCurrentRun()
{
    const dataset::Run* run = m_model->at(currentRow());
    const RunScores* scores = m_model->scoresAt(currentRow());
    const bool open = context().project.isOpen();
    m_result->show(run, scores, open ? classColours(context().project.project()) : QHash<QString, int>(),
                   m_settings->commandLine(context().project.path()));
    m_inspector->show(run, scores);
}

void TrainPage::train()
{
    if (!m_train->isEnabled())
        return;
    notice().clear();
    const workflow::TrainRequest request = m_settings->request(context().project.path());
    context().jobs.run<workflow::TrainOutcome>(
        m_settings->trainerName(),
        [request](const JobContext& job) {
            return workflow::train(request, {job.progress, job.cancel});
        },
        this,
        [this](const Result<workflow::TrainOutcome>& trained) {
            context().project.announceChange();
            if (!trained) {
                if (trained.error().kind != ErrorKind::Cancelled)
                    notice().showError(trained.error());
                return;
            }
            selectRun(trained->run.value);
            context().toasts.show(tr("%1 over %2 windows").arg(headlineOf(trained->validation)).arg(trained->windows),
                                  tr("Deploy"), [this, id = trained->run.value] { context().navigator.deployRun(id); });
        });
}

} // namespace ember::gui
