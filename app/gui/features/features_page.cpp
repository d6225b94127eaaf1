// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/features_page.h"

#include "app/gui/features/block_form.h"
#include "app/gui/features/explorer.h"
#include "app/gui/features/feature_panel.h"
#include "app/gui/features/pipeline_editor.h"
#include "app/gui/features/stage_preview.h"
#include "app/gui/features/window_list.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/feature_choice.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/notice.h"
#include "app/gui/widgets/table.h"
#include "core/base/quantity.h"
#include "core/features/block.h"
#include "core/workflow/feature_table.h"
#include "core/workflow/label_windows.h"

#include <QComboBox>
#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QTabWidget>
#include <QTableView>

#include <cmath>

namespace ember::gui {
namespace {

const Setting<QString> kBoard{"compare/board", QStringLiteral("mps2-an386")}; // the one that runs are compared on

constexpr int kMostNameWidth = 480;
constexpr int kStripHeight = 130;

enum Column
{
    Number,
    Name,
    BlockName,
    Value, ///< of the window that is looked at
    ColumnCount
};

} // namespace

FeaturesPage::FeaturesPage(AppContext& context)
    : Page(QStringLiteral("features"), tr("Features"), QStringLiteral("features"), context)
    , m_choice(new FeatureChoice(context.settings, Qt::Horizontal))
    , m_board(new QComboBox)
    , m_pipeline(new PipelineEditor(m_choice, context.project.undoStack(), context.theme))
    , m_explorer(new Explorer(context))
    , m_panel(new FeaturePanel(context))
    , m_strip(new QTabWidget)
    , m_preview(new StagePreview(context.theme))
    , m_chosen(new WindowList(this))
    , m_chosenSorted(new QSortFilterProxyModel(this))
    , m_chosenTable(new QTableView)
    , m_table(new QTableView)
    , m_names(new QStandardItemModel(0, ColumnCount, this))
    , m_inspector(new Inspector(tr("Windows")))
    , m_windows(new Facts)
    , m_classes(new Facts)
    , m_price(new Facts)
    , m_empty(new EmptyState(QStringLiteral("features"), tr("Nothing to cut into windows yet"),
                             tr("Features are computed over windows of labelled recordings.")))
{
    buildFilters();
    auto* content = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(content, context.theme.metrics().s);
    column->addWidget(m_pipeline);
    column->addWidget(m_explorer, 1);
    setContent(content);
    buildInspector();
    setSecondary(buildStrip(), kStripHeight);
    buildEmptyState();
    setNeedsProject();
    connect(m_choice, &FeatureChoice::changed, this, &FeaturesPage::plan);
    connect(m_pipeline, &PipelineEditor::refused, this,
            [this](const Error& error) { notice().show("warn", error.message, error.hint); });
    connect(m_pipeline, &PipelineEditor::accepted, this, [this] { notice().clear(); });
    connect(m_explorer, &Explorer::chosenChanged, this, &FeaturesPage::showChosen);
    connect(m_explorer, &Explorer::currentChanged, this, &FeaturesPage::preview);
    connect(m_explorer, &Explorer::runChanged, this, [this] { m_panel->setRun(m_explorer->run()); });
    connect(m_explorer, &Explorer::opened, this, &FeaturesPage::openWindow);
    connect(m_explorer, &Explorer::labelWanted, this, &FeaturesPage::labelChosen);
    connect(m_explorer, &Explorer::cancelClicked, this, [this] {
        if (m_loading)
            this->context().jobs.cancel(*m_loading);
    });
    connect(m_explorer, &Explorer::againClicked, this, [this] {
        if (!m_data)
            plan();
    });
    connect(m_panel, &FeaturePanel::pairChosen, m_explorer, &Explorer::showFeatures);
    connect(&context.jobs, &JobQueue::changed, this, [this] {
        const bool shownIsOld = !m_data || !m_set || m_data->set.pipeline != m_set->pipeline;
        if (!m_loading || !shownIsOld)
            return;
        if (const auto job = this->context().jobs.job(*m_loading); job && job->isActive())
            m_explorer->showBusy(tr("Computing features"), job->progress.fraction);
    });
}

void FeaturesPage::buildFilters()
{
    if (auto boards = device::loadBoards())
        m_boards = std::move(*boards);
    for (const device::Board& board : m_boards)
        m_board->addItem(board.name, board.id);
    m_board->setObjectName(QStringLiteral("features-board"));
    m_board->setToolTip(tr("The board that prices are estimated for"));
    m_board->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_board->setMinimumContentsLength(14);
    connect(m_board, &QComboBox::activated, this, [this] {
        context().settings.set(kBoard, m_board->currentData().toString());
        if (m_set)
            show(*m_set);
    });
    filters()->addStretch(1);
    filters()->addWidget(m_choice);
}

void FeaturesPage::preview()
{
    if (!m_data || m_data->rows() == 0)
        return;
    const std::vector<std::size_t> chosen = m_explorer->chosenRows();
    const std::size_t row = m_explorer->currentRow().value_or(chosen.empty() ? 0 : chosen.front());
    const learn::Matrix& matrix = m_data->set.matrix;
    for (int i = 0; i < m_names->rowCount() && i < static_cast<int>(matrix.columns); ++i)
        m_names->item(i, Value)->setText(
            QString::number(static_cast<double>(matrix.row(row)[static_cast<std::size_t>(i)]), 'g', 5));
    const QString title = QStringLiteral("%1 · %2 · %3")
                              .arg(m_data->recordingNames.value(m_data->window(row).recording), m_data->timeOf(row),
                                   m_data->labelOf(row));
    const quint64 number = ++m_previewRequest;
    using Panels = std::vector<StagePreview::Panel>;
    context().jobs.runQuietly<Panels>(
        [data = m_data, row, path = context().project.path()](const JobContext&) -> Result<Panels> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return StagePreview::compute(project, data->set.pipeline, data->window(row));
        },
        this,
        [this, number, title](const Result<Panels>& panels) {
            if (number == m_previewRequest)
                m_preview->show(panels ? title : panels.error().message, panels ? *panels : Panels());
        });
}

