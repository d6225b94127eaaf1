// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/label_table.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace ember::gui {

class ThemeHub;
class TimeView;

/// The segments of one recording, a lane for each label set, in step with the traces below. Drag on an empty place
/// makes a segment, drag on an edge resizes it, drag on its middle moves it, click selects it. Says what the user
/// wants; whoever owns the project does it. GUI thread.
class LabelLanes : public QWidget
{
    Q_OBJECT

public:
    LabelLanes(TimeView& time, const ThemeHub& theme, QWidget* parent = nullptr);

    struct Content
    {
        std::vector<dataset::LabelSet> sets;
        std::vector<dataset::Label> labels;
        std::vector<dataset::Segment> segments;
        qint64 endRow = 0; ///< of the recording
        double rate = 1.0; ///< rows per second
        bool writable = false;
    };
    /// Keeps the selection when the segment is still there.
    void setContent(const Content& content);

    std::optional<dataset::Segment> selected() const;
    void select(dataset::SegmentId id);
    /// A line at `row`, and a stretch back to where a label was begun.
    void setMark(std::optional<qint64> row, std::optional<qint64> begunAt);
    /// A label that somebody has yet to accept: drawn hollow in the lane of the active set.
    struct Proposal
    {
        qint64 begin = 0;
        qint64 end = 0;
        QString label;
        bool isCurrent = false;
    };
    void setProposals(std::vector<Proposal> proposals);
    const std::vector<Proposal>& proposals() const { return m_proposals; }
    /// The set that the keys work on; its lane is marked. Invalid: none.
    void setActiveSet(dataset::LabelSetId set);
    /// Rows that edges are drawn to, besides ends of other labels and the cursor; sorted. They are shown as ticks.
    void setChanges(std::vector<qint64> rows);
    const std::vector<qint64>& changes() const { return m_changes; }
    /// Whether edges that are dragged go to what is near. Ctrl does the opposite while it is held.
    void setSnapping(bool snaps);
    bool isSnapping() const { return m_snaps; }
    /// Where a row is on the screen; for tests.
    double xOf(qint64 row) const;
    int laneTop(int lane) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void selectionChanged();
    void segmentDrawn(ember::dataset::LabelSetId set, qint64 begin, qint64 end);
    void segmentChanged(const ember::dataset::Segment& changed);
    /// A lane was pressed: its set is what the user works on.
    void laneChosen(ember::dataset::LabelSetId set);
    /// The right button; the label under it is selected.
    void menuWanted(const QPoint& globalPosition);

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    enum class Grip
    {
        None,
        Draw,
        Begin,
        End,
        Move
    };
    struct Hit
    {
        int segment = -1; ///< index into content.segments
        Grip grip = Grip::None;
    };

    Hit hitAt(const QPointF& at) const;
    int laneAt(double y) const;
    int laneOf(const dataset::Segment& segment) const;
    const dataset::Label* labelOf(const dataset::Segment& segment) const;
    qint64 rowAt(double x) const;
    qint64 edgeAt(const QMouseEvent& event) const;
    qint64 snapped(qint64 row, Qt::KeyboardModifiers modifiers) const;
    void collectSnapTargets(dataset::SegmentId without);
    void dragTo(const QMouseEvent& event);
    void paintLane(QPainter& painter, const QRectF& room, int lane) const;
    void paintChanges(QPainter& painter) const;
    void paintCursor(QPainter& painter) const;
    void paintSegments(QPainter& painter) const;
    void paintProposals(QPainter& painter) const;
    bool isInView(qint64 begin, qint64 end) const;
    int activeLane() const;
    void paintSegment(QPainter& painter, const dataset::Segment& segment) const;
    QRectF rectOf(const dataset::Segment& segment) const;

    TimeView& m_time;
    const ThemeHub& m_theme;
    Content m_content;
    std::vector<Proposal> m_proposals;
    dataset::SegmentId m_selected;
    std::optional<qint64> m_cursor;
    std::optional<qint64> m_begunAt;
    Grip m_grip = Grip::None;
    dataset::Segment m_dragged; ///< what the drag has made of the segment so far
    dataset::Segment m_before;
    int m_drawLane = 0;
    qint64 m_pressedRow = 0;
    dataset::LabelSetId m_activeSet;
    std::vector<qint64> m_changes;
    std::vector<qint64> m_snapTargets; ///< of the drag at hand, sorted
    bool m_snaps = true;
};

} // namespace ember::gui
