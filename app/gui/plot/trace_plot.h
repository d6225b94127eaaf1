// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/band_layer.h"
#include "app/gui/plot/themed_plot.h"
#include "app/gui/plot/trace_source.h"

#include <memory>
#include <vector>

namespace ember::gui {

class TimeView;

/// Traces of a stream, one lane for each unit, over a shared time axis. Draws lowest and highest value per pixel
/// column, so a spike of one sample is seen at any zoom. The wheel zooms time at the mouse, shift+wheel moves, double
/// click fits, dragging in the plot moves, dragging on a value axis scales it (double click there: automatic again).
/// GUI thread.
class TracePlot : public ThemedPlot
{
    Q_OBJECT

public:
    /// Left margin of every lane, so that other strips over or under the plot can line up with it.
    static constexpr int kLeftMargin = 64;
    static constexpr int kRightMargin = 12;

    /// `time` outlives the plot.
    TracePlot(TimeView& time, const ThemeHub& theme, QWidget* parent = nullptr);

    /// Null shows nothing. Lanes are made anew only when the channels differ.
    void setSource(std::shared_ptr<TraceSource> source);
    TraceSource* source() const { return m_source.get(); }
    void setBands(std::vector<TraceBand> bands);

    /// Lines over all lanes at so many seconds.
    void setCursors(std::vector<double> seconds);

    /// Whether the times are written under the last lane; shown at first.
    void setTimeAxisShown(bool shown);

    /// Reads the visible stretch again and draws it. Call at each tick while live.
    void refresh();

    int laneCount() const { return static_cast<int>(m_lanes.size()); }
    /// For tests: points that channel `channel` is drawn with.
    int pointCount(int channel) const;
    int drawnBands() const { return m_bands->drawn(); }
    QCPRange valueRange(int lane) const;

    QString csv() const override;

Q_SIGNALS:
    /// A click without drag, in seconds.
    void clicked(double seconds);
    /// The user moved or zoomed by hand; a live view stops following.
    void touched();

protected:
    void applyTheme() override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Lane
    {
        QCPAxisRect* rect = nullptr;
        std::vector<int> channels;
        std::vector<QCPGraph*> graphs;
        QCPItemText* legend = nullptr;
        std::vector<QCPItemText*> names;
        bool manual = false; ///< scaled by hand
        QCPRange range{0, 1};
    };
    enum class Drag
    {
        None,
        Time,
        Value
    };

    void buildLanes();
    void buildLane(const QString& unit, const std::vector<int>& channels);
    void drawCursors();
    QCPItemLine* makeCursor();
    void placeTimeAxis();
    void refreshLane(Lane& lane, qint64 begin, qint64 end, int points);
    void scaleLane(Lane& lane, double least, double most);
    Lane* laneAt(const QPointF& at);
    bool onValueAxis(const QPointF& at) const { return at.x() < kLeftMargin; }
    double secondsAt(double x) const;

    TimeView& m_time;
    std::shared_ptr<TraceSource> m_source;
    std::vector<Lane> m_lanes;
    BandLayer* m_bands;                  ///< the plot's
    std::vector<QCPItemLine*> m_cursors; ///< of the lanes: made anew with them
    std::vector<double> m_cursorSeconds;
    bool m_timeAxisShown = true;
    Drag m_drag = Drag::None;
    Lane* m_dragLane = nullptr;
    QPointF m_pressedAt;
    QPointF m_lastAt;
};

} // namespace ember::gui
