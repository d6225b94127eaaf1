// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/compare/compare_page.h"

#include "app/gui/compare/run_curves.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/run_model.h"
#include "app/gui/train/run_result.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/source_mark.h"
#include "app/gui/widgets/table.h"
#include "core/workflow/compare_runs.h"
#include "core/workflow/run_costs.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kTableHeight = 240;
constexpr int kMark = 12;

const Setting<QString> kBoard{"compare/board", QStringLiteral("mps2-an386")};
const Setting<int> kAxis{"compare/axis", 0, [](int axis) { return axis >= 0 && axis <= 2; }};
const Setting<bool> kCurves{"compare/curves", false};

/// A p-value as it is worth telling.
QString chanceText(double p)
{
    return p < 0.001 ? ComparePage::tr("p < 0.001") : ComparePage::tr("p = %1").arg(p, 0, 'f', 3);
}

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
    , m_curves(new RunCurves(context.theme))
    , m_views(new QStackedWidget)
    , m_costsButton(makeButton(tr("Score and cost")))
    , m_curvesButton(makeButton(tr("Curves")))
    , m_axisTitle(makeLabel(tr("Score against"), "muted"))
    , m_boardTitle(makeLabel(tr("on"), "muted"))
    , m_hint(makeLabel({}, "muted"))
    , m_board(new QComboBox)
    , m_axis(new QComboBox)
    , m_inspector(new RunInspector)
    , m_empty(new EmptyState(QStringLiteral("compare"), tr("No runs to compare"),
                             tr("Every training is a run with its scores and what it costs on a board.")))
{
    buildTable();
    buildFilters();
    buildViews();
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

void ComparePage::buildTable()
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(RunModel::SortRole);
    m_table->setModel(m_sorted);
    m_table->setObjectName(QStringLiteral("compare-runs"));
    prepareTable(m_table, context().theme);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    auto* costs = new CostDelegate(context().theme, m_table);
    for (const int column : {RunModel::Flash, RunModel::Ram, RunModel::Instructions})
        m_table->setItemDelegateForColumn(column, costs);
    m_table->hideColumn(RunModel::Board); // it is the chosen one
    m_table->sortByColumn(RunModel::F1, Qt::DescendingOrder);
    addTableMenu(m_table, QStringLiteral("runs"), [this] {
        return QStringLiteral("emberlab compare --project '%1' --target %2").arg(context().project.path(), board());
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ComparePage::showCurrent);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ComparePage::drawChosen);
    connect(m_plot, &ScoreCostPlot::runClicked, this, &ComparePage::select);
}

void ComparePage::buildViews()
{
    const int margin = context().theme.metrics().m;
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    auto* costs = new QWidget;
    auto* inside = plainLayout<QVBoxLayout>(costs, 0);
    inside->addWidget(m_plot, 1);
    inside->addWidget(m_hint, 1);
    m_views->addWidget(costs);
    m_views->addWidget(m_curves);
    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, margin)->addWidget(m_views);
    setContent(frame);
    showCurves(context().settings.get(kCurves));
}

void ComparePage::showCurves(bool curves)
{
    (curves ? m_curvesButton : m_costsButton)->setChecked(true);
    m_views->setCurrentIndex(curves ? 1 : 0);
    m_axis->setVisible(!curves);
    m_axisTitle->setVisible(!curves);
    m_boardTitle->setText(curves ? tr("Costs on") : tr("on"));
    drawChosen();
}

void ComparePage::buildFilters()
{
    auto* views = new QButtonGroup(this);
    for (QPushButton* button : {m_costsButton, m_curvesButton}) {
        button->setCheckable(true);
        views->addButton(button);
        filters()->addWidget(button);
    }
    m_costsButton->setObjectName(QStringLiteral("compare-costs"));
    m_costsButton->setToolTip(tr("What each run scores, against what its model costs"));
    m_curvesButton->setObjectName(QStringLiteral("compare-curves"));
    m_curvesButton->setToolTip(tr("ROC, precision and recall, DET and calibration of the chosen runs"));
    connect(views, &QButtonGroup::buttonClicked, this, [this](const QAbstractButton* button) {
        context().settings.set(kCurves, button == m_curvesButton);
        showCurves(button == m_curvesButton);
    });
    if (auto boards = device::loadBoards())
        m_boards = std::move(*boards);
    for (const device::Board& board : m_boards)
        m_board->addItem(board.name, board.id);
    m_board->setObjectName(QStringLiteral("compare-board"));
    m_board->setToolTip(tr("The board whose costs are shown"));
    m_board->setCurrentIndex(std::max(0, m_board->findData(context().settings.get(kBoard))));
    m_axis->addItems({tr("flash"), tr("RAM"), tr("instructions")});
    m_axis->setObjectName(QStringLiteral("compare-axis"));
    m_axis->setToolTip(tr("What the runs are laid out by"));
    m_axis->setCurrentIndex(context().settings.get(kAxis));
    connect(m_board, &QComboBox::activated, this, [this] {
        context().settings.set(kBoard, board());
        contentChanged();
    });
    connect(m_axis, &QComboBox::activated, this, [this] {
        context().settings.set(kAxis, m_axis->currentIndex());
        showPoints();
    });
    filters()->addStretch(1);
    filters()->addWidget(m_axisTitle);
    filters()->addWidget(m_axis);
    filters()->addWidget(m_boardTitle);
    filters()->addWidget(m_board);
}

QString ComparePage::board() const
{
    return m_board->currentData().toString();
}

CostAxis ComparePage::axis() const
{
    return static_cast<CostAxis>(m_axis->currentIndex());
}

void ComparePage::activated()
{
    contentChanged();
}