QWidget* FeaturesPage::buildStrip()
{
    m_chosenSorted->setSourceModel(m_chosen);
    m_chosenSorted->setSortRole(WindowList::SortRole);
    m_chosenTable->setModel(m_chosenSorted);
    m_chosenTable->setObjectName(QStringLiteral("chosen-windows"));
    prepareTable(m_chosenTable, context().theme, kMostNameWidth);
    m_chosenTable->setItemDelegateForColumn(WindowList::Label,
                                            new ClassDelegate(WindowList::ColourRole, context().theme, m_chosenTable));
    addTableMenu(m_chosenTable, QStringLiteral("windows"));
    connect(m_chosenTable, &QTableView::activated, this, [this](const QModelIndex& index) {
        openWindow(m_chosen->windowAt(m_chosenSorted->mapToSource(index).row()));
    });

    m_names->setHorizontalHeaderLabels({tr("No."), tr("Feature"), tr("Block"), tr("In the window")});
    m_table->setModel(m_names);
    m_table->setObjectName(QStringLiteral("feature-names"));
    prepareTable(m_table, context().theme, kMostNameWidth);
    m_table->setSortingEnabled(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    addTableMenu(m_table, QStringLiteral("features"),
                 [this] { return QStringLiteral("emberlab features --project '%1'").arg(context().project.path()); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        if (index.isValid())
            m_panel->chooseFeature(index.row());
    });
    m_strip->setDocumentMode(true);
    m_strip->addTab(m_chosenTable, tr("Chosen windows"));
    m_strip->addTab(m_preview, tr("Window by stage"));
    m_strip->addTab(m_table, tr("Features"));
    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, 1)->addWidget(m_strip);
    return frame;
}

