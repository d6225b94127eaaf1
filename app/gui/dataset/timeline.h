// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/dataset/label_lanes.h"
#include "app/gui/plot/recording_trace_source.h"
#include "app/gui/plot/time_view.h"
#include "core/dataset/project.h"

#include <QWidget>

#include <optional>

namespace ember::gui {

class OverviewBar;
class ThemeHub;
class TracePlot;
class TrackStrip;

/// One recording over time: overview, label lanes, traces, and further lanes in step with them. Gaps are hatched,
/// labels of the active set tint the traces. GUI thread.
class Timeline : public QWidget
{
    Q_OBJECT

public:
    explicit Timeline(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Shown under the traces, from now on.
    void addBelow(QWidget* lanes);

    /// Shows a recording from its beginning to its end; errors leave the timeline empty.
    Status show(const dataset::Project& project, dataset::RecordingId id);
    /// Reads labels, and rows that came in meanwhile, again.
    void refresh(const dataset::Project& project);
    void clear();

    dataset::RecordingId recordingId() const { return m_id; }
    qint64 endRow() const { return m_content.endRow; }
    double rate() const { return m_content.rate; }
    bool isWritable() const { return m_id.isValid() && m_content.writable; }
    const std::vector<dataset::Segment>& segments() const { return m_content.segments; }
    /// Those of the same label set.
    std::vector<dataset::Segment> segmentsBeside(const dataset::Segment& segment) const;
    std::vector<dataset::Segment> segmentsOf(dataset::LabelSetId set) const;
    const std::vector<dataset::Label>& labels() const { return m_content.labels; }
    const std::vector<dataset::LabelSet>& sets() const { return m_content.sets; }

    /// The label set that is worked on, by name: it need not exist yet.
    void setActiveSet(const QString& name);
    QString activeSet() const { return m_activeSet; }
    const std::vector<dataset::Segment>& activeSegments() const { return m_activeSegments; }

    std::shared_ptr<RecordingTraceSource> source() const { return m_source; }
    std::vector<dataset::RowInterval> gaps() const;
    /// A line at `row` over lanes and traces, and a tint back to where a label was begun.
    void showCursor(std::optional<qint64> row, std::optional<qint64> begunAt);
    LabelLanes& lanes() const { return *m_lanes; }
    TracePlot& plot() const { return *m_plot; }
    /// What a segmenter looks at; hidden while it has nothing.
    TrackStrip& track() const { return *m_track; }
    TimeView& time() { return m_time; }

Q_SIGNALS:
    /// Another recording, other rows of it, or none.
    void shown();
    /// Seconds; nothing: no cursor.
    void cursorMoved(std::optional<double> seconds);

private:
    void loadLabels(const dataset::Project& project);
    void chooseActive();
    void showBands();

    const ThemeHub& m_theme;
    TimeView m_time;
    OverviewBar* m_overview;
    LabelLanes* m_lanes;
    TrackStrip* m_track;
    TracePlot* m_plot;
    dataset::RecordingId m_id;
    std::shared_ptr<RecordingTraceSource> m_source;
    LabelLanes::Content m_content;
    QString m_activeSet = QString::fromLatin1(dataset::kDefaultLabelSet);
    std::vector<dataset::Segment> m_activeSegments;
    std::optional<qint64> m_cursor;
    std::optional<qint64> m_begunAt;
};

} // namespace ember::gui
