// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/compare/compare_page.h"

#include "app/gui/compare/score_cost_plot.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/run_model.h"
#include "app/gui/train/run_result.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/source_mark.h"
#include "app/gui/widgets/table.h"

#include <QPainter>
#include <QSortFilterProxyModel>
#include <QTableView>

namespace ember::gui {
namespace {

constexpr int kTableHeight = 240;
constexpr int kMark = 12;

/// A cost with the ring of its source before it.
class CostDelegate : public QStyledItemDelegate
{
public:
    CostDelegate(const ThemeHub& theme, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const int source = index.data(RunModel::SourceRole).toInt();
        if (source < 0)
            return;
        const QRectF area(option.rect.left() + m_theme.metrics().xs, option.rect.center().y() - kMark / 2.0 + 1, kMark,
                          kMark);
        paintSourceMark(*painter, area, static_cast<footprint::CostSource>(source), m_theme.colours().muted);
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(kMark + m_theme.metrics().s, 0);
    }

private:
    const ThemeHub& m_theme;
};

} // namespace

ComparePage::ComparePage(AppContext& context)
    : Page(QStringLiteral("compare"), tr("Compare"), QStringLiteral("compare"), context)
    , m_model(new RunModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_table(new QTableView)
    , m_plot(new ScoreCostPlot(context.theme))
    , m_hint(makeLabel(tr("Choose a run and a board on the Deploy page; its costs then appear here."), "muted"))
    , m_inspector(new RunInspector)
    , m_empty(new EmptyState(QStringLiteral("compare"), tr("No runs to compare"),
                             tr("Every training is a run with its scores and what it costs on a board.")))
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(RunModel::SortRole);
    m_table->setModel(m_sorted);
    m_table->setObjectName(QStringLiteral("compare-runs"));
    prepareTable(m_table, context.theme);
    auto* costs = new CostDelegate(context.theme, m_table);
    for (const int column : {RunModel::Flash, RunModel::Ram, RunModel::Instructions})
        m_table->setItemDelegateForColumn(column, costs);
    m_table->sortByColumn(RunModel::F1, Qt::DescendingOrder);
    addTableMenu(m_table, QStringLiteral("runs"), [this] {
        return QStringLiteral("emberlab compare --json --project '%1'").arg(this->context().project.path());
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ComparePage::showCurrent);
    connect(m_plot, &ScoreCostPlot::runClicked, this, &ComparePage::select);

    m_hint->setAlignment(Qt::AlignCenter);
    auto* plotFrame = makeFrame("panel");
    auto* inside = plainLayout<QVBoxLayout>(plotFrame, 0, context.theme.metrics().m);
    inside->addWidget(m_plot, 1);
    inside->addWidget(m_hint, 1);
    setContent(plotFrame);
    auto* tableFrame = makeFrame("panel");
    plainLayout<QVBoxLayout>(tableFrame, 0, 1)->addWidget(m_table);
    setInspector(m_inspector);
    setSecondary(tableFrame, kTableHeight);

    auto* train = new QAction(tr("Go to Train"), this);
    connect(train, &QAction::triggered, this, [this] { this->context().navigator.go(QStringLiteral("train")); });
    m_empty->setMainAction(train);
    setEmptyState(m_empty);
    setNeedsProject();
    connect(m_inspector, &RunInspector::deployClicked, &context.navigator, &Navigator::deployRun);
}

void ComparePage::contentChanged()
{
    m_model->load(context().project.isOpen() ? &context().project.project() : nullptr);
    showEmpty(m_model->rowCount() == 0);
    std::vector<ScoreCostPoint> points;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const dataset::Run* run = m_model->at(row);
        const RunScores* scores = m_model->scoresAt(row);
        const double flash = m_model->index(row, RunModel::Flash).data(RunModel::SortRole).toDouble();
        if (scores->isValid && flash >= 0)
            points.push_back({run->id.value, run->name, flash, scores->f1, scores->f1Low, scores->f1High,
                              m_model->index(row, RunModel::Flash).data(RunModel::SourceRole).toInt()});
    }
    m_plot->setVisible(!points.empty());
    m_hint->setVisible(points.empty());
    m_plot->setPoints(std::move(points));
    if (!m_table->currentIndex().isValid() && m_sorted->rowCount() > 0)
        m_table->setCurrentIndex(m_sorted->index(0, 0));
    showCurrent();
}

void ComparePage::showCurrent()
{
    const int row = m_sorted->mapToSource(m_table->currentIndex()).row();
    const dataset::Run* run = m_model->at(row);
    m_inspector->show(run, m_model->scoresAt(row));
    m_plot->setSelected(run ? run->id.value : 0);
}

void ComparePage::select(qint64 run)
{
    const int row = m_model->rowOf(dataset::RunId{run});
    if (row >= 0)
        m_table->setCurrentIndex(m_sorted->mapFromSource(m_model->index(row, 0)));
}

} // namespace ember::gui