void FeaturesPage::buildInspector()
{
    m_inspector->addSection({}, m_pipeline->form());
    m_inspector->addSection({}, m_windows);
    m_inspector->addSection(tr("Features"), m_panel);
    m_inspector->addSection(tr("Estimated price of a window on"), m_board);
    m_inspector->addSection({}, m_price);
    m_inspector->addSection(tr("Windows by class"), m_classes);
    m_inspector->addStretch();
    setInspector(m_inspector);
}

void FeaturesPage::buildEmptyState()
{
    auto* dataset = new QAction(tr("Go to Dataset"), this);
    connect(dataset, &QAction::triggered, this, [this] { context().navigator.go(QStringLiteral("dataset")); });
    auto* emulated = new QAction(tr("Start the emulated board, no hardware needed"), this);
    connect(emulated, &QAction::triggered, this, [this] {
        context().navigator.startBoard({});
        context().navigator.go(QStringLiteral("capture"));
    });
    m_empty->setMainAction(dataset);
    m_empty->setLink(emulated);
    setEmptyState(m_empty);
}

void FeaturesPage::activated()
{
    m_choice->reload();
    m_board->setCurrentIndex(std::max(0, m_board->findData(context().settings.get(kBoard))));
    plan();
}

void FeaturesPage::contentChanged()
{
    plan();
}

QList<KeyHint> FeaturesPage::keys() const
{
    return {{tr("← → ↑ ↓"), tr("from point to point")},
            {tr("Enter"), tr("open on the timeline")},
            {tr("Ctrl+drag"), tr("add to what is chosen")},
            {tr("Ctrl+A"), tr("choose all that is shown")},
            {tr("Esc"), tr("choose nothing")},
            {tr("F"), tr("fit")}};
}

features::CpuClass FeaturesPage::cpu() const
{
    for (const device::Board& board : m_boards) {
        if (board.id == m_board->currentData().toString())
            return workflow::priceClassOf(board);
    }
    return features::CpuClass::FloatHardware;
}

void FeaturesPage::plan()
{
    if (!context().project.isOpen())
        return;
    const auto segments = context().project.project().labels().segments();
    const bool labelled = segments && !segments->empty();
    showEmpty(!labelled);
    if (!labelled)
        return;
    const quint64 number = ++m_request;
    context().jobs.runQuietly<workflow::FeatureSet>(
        [path = context().project.path(),
         request = m_choice->request()](const JobContext&) -> Result<workflow::FeatureSet> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return workflow::planFeatures(project, request);
        },
        this,
        [this, number](const Result<workflow::FeatureSet>& set) {
            if (number != m_request)
                return;
            if (!set) {
                notice().showError(set.error());
                return;
            }
            notice().clear();
            m_set = *set;
            show(*set);
            loadData();
        });
}

void FeaturesPage::show(const workflow::FeatureSet& set)
{
    m_pipeline->show(set, cpu());
    fillTable(set.pipeline);
    fillInspector(set);
}

void FeaturesPage::loadData()
{
    const quint64 number = ++m_request;
    if (m_loading)
        context().jobs.cancel(*m_loading);
    using Data = std::shared_ptr<const ExplorerData>;
    m_loading = context().jobs.runQuietly<Data>(
        [path = context().project.path(), request = m_choice->request()](const JobContext& job) {
            return loadExplorerData(path, request, {job.progress, job.cancel});
        },
        this,
        [this, number](const Result<Data>& loaded) {
            if (number == m_request)
                takeData(loaded);
        });
}

void FeaturesPage::takeData(const Result<std::shared_ptr<const ExplorerData>>& loaded)
{
    m_loading.reset();
    if (loaded && m_data && m_data->looksLike(**loaded)) {
        m_explorer->showPoints(); // maps and what is chosen stay
        return;
    }
    m_data = loaded ? *loaded : nullptr;
    m_explorer->setData(m_data);
    m_panel->setData(m_data);
    m_panel->setRun(m_explorer->run());
    preview();
    if (!loaded)
        m_explorer->showProblem(loaded.error().toString(), true);
}

