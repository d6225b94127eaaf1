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

/// One recording over time: overview, label lanes, traces. Gaps are hatched, labels tint the traces. GUI thread.
class Timeline : public QWidget
{
    Q_OBJECT

public:
    explicit Timeline(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Shows a recording from its beginning to its end; errors leave the timeline empty.
    Status show(const dataset::Project& project, dataset::RecordingId id);
    /// Reads labels, and rows that came in meanwhile, again.
    void refresh(const dataset::Project& project);
    void clear();

    dataset::RecordingId recordingId() const { return m_id; }
    LabelLanes& lanes() const { return *m_lanes; }
    TracePlot& plot() const { return *m_plot; }
    TimeView& time() { return m_time; }

private:
    void loadLabels(const dataset::Project& project);

    const ThemeHub& m_theme;
    TimeView m_time;
    OverviewBar* m_overview;
    LabelLanes* m_lanes;
    TracePlot* m_plot;
    dataset::RecordingId m_id;
    std::shared_ptr<RecordingTraceSource> m_source;
};

} // namespace ember::gui
