// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/compare/score_cost_plot.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr double kReach = 12; ///< pixels around a point that count as it
constexpr double kRunDot = 9;
constexpr double kZoomStep = 1.2;

/// Ticks at powers of two and their multiples, so that the labels are round in KiB.
class BytesTicker : public QCPAxisTicker
{
protected:
    double getTickStep(const QCPRange& range) override
    {
        return std::max(1.0, std::exp2(std::ceil(std::log2(range.size() / (tickCount() + 1)))));
    }

    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return tick < 0 ? QString() : formatBytes(static_cast<qint64>(std::llround(tick)));
    }
};

QString costName(CostAxis axis)
{
    switch (axis) {
    case CostAxis::Ram:
        return QStringLiteral("ram_bytes");
    case CostAxis::Instructions:
        return QStringLiteral("instructions");
    case CostAxis::Flash:
        break;
    }
    return QStringLiteral("flash_bytes");
}

class CountTicker : public QCPAxisTicker
{
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return tick < 0 ? QString() : formatCount(static_cast<qint64>(std::llround(tick)));
    }
};

} // namespace

ScoreCostPlot::ScoreCostPlot(const ThemeHub& theme, QWidget* parent)
    : ThemedPlot(theme, parent)
    , m_all(addGraph())
    , m_bars(new QCPErrorBars(xAxis, yAxis))
    , m_front(addGraph())
    , m_chosen(addGraph())
    , m_budget(new QCPItemStraightLine(this))
{
    setExportName(QStringLiteral("score-cost"));
    setWhatsThis(tr("Every run that has costs on the board: the cost to the right, macro F1 with its 95 % interval "
                    "upwards. The line joins the runs that no other one beats in both."));
    m_bars->setDataPlottable(m_all);
    m_front->setLineStyle(QCPGraph::lsStepLeft);
    m_all->setLineStyle(QCPGraph::lsNone);
    m_chosen->setLineStyle(QCPGraph::lsNone);
    yAxis->setLabel(tr("Macro F1"));
    m_budget->setVisible(false);
    setMinimumHeight(160);
    applyTheme();
}

void ScoreCostPlot::applyTheme()
{
    ThemedPlot::applyTheme();
    const ThemeColours& c = theme().colours();
    m_all->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(c.plot, 1), c.share, kRunDot));
    m_chosen->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(c.accent, 2), Qt::NoBrush, kRunDot + 6));
    m_bars->setPen(QPen(c.muted, 1));
    m_front->setPen(QPen(c.share, 1, Qt::DashLine));
    m_budget->setPen(QPen(c.bad, 1, Qt::DotLine));
    for (QCPAxis* axis : {xAxis, yAxis})
        axis->setBasePen(QPen(c.plotAxis, 1));
}

std::vector<ScoreCostPoint> ScoreCostPlot::front(std::vector<ScoreCostPoint> points)
{
    std::sort(points.begin(), points.end(), [](const ScoreCostPoint& a, const ScoreCostPoint& b) {
        return a.cost != b.cost ? a.cost < b.cost : a.score > b.score;
    });
    std::vector<ScoreCostPoint> best;
    for (const ScoreCostPoint& point : points) {
        if (best.empty() || point.score > best.back().score)
            best.push_back(point);
    }
    return best;
}

void ScoreCostPlot::setPoints(CostAxis axis, std::vector<ScoreCostPoint> points, double limit)
{
    m_axis = axis;
    m_limit = limit;
    m_points = std::move(points);
    // Graphs sort by key and error bars do not: both get the points in the same order.
    std::stable_sort(m_points.begin(), m_points.end(),
                     [](const ScoreCostPoint& a, const ScoreCostPoint& b) { return a.cost < b.cost; });
    const bool bytes = axis != CostAxis::Instructions;
    xAxis->setLabel(axis == CostAxis::Flash ? tr("Flash on the board")
                    : axis == CostAxis::Ram ? tr("RAM on the board")
                                            : tr("Instructions per window"));
    xAxis->setTicker(
        QSharedPointer<QCPAxisTicker>(bytes ? static_cast<QCPAxisTicker*>(new BytesTicker) : new CountTicker));
    m_budget->setVisible(limit > 0);
    m_budget->point1->setCoords(limit, 0);
    m_budget->point2->setCoords(limit, 1);
    draw();
    fit();
}

void ScoreCostPlot::setSelected(qint64 run)
{
    m_selected = run;
    draw();
}

void ScoreCostPlot::draw()
{
    QVector<double> cost, score, below, above, frontCost, frontScore, chosenCost, chosenScore;
    for (const ScoreCostPoint& point : m_points) {
        cost << point.cost;
        score << point.score;
        below << point.score - point.scoreLow;
        above << point.scoreHigh - point.score;
        if (point.run == m_selected) {
            chosenCost << point.cost;
            chosenScore << point.score;
        }
    }
    for (const ScoreCostPoint& point : front(m_points)) {
        frontCost << point.cost;
        frontScore << point.score;
    }
    m_all->setData(cost, score);
    m_bars->setData(below, above);
    m_front->setData(frontCost, frontScore);
    m_chosen->setData(chosenCost, chosenScore);
    replot(QCustomPlot::rpQueuedReplot);
}

void ScoreCostPlot::fit()
{
    double most = 1;
    double lowest = 1;
    for (const ScoreCostPoint& point : m_points) {
        most = std::max(most, point.cost);
        lowest = std::min(lowest, point.scoreLow);
    }
    // A limit that is far away says nothing and would squeeze the runs into a corner.
    const bool near = m_limit > 0 && m_limit < 3 * most;
    xAxis->setRange(0, (near ? std::max(most, m_limit) : most) * 1.1);
    yAxis->setRange(std::max(0.0, lowest - 0.05), 1.02);
    replot(QCustomPlot::rpQueuedReplot);
}

std::optional<ScoreCostPoint> ScoreCostPlot::pointAt(const QPointF& at) const
{
    std::optional<ScoreCostPoint> nearest;
    double reach = kReach;
    for (const ScoreCostPoint& point : m_points) {
        const double away =
            std::hypot(xAxis->coordToPixel(point.cost) - at.x(), yAxis->coordToPixel(point.score) - at.y());
        if (away <= reach) {
            reach = away;
            nearest = point;
        }
    }
    return nearest;
}

void ScoreCostPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    if (const auto point = pointAt(event->position()))
        Q_EMIT runClicked(point->run);
}

void ScoreCostPlot::mouseDoubleClickEvent(QMouseEvent*)
{
    fit();
}

void ScoreCostPlot::wheelEvent(QWheelEvent* event)
{
    const double factor = std::pow(kZoomStep, -event->angleDelta().y() / 120.0);
    xAxis->scaleRange(factor, xAxis->pixelToCoord(event->position().x()));
    replot(QCustomPlot::rpQueuedReplot);
    event->accept();
}

QString ScoreCostPlot::csv() const
{
    QString text = csvLine({QStringLiteral("run"), costName(m_axis), QStringLiteral("f1"), QStringLiteral("f1_low95"),
                            QStringLiteral("f1_high95")});
    for (const ScoreCostPoint& point : m_points)
        text += csvLine({point.name, QString::number(point.cost), QString::number(point.score),
                         QString::number(point.scoreLow), QString::number(point.scoreHigh)});
    return text;
}

} // namespace ember::gui
