// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/recording_trace_source.h"

#include "core/dataset/project.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::gui {
namespace {

// Joins buckets until there are at most `maxPoints`: the store keeps powers of 16, a plot wants about one per pixel.
device::Envelope thinned(const signal::Envelope& all, std::size_t channel, int maxPoints)
{
    const auto buckets = static_cast<qint64>(all.buckets());
    const qint64 join = std::max<qint64>(1, (buckets + maxPoints - 1) / std::max(1, maxPoints));
    device::Envelope out;
    out.firstRow = all.firstRow();
    out.rowsPerPoint = all.bucketRows * join;
    for (qint64 at = 0; at < buckets; at += join) {
        float least = std::numeric_limits<float>::quiet_NaN();
        float most = least;
        for (qint64 i = at; i < std::min(buckets, at + join); ++i) {
            const auto bucket = static_cast<std::size_t>(i);
            // fmin and fmax pass over NaN, which is what an empty bucket has.
            least = std::fmin(least, all.minimumAt(bucket, channel));
            most = std::fmax(most, all.maximumAt(bucket, channel));
        }
        out.least.push_back(least);
        out.most.push_back(most);
    }
    return out;
}

} // namespace

Result<std::shared_ptr<RecordingTraceSource>> RecordingTraceSource::open(const dataset::Project& project,
                                                                         dataset::RecordingId id, double beginSeconds)
{
    EMBER_TRY(dataset::RecordingReader reader, dataset::RecordingReader::open(project, id));
    return std::shared_ptr<RecordingTraceSource>(new RecordingTraceSource(std::move(reader), beginSeconds));
}

device::Envelope RecordingTraceSource::envelope(int channel, qint64 begin, qint64 end, int maxPoints)
{
    const qint64 wanted = std::max<qint64>(1, (end - begin) / std::max(1, maxPoints));
    if (begin != m_lastBegin || end != m_lastEnd || wanted != m_lastWanted) {
        m_last = m_reader.envelope(begin, end, wanted).value_or(signal::Envelope{});
        m_lastBegin = begin;
        m_lastEnd = end;
        m_lastWanted = wanted;
    }
    if (channel < 0 || static_cast<std::size_t>(channel) >= m_last.channels)
        return {};
    return thinned(m_last, static_cast<std::size_t>(channel), maxPoints);
}

std::vector<dataset::RowInterval> RecordingTraceSource::gaps() const
{
    std::vector<dataset::RowInterval> gaps;
    qint64 expected = 0;
    for (const dataset::RowInterval& run : m_reader.runs().value_or(std::vector<dataset::RowInterval>{})) {
        if (run.begin > expected)
            gaps.push_back({expected, run.begin});
        expected = run.end;
    }
    return gaps;
}

} // namespace ember::gui
