// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/feature_panel.h"

#include "app/gui/plot/bar_list.h"
#include "app/gui/plot/correlation_map.h"
#include "app/gui/plot/density_plot.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QComboBox>
#include <QMenu>
#include <QScrollArea>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

const Setting<int> kRankBy{"explorer/rank-by", 0, [](int i) { return i >= 0 && i <= 3; }};

constexpr int kListHeight = 200;
constexpr Eigen::Index kMostDensityValues = 2'000; ///< of each class; more would not change the curve

QString numberText(double value)
{
    return std::isinf(value) ? QStringLiteral("∞") : QString::number(value, 'g', 3);
}

} // namespace

FeaturePanel::FeaturePanel(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_rankBy(new QComboBox)
    , m_note(makeLabel({}, "muted"))
    , m_scroll(new QScrollArea)
    , m_bars(new BarList(context.theme))
    , m_density(new DensityPlot(context.theme))
    , m_correlations(new CorrelationMap(context.theme))
{
    m_rankBy->addItems({tr("mutual information"), tr("F ratio"), tr("variance"), tr("importance in a run")});
    m_rankBy->setItemData(MutualInformation, tr("Bits that the feature alone tells of the label"), Qt::ToolTipRole);
    m_rankBy->setItemData(FRatio, tr("Variance between classes over variance within"), Qt::ToolTipRole);
    m_rankBy->setItemData(Importance, tr("How much F1 the run's model loses when the feature is shuffled"),
                          Qt::ToolTipRole);
    m_rankBy->setObjectName(QStringLiteral("rank-by"));
    m_rankBy->setCurrentIndex(context.settings.get(kRankBy));
    m_note->setWordWrap(true);
    m_note->hide();
    m_bars->setObjectName(QStringLiteral("feature-bars"));
    m_bars->setContextMenuPolicy(Qt::CustomContextMenu);
    m_scroll->setWidget(m_bars);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFixedHeight(kListHeight);
    m_scroll->viewport()->setAutoFillBackground(false); // the ground of the panel
    m_bars->setAutoFillBackground(false);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_correlations->setObjectName(QStringLiteral("correlations"));

    auto* column = plainLayout<QVBoxLayout>(this, context.theme.metrics().s);
    auto* head = new QHBoxLayout;
    head->addWidget(makeLabel(tr("by"), "muted"));
    head->addWidget(m_rankBy, 1);
    column->addLayout(head);
    column->addWidget(m_note);
    column->addWidget(m_scroll);
    column->addWidget(makeLabel(tr("Distribution by class"), "heading"));
    column->addWidget(m_density);
    column->addWidget(makeLabel(tr("Correlation of features"), "heading"));
    column->addWidget(m_correlations);

    connect(m_rankBy, &QComboBox::activated, this, [this] {
        m_context.settings.set(kRankBy, m_rankBy->currentIndex());
        if (m_importance && !*m_importance)
            m_importance.reset(); // cancelled, say: asked for again
        rank();
    });
    connect(m_bars, &BarList::chosenChanged, this, &FeaturePanel::chooseFeature);
    connect(m_bars, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        Exportable source = m_bars->exportable(m_rankBy->currentText());
        source.view = m_bars;
        source.commandLine = [this] {
            return QStringLiteral("emberlab features --rank --project '%1'").arg(m_context.project.path());
        };
        fillExportMenu(*menu, source);
        menu->popup(m_bars->mapToGlobal(at));
    });
    connect(m_correlations, &CorrelationMap::pairChosen, this, &FeaturePanel::pairChosen);
}

FeaturePanel::Rank FeaturePanel::rankBy() const
{
    return static_cast<Rank>(m_rankBy->currentIndex());
}

void FeaturePanel::setData(std::shared_ptr<const ExplorerData> shown)
{
    m_data = std::move(shown);
    m_importance.reset();
    m_computing = false;
    ++m_request;
    if (!m_data)
        return;
    m_correlations->setValues(m_data->set.matrix.featureNames, m_data->correlations);
    const int columns = static_cast<int>(m_data->set.matrix.columns);
    if (m_bars->chosen() < 0 || m_bars->chosen() >= columns)
        m_bars->setChosen(m_data->ranking.empty() ? -1 : static_cast<int>(m_data->ranking.front().column));
    rank();
    showDistribution();
}

void FeaturePanel::setRun(const dataset::Run* run)
{
    const bool same = run ? m_run && m_run->id == run->id : !m_run;
    if (run)
        m_run = *run;
    else
        m_run.reset();
    if (same)
        return;
    m_importance.reset();
    m_computing = false;
    ++m_request;
    if (m_data)
        rank();
}

