// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/themed_plot.h"

#include <QString>

#include <optional>
#include <vector>

namespace ember::gui {

/// What runs are laid out by.
enum class CostAxis
{
    Flash,
    Ram,
    Instructions
};

/// A run as a point: what it scores and what it costs.
struct ScoreCostPoint
{
    qint64 run = 0;
    QString name;
    double cost = 0; ///< on the plot's axis
    double score = 0;
    double scoreLow = 0;
    double scoreHigh = 0;
    int source = 0; ///< footprint::CostSource as int
};

/// Runs by score and one cost, with the interval of the score; the runs that no other one beats in both are joined.
/// Click selects a run. GUI thread.
class ScoreCostPlot : public ThemedPlot
{
    Q_OBJECT

public:
    explicit ScoreCostPlot(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `limit` is what the board has of it, drawn as a line where it is near; 0: none.
    void setPoints(CostAxis axis, std::vector<ScoreCostPoint> points, double limit = 0);
    void setSelected(qint64 run);
    /// Runs on the front, by cost: nothing is at once cheaper and better.
    static std::vector<ScoreCostPoint> front(std::vector<ScoreCostPoint> points);

    QString csv() const override;

Q_SIGNALS:
    void runClicked(qint64 run);

protected:
    void applyTheme() override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void draw();
    void fit();
    std::optional<ScoreCostPoint> pointAt(const QPointF& at) const;

    std::vector<ScoreCostPoint> m_points;
    CostAxis m_axis = CostAxis::Flash;
    double m_limit = 0;
    qint64 m_selected = 0;
    QCPGraph* m_all;
    QCPErrorBars* m_bars;
    QCPGraph* m_front;
    QCPGraph* m_chosen;
    QCPItemStraightLine* m_budget;
};

} // namespace ember::gui
