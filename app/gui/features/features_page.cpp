// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/features_page.h"

#include "app/gui/features/pipeline_row.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/feature_choice.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/format.h"
#include "app/gui/widgets/notice.h"
#include "app/gui/widgets/table.h"
#include "core/base/quantity.h"
#include "core/features/block.h"
#include "core/features/cost.h"

#include <QComboBox>
#include <QHeaderView>
#include <QStandardItemModel>
#include <QTableView>

#include <cmath>

namespace ember::gui {
namespace {

const Setting<int> kCpu{"features/cpu", static_cast<int>(features::CpuClass::FloatHardware)};

constexpr int kMostNameWidth = 480;

enum Column
{
    Number,
    Name,
    BlockName,
    ColumnCount
};

} // namespace

FeaturesPage::FeaturesPage(AppContext& context)
    : Page(QStringLiteral("features"), tr("Features"), QStringLiteral("features"), context)
    , m_choice(new FeatureChoice(context.settings, Qt::Horizontal))
    , m_cpu(new QComboBox)
    , m_pipeline(new PipelineRow(context.theme))
    , m_table(new QTableView)
    , m_names(new QStandardItemModel(0, ColumnCount, this))
    , m_inspector(new Inspector(tr("Windows")))
    , m_windows(new Facts)
    , m_classes(new Facts)
    , m_price(new Facts)
    , m_empty(new EmptyState(QStringLiteral("features"), tr("Nothing to cut into windows yet"),
                             tr("Features are computed over windows of labelled recordings.")))
{
    m_cpu->addItem(tr("cores with an FPU"), static_cast<int>(features::CpuClass::FloatHardware));
    m_cpu->addItem(tr("cores without an FPU"), static_cast<int>(features::CpuClass::FloatLibrary));
    m_cpu->setCurrentIndex(std::max(0, m_cpu->findData(context.settings.get(kCpu))));
    m_cpu->setToolTip(tr("What prices are estimated for"));
    filters()->addStretch(1);
    filters()->addWidget(m_choice);
    filters()->addWidget(m_cpu);

    m_names->setHorizontalHeaderLabels({tr("No."), tr("Feature"), tr("Block")});
    m_table->setModel(m_names);
    m_table->setObjectName(QStringLiteral("feature-names"));
    prepareTable(m_table, context.theme, kMostNameWidth);
    m_table->setSortingEnabled(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    addTableMenu(m_table, QStringLiteral("features"), [this] {
        return QStringLiteral("emberlab features --project '%1'").arg(this->context().project.path());
    });
    auto* tableFrame = makeFrame("panel");
    plainLayout<QVBoxLayout>(tableFrame, 0, 1)->addWidget(m_table);
    auto* content = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(content, context.theme.metrics().s);
    column->addWidget(m_pipeline);
    column->addWidget(tableFrame, 1);
    setContent(content);
    m_inspector->addSection({}, m_windows);
    m_inspector->addSection(tr("Windows by class"), m_classes);
    m_inspector->addSection(tr("Estimated price of a window"), m_price);
    m_inspector->addStretch();
    setInspector(m_inspector);

    auto* dataset = new QAction(tr("Go to Dataset"), this);
    connect(dataset, &QAction::triggered, this, [this] { this->context().navigator.go(QStringLiteral("dataset")); });
    auto* emulated = new QAction(tr("Start the emulated board, no hardware needed"), this);
    connect(emulated, &QAction::triggered, this, [this] {
        this->context().navigator.startBoard({});
        this->context().navigator.go(QStringLiteral("capture"));
    });
    m_empty->setMainAction(dataset);
    m_empty->setLink(emulated);
    setEmptyState(m_empty);
    setNeedsProject();
    connect(m_choice, &FeatureChoice::changed, this, &FeaturesPage::plan);
    connect(m_cpu, &QComboBox::activated, this, [this] {
        this->context().settings.set(kCpu, m_cpu->currentData().toInt());
        if (m_set)
            show(*m_set);
    });
}

void FeaturesPage::activated()
{
    m_choice->reload();
    plan();
}

void FeaturesPage::contentChanged()
{
    plan();
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
        });
}

void FeaturesPage::show(const workflow::FeatureSet& set)
{
    const double rate = set.pipeline.stream.rateHz;
    const auto seconds = [rate](int rows) { return rate > 0 ? formatSeconds(rows / rate) : QString(); };
    const QStringList windowText{
        tr("%1 rows, %2").arg(formatCount(set.pipeline.windowRows), seconds(set.pipeline.windowRows)),
        tr("one every %1").arg(seconds(set.pipeline.hopRows)),
        tr("%1 channels at %2").arg(set.pipeline.stream.channels.size()).arg(formatHertz(rate))};
    m_pipeline->setPipeline(set.pipeline, windowText, static_cast<features::CpuClass>(m_cpu->currentData().toInt()));
    fillTable(set.pipeline);
    fillInspector(set);
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
            m_names->appendRow(
                {index, new QStandardItem(name), new QStandardItem(block ? block->info().title : use.block)});
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
    const auto cost =
        features::estimateExtraction(*plan, static_cast<features::CpuClass>(m_cpu->currentData().toInt()));
    m_price->setFacts({{tr("Instructions"), formatCount(std::llround(cost.instructions))},
                       {tr("Flash"), formatBytes(cost.flashBytes())},
                       {tr("Scratch RAM"), formatBytes(cost.scratchBytes)}});
}

} // namespace ember::gui