void FeaturePanel::chooseFeature(int column)
{
    m_bars->setChosen(column);
    m_scroll->ensureVisible(0, m_bars->lineOf(column).center().y());
    showDistribution();
}

void FeaturePanel::rank()
{
    m_note->hide();
    if (rankBy() == Importance)
        rankByImportance();
    else
        rankByScore();
}

void FeaturePanel::rankByScore()
{
    std::vector<BarList::Bar> bars;
    for (const workflow::RankedFeature& feature : m_data->ranking) {
        const double value = rankBy() == FRatio     ? feature.score.fRatio
                             : rankBy() == Variance ? feature.score.variance
                                                    : feature.score.mutualInformation;
        bars.push_back({feature.name, value, numberText(value), static_cast<int>(feature.column)});
    }
    std::stable_sort(bars.begin(), bars.end(),
                     [](const BarList::Bar& a, const BarList::Bar& b) { return a.value > b.value; });
    m_bars->setBars(std::move(bars));
}

void FeaturePanel::rankByImportance()
{
    const auto tell = [this](const QString& text) {
        m_note->setText(text);
        m_note->show();
    };
    if (!m_run) {
        m_bars->setBars({});
        tell(tr("No run has finished yet. Train one to see what its model loses without each feature."));
        return;
    }
    if (!m_importance) {
        m_bars->setBars({});
        tell(tr("Shuffling the features of %1…").arg(m_run->name));
        computeImportance();
        return;
    }
    if (!*m_importance) {
        m_bars->setBars({});
        tell(m_importance->error().toString());
        return;
    }
    const workflow::Importance& importance = **m_importance;
    std::vector<BarList::Bar> bars;
    for (std::size_t i = 0; i < importance.features.size(); ++i) {
        const double drop = importance.features[i].drop;
        bars.push_back({m_data->set.matrix.featureNames.value(static_cast<qsizetype>(i)), drop,
                        QString::number(drop, 'f', 3), static_cast<int>(i)});
    }
    std::stable_sort(bars.begin(), bars.end(),
                     [](const BarList::Bar& a, const BarList::Bar& b) { return a.value > b.value; });
    m_bars->setBars(std::move(bars));
    tell(importance.heldOut
             ? tr("Loss of macro F1 of %1 on %2 windows it was not trained on.")
                   .arg(m_run->name, formatCount(importance.rows))
             : tr("Loss of macro F1 of %1 on %2 windows that its model was also trained on: more than it would be on "
                  "new ones.")
                   .arg(m_run->name, formatCount(importance.rows)));
}

void FeaturePanel::computeImportance()
{
    if (m_computing)
        return;
    m_computing = true;
    const quint64 number = ++m_request;
    m_context.jobs.run<workflow::Importance>(
        tr("Importance of features in %1").arg(m_run->name),
        [data = m_data, path = m_context.project.path(),
         id = m_run->id](const JobContext& job) -> Result<workflow::Importance> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return workflow::permutationImportance(project, id, data->set, {}, {job.progress, job.cancel});
        },
        this,
        [this, number](const Result<workflow::Importance>& made) {
            if (number != m_request)
                return;
            m_computing = false;
            m_importance = made;
            if (rankBy() == Importance)
                rank();
        });
}

void FeaturePanel::showDistribution()
{
    if (!m_data)
        return;
    const int column = m_bars->chosen();
    const learn::Matrix& matrix = m_data->set.matrix;
    const Colouring colouring = colouringOf(*m_data, ColourBy::Label, nullptr);
    std::vector<std::vector<float>> values(colouring.categories.size());
    if (column >= 0 && column < static_cast<int>(matrix.columns)) {
        for (std::size_t row = 0; row < matrix.rows(); ++row) {
            const float value = matrix.row(row)[static_cast<std::size_t>(column)];
            const auto klass = static_cast<std::size_t>(colouring.categoryOf[row]);
            if (std::isfinite(value) && klass < values.size())
                values[klass].push_back(value);
        }
    }
    for (std::vector<float>& of : values) {
        std::sort(of.begin(), of.end());
        std::vector<float> some;
        for (const Eigen::Index i : explore::spread(static_cast<Eigen::Index>(of.size()), kMostDensityValues))
            some.push_back(of[static_cast<std::size_t>(i)]);
        of = std::move(some);
    }
    m_density->setValues(matrix.featureNames.value(column), colouring.categories, std::move(values));
}

} // namespace ember::gui