void ComparePage::contentChanged()
{
    m_model->setBoard(board());
    m_model->load(context().project.isOpen() ? &context().project.project() : nullptr);
    showEmpty(m_model->rowCount() == 0);
    showPoints();
    if (!m_table->currentIndex().isValid() && m_sorted->rowCount() > 0)
        m_table->setCurrentIndex(m_sorted->index(0, 0));
    showCurrent();
    drawChosen();
    if (isVisible() && m_model->rowCount() > 0) {
        estimateMissing();
        compareWithBest();
    }
}

void ComparePage::estimateMissing()
{
    const QString wanted = QStringLiteral("%1 %2 %3").arg(context().project.path(), board()).arg(m_model->rowCount());
    if (wanted == m_estimated || !context().project.isWritable())
        return;
    m_estimated = wanted;
    context().jobs.runQuietly<workflow::RunEstimates>(
        [path = context().project.path(), board = board()](const JobContext& job) {
            return workflow::estimateRuns(path, board, {job.progress, job.cancel});
        },
        this,
        [this, wanted](const Result<workflow::RunEstimates>& done) {
            if (wanted != m_estimated)
                return;
            m_skipped = done ? done->skipped.join(QLatin1Char('\n')) : done.error().toString();
            if (done && done->made > 0)
                context().project.announceChange();
            else
                showPoints();
        });
}

void ComparePage::compareWithBest()
{
    QStringList states;
    for (int row = 0; row < m_model->rowCount(); ++row)
        states << QStringLiteral("%1:%2").arg(m_model->at(row)->id.value).arg(int(m_model->at(row)->status));
    const QString wanted = context().project.path() + QLatin1Char(' ') + states.join(QLatin1Char(' '));
    if (wanted == m_compared)
        return;
    m_compared = wanted;
    context().jobs.runQuietly<std::vector<workflow::ComparedRun>>(
        [path = context().project.path()](const JobContext& job) {
            workflow::CompareRequest request;
            request.project = path;
            return workflow::compareRuns(request, {job.progress, job.cancel});
        },
        this,
        [this, wanted](const Result<std::vector<workflow::ComparedRun>>& done) {
            if (!done || wanted != m_compared)
                return;
            QHash<qint64, std::pair<QString, QString>> words;
            for (const workflow::ComparedRun& run : *done) {
                std::pair<QString, QString>& word = words[run.run.id.value];
                if (run.isBest) {
                    word = {tr("best"), tr("The highest macro F1 of the runs that finished")};
                } else if (run.againstBest) {
                    const workflow::PairedDifference& d = *run.againstBest;
                    word = {
                        chanceText(d.test.pValue),
                        tr("F1 is lower by %1, 95 % interval %2 to %3. %4 windows only the best gets right, %5 only "
                           "this one; McNemar's exact test.")
                            .arg(d.f1, 0, 'f', 3)
                            .arg(d.f1Difference95.low, 0, 'f', 3)
                            .arg(d.f1Difference95.high, 0, 'f', 3)
                            .arg(d.test.onlyFirst)
                            .arg(d.test.onlySecond)};
                } else {
                    word = {QStringLiteral("–"), run.reason};
                }
            }
            m_model->setDifferences(std::move(words));
        });
}

void ComparePage::showPoints()
{
    const int column = RunModel::Flash + m_axis->currentIndex();
    std::vector<ScoreCostPoint> points;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const dataset::Run* run = m_model->at(row);
        const RunScores* scores = m_model->scoresAt(row);
        const double cost = m_model->index(row, column).data(RunModel::SortRole).toDouble();
        if (scores->hasF1 && cost >= 0)
            points.push_back({run->id.value, run->name, cost, scores->f1, scores->f1Low, scores->f1High,
                              m_model->index(row, column).data(RunModel::SourceRole).toInt()});
    }
    double limit = 0;
    for (const device::Board& known : m_boards) {
        if (known.id == board() && axis() != CostAxis::Instructions)
            limit = static_cast<double>(axis() == CostAxis::Flash ? known.flashBytes : known.ramBytes);
    }
    m_hint->setText(m_skipped.isEmpty() ? tr("No run has costs on this board yet.")
                                        : tr("No run has costs on this board.\n%1").arg(m_skipped));
    m_plot->setVisible(!points.empty());
    m_hint->setVisible(points.empty());
    m_plot->setPoints(axis(), std::move(points), limit);
}

void ComparePage::showCurrent()
{
    const int row = m_sorted->mapToSource(m_table->currentIndex()).row();
    const dataset::Run* run = m_model->at(row);
    m_inspector->show(run, m_model->scoresAt(row));
    m_plot->setSelected(run ? run->id.value : 0);
}

// In the order of the table, so that the better runs are drawn where not all can be.
void ComparePage::drawChosen()
{
    if (m_views->currentWidget() != m_curves)
        return;
    QModelIndexList chosen = m_table->selectionModel()->selectedRows();
    std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.row() < b.row(); });
    std::vector<RunCurves::Entry> runs;
    for (const QModelIndex& index : chosen) {
        const int row = m_sorted->mapToSource(index).row();
        if (const dataset::Run* run = m_model->at(row))
            runs.push_back({tr("%1, %2").arg(run->name, run->trainer), *m_model->scoresAt(row)});
    }
    m_curves->setRuns(std::move(runs));
    m_curves->plot()->setCommandLine(
        QStringLiteral("emberlab compare --project '%1' --target %2").arg(context().project.path(), board()));
}

void ComparePage::select(qint64 run)
{
    const int row = m_model->rowOf(dataset::RunId{run});
    if (row >= 0)
        m_table->setCurrentIndex(m_sorted->mapFromSource(m_model->index(row, 0)));
}

} // namespace ember::gui