void FeaturesPage::fillTable(const features::Pipeline& pipeline)
{
    m_names->removeRows(0, m_names->rowCount());
    int number = 0;
    for (const features::BlockUse& use : pipeline.blocks) {
        const features::Block* block = features::findBlock(use.block);
        features::Pipeline alone = pipeline;
        alone.blocks = {use};
        for (const QString& name : features::featureNames(alone)) {
            auto* index = new QStandardItem(QString::number(++number));
            index->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_names->appendRow({index, new QStandardItem(name),
                                new QStandardItem(block ? block->info().title : use.block), new QStandardItem});
        }
    }
}

void FeaturesPage::fillInspector(const workflow::FeatureSet& set)
{
    const dataset::WindowSet& w = set.windows;
    m_inspector->setTitle(tr("%1 windows").arg(formatCount(static_cast<qint64>(w.windows.size()))));
    m_windows->setFacts({{tr("Features"), formatCount(features::featureNames(set.pipeline).size())},
                         {tr("Groups"), formatCount(w.groupNames.size())},
                         {tr("Left out, mixed labels"), formatCount(w.mixed)},
                         {tr("Left out, no label"), formatCount(w.unlabelled)},
                         {tr("Left out, rows missing"), formatCount(w.acrossGaps)}});
    std::vector<qint64> counts(static_cast<std::size_t>(w.classNames.size()), 0);
    for (const dataset::Window& window : w.windows) {
        if (window.label >= 0 && static_cast<std::size_t>(window.label) < counts.size())
            ++counts[static_cast<std::size_t>(window.label)];
    }
    std::vector<Fact> classes;
    for (qsizetype i = 0; i < w.classNames.size(); ++i)
        classes.push_back({w.classNames[i], formatCount(counts[static_cast<std::size_t>(i)])});
    m_classes->setFacts(classes);

    const auto plan = features::planFor(set.pipeline);
    if (!plan) {
        m_price->setFacts({{plan.error().message, {}, "bad"}});
        return;
    }
    const auto cost = features::estimateExtraction(*plan, cpu());
    const QString work = cpu() == features::CpuClass::FloatLibraryAvr ? tr("Cycles") : tr("Instructions");
    m_price->setFacts({{work, formatCount(std::llround(cost.instructions))},
                       {tr("Flash"), formatBytes(cost.flashBytes())},
                       {tr("Scratch RAM"), formatBytes(cost.scratchBytes)}});
}

void FeaturesPage::showChosen()
{
    m_chosen->setWindows(m_data, m_data ? m_explorer->chosenRows() : std::vector<std::size_t>{});
    m_strip->setTabText(0, tr("Chosen windows (%1)").arg(formatCount(m_chosen->rowCount())));
    preview();
}

void FeaturesPage::openWindow(std::size_t row)
{
    if (!m_data || row >= m_data->rows())
        return;
    const dataset::Window& window = m_data->window(row);
    context().navigator.showRows(window.recording.value, window.begin, window.begin + m_data->set.windows.spec.rows);
}

void FeaturesPage::labelChosen(const QString& label)
{
    if (!m_data)
        return;
    std::vector<dataset::Window> windows;
    for (const std::size_t row : m_explorer->chosenRows())
        windows.push_back(m_data->window(row));
    const auto edit = workflow::labelWindows(context().project.project(), windows, m_data->set.windows.spec, label);
    const Status done = edit ? context().project.edit(*edit) : Status(edit.error());
    if (!done) {
        notice().showError(done.error());
        return;
    }
    context().toasts.show(tr("%1 windows are '%2' now").arg(formatCount(static_cast<qint64>(windows.size())), label),
                          tr("Undo"), [this] { context().project.undoStack().undo(); });
}

} // namespace ember::gui
