// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/point_cloud.h"
#include "app/gui/plot/point_index.h"
#include "app/gui/plot/themed_plot.h"

#include <QPolygonF>

#include <functional>
#include <optional>

namespace ember::gui {

/// Points of a plane by category, to look at and to choose from. Dragging draws a lasso or a rectangle, with Ctrl it
/// adds to what is chosen; a click chooses one point, a double click or Enter opens it; the arrows go from point to
/// point. The wheel zooms at the mouse, Shift+wheel and the middle button move, F or a double click beside the points
/// fits, dragging on an axis scales it. Moving the mouse redraws only a thin layer over the points. GUI thread.
class ScatterPlot : public ThemedPlot
{
    Q_OBJECT

public:
    enum class Tool
    {
        Lasso,
        Rectangle
    };

    explicit ScatterPlot(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Replaces all points and fits. `equalUnits`: a unit is as long to the right as upwards, as on a map.
    void setPoints(std::vector<QPointF> points, std::vector<Category> categories, std::vector<int> categoryOf,
                   bool equalUnits);
    /// The same points, told apart by something else. What is chosen stays.
    void setCategories(std::vector<Category> categories, std::vector<int> categoryOf);
    void setHidden(int category, bool hidden);
    void setAxisLabels(const QString& x, const QString& y);
    void setTool(Tool tool) { m_tool = tool; }
    /// What is shown beside a point under the mouse, one line or more.
    void setReadOut(std::function<QString(std::size_t)> text) { m_readOut = std::move(text); }
    /// The lines of csv(), header first, for the points that are shown.
    void setCsv(std::function<QString()> csv) { m_csv = std::move(csv); }

    const std::vector<Category>& categories() const { return m_cloud->categories(); }
    const std::vector<QPointF>& points() const { return m_cloud->points(); }
    bool isShown(std::size_t point) const { return m_cloud->isShown(point); }
    /// Chosen points that are shown, ascending.
    std::vector<std::size_t> chosen() const;
    void choose(const std::vector<std::size_t>& points);
    std::optional<std::size_t> current() const { return m_current; }
    void setCurrent(std::optional<std::size_t> point);
    QPointF pixelOf(std::size_t point) const;
    void fit();

    QString csv() const override { return m_csv ? m_csv() : QString(); }

Q_SIGNALS:
    void chosenChanged();
    void currentChanged();
    void opened(std::size_t point);

protected:
    void applyTheme() override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum class Drag
    {
        None,
        Pressed, ///< not far enough to be more than a click
        Outline,
        Pan,
        ScaleX,
        ScaleY
    };

    std::optional<std::size_t> pointAt(const QPointF& pixel) const;
    void hover(const QPointF& pixel);
    void mark(QCPItemEllipse* ring, std::optional<std::size_t> point);
    void drawMarks();
    void growOutline(const QPointF& pixel);
    std::vector<std::size_t> insideOutline() const;
    void take(const std::vector<std::size_t>& points, bool add);
    void step(const QPointF& direction);
    void scale(QCPAxis* axis, const QPointF& pixel, double factor);
    void redrawOverlay();

    PointCloud* m_cloud;
    PointIndex m_index;
    QCPItemEllipse* m_hoverRing;
    QCPItemEllipse* m_currentRing;
    QCPItemText* m_text;
    QCPCurve* m_outlineCurve;
    QPolygonF m_outline; ///< pixels
    Tool m_tool = Tool::Lasso;
    Drag m_drag = Drag::None;
    QPointF m_pressedAt;
    QPointF m_lastAt;
    bool m_adds = false;
    bool m_equalUnits = false;
    bool m_fitted = true;
    std::optional<std::size_t> m_hovered;
    std::optional<std::size_t> m_current;
    std::function<QString(std::size_t)> m_readOut;
    std::function<QString()> m_csv;
};

} // namespace ember::gui
