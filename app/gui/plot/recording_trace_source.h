// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/trace_source.h"
#include "core/dataset/recording_reader.h"

namespace ember::gui {

/// A recording of the open project. Reads summaries, so any zoom costs about the same. GUI thread, borrows the
/// project's connection: to be dropped before the project is closed.
class RecordingTraceSource : public TraceSource
{
public:
    /// `beginSeconds`: where row 0 lies on the time axis.
    static Result<std::shared_ptr<RecordingTraceSource>> open(const dataset::Project& project, dataset::RecordingId id,
                                                              double beginSeconds = 0);

    const signal::StreamSpec& spec() const override { return m_reader.recording().stream; }
    qint64 firstRow() const override { return 0; }
    qint64 endRow() const override { return m_reader.recording().endRow; }
    device::Envelope envelope(int channel, qint64 begin, qint64 end, int maxPoints) override;

    double beginSeconds() const override { return m_beginSeconds; }

    const dataset::Recording& recording() const { return m_reader.recording(); }
    /// Stretches whose rows were lost.
    std::vector<dataset::RowInterval> gaps() const;

private:
    RecordingTraceSource(dataset::RecordingReader reader, double beginSeconds)
        : m_reader(std::move(reader))
        , m_beginSeconds(beginSeconds)
    {}

    dataset::RecordingReader m_reader;
    double m_beginSeconds;
    // One read gives all channels; a plot asks for them one after the other.
    signal::Envelope m_last;
    qint64 m_lastBegin = -1;
    qint64 m_lastEnd = -1;
    qint64 m_lastWanted = -1;
};

} // namespace ember::gui
