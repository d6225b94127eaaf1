// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/frames.h"

#include "core/dataset/project.h"
#include "core/signal/sample_block.h"

#include <QSet>

#include <algorithm>
#include <cmath>

namespace ember::dataset {
namespace {

constexpr qint64 kFrameRowsAtOnce = 1 << 16;

/// Count, mean and sum of squared distances from it, after Welford (1962); two can be joined after Chan et al. (1979).
struct Moments
{
    double count = 0;
    double mean = 0;
    double squares = 0;

    void add(double value)
    {
        ++count;
        const double before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
    }
    void add(const Moments& other)
    {
        if (other.count == 0)
            return;
        const double all = count + other.count;
        const double apart = other.mean - mean;
        squares += other.squares + apart * apart * count * other.count / all;
        mean += apart * other.count / all;
        count = all;
    }
    double deviation() const { return count > 0 ? std::sqrt(squares / count) : 0.0; }
};

/// Takes the rows of one stretch, in pieces, and makes its frames.
class FrameMaker
{
public:
    FrameMaker(RowInterval rows, qint64 frameRows, std::size_t channels)
        : m_current(channels)
    {
        m_run.rows = rows;
        m_run.frameRows = frameRows;
        m_run.channels = channels;
    }

    void add(std::span<const float> values)
    {
        const std::size_t channels = m_run.channels;
        for (std::size_t row = 0; (row + 1) * channels <= values.size(); ++row) {
            for (std::size_t c = 0; c < channels; ++c) {
                const float value = values[row * channels + c];
                if (std::isfinite(value))
                    m_current[c].add(static_cast<double>(value));
            }
            if (++m_rows < m_run.frameRows)
                continue;
            keep();
        }
    }

    /// `whole` gets what the stretch adds to the moments of the recording.
    FrameRun finish(std::vector<Moments>& whole)
    {
        if (m_rows > 0 && !m_last.empty()) {
            m_run.mean.resize(m_run.mean.size() - m_run.channels);
            m_run.deviation.resize(m_run.deviation.size() - m_run.channels);
            for (std::size_t c = 0; c < m_run.channels; ++c)
                m_current[c].add(m_last[c]);
            m_all.resize(m_all.size() - m_run.channels);
            keep();
        } else if (m_rows > 0) {
            keep();
        }
        for (std::size_t i = 0; i < m_all.size(); ++i)
            whole[i % m_run.channels].add(m_all[i]);
        return std::move(m_run);
    }

private:
    void keep()
    {
        for (const Moments& moments : m_current) {
            m_run.mean.push_back(static_cast<float>(moments.mean));
            m_run.deviation.push_back(static_cast<float>(moments.deviation()));
        }
        m_all.insert(m_all.end(), m_current.begin(), m_current.end());
        m_last = m_current;
        m_current.assign(m_run.channels, Moments());
        m_rows = 0;
    }

    FrameRun m_run;
    std::vector<Moments> m_current;
    std::vector<Moments> m_last;
    std::vector<Moments> m_all;
    qint64 m_rows = 0;
};

std::vector<double> scalesFor(const signal::StreamSpec& stream, const std::vector<Moments>& whole)
{
    QSet<QString> units;
    for (const signal::Channel& channel : stream.channels)
        units.insert(channel.unit);
    std::vector<double> scales(whole.size(), 1.0);
    for (std::size_t c = 0; units.size() > 1 && c < whole.size(); ++c) {
        if (const double deviation = whole[c].deviation(); deviation > 0)
            scales[c] = deviation;
    }
    return scales;
}

} // namespace

std::size_t RecordingFrames::frames() const
{
    std::size_t count = 0;
    for (const FrameRun& run : runs)
        count += run.frames();
    return count;
}

Result<RecordingFrames> framesOf(const Project& project, RecordingId recording, qint64 frameRows,
                                 const ProgressSink& progress, const CancelToken& cancel)
{
    EMBER_TRY(const Recording about, project.recordings().get(recording));
    if (about.rowCount == 0)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' has no rows.").arg(about.name));
    return framesOf(project, recording, {0, about.endRow}, frameRows, progress, cancel);
}

Result<RecordingFrames> framesOf(const Project& project, RecordingId recording, RowInterval within, qint64 frameRows,
                                 const ProgressSink& progress, const CancelToken& cancel)
{
    EMBER_TRY(const RecordingReader reader, RecordingReader::open(project, recording));
    const Recording& about = reader.recording();
    const qint64 most = std::min(about.rowCount, within.end - within.begin);
    if (frameRows < 1 || most / frameRows > kMostFrames)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Frames of %1 rows are too short for '%2'.").arg(frameRows).arg(about.name),
                     QStringLiteral("Make the frames longer."));
    RecordingFrames frames;
    frames.rateHz = about.stream.rateHz > 0 ? about.stream.rateHz : 1.0;
    frames.frameRows = frameRows;
    const std::size_t channels = about.stream.channels.size();
    std::vector<Moments> whole(channels);
    EMBER_TRY(const std::vector<RowInterval> runs, reader.runs());
    for (const RowInterval& stretch : runs) {
        const RowInterval run{std::max(stretch.begin, within.begin), std::min(stretch.end, within.end)};
        if (run.begin >= run.end)
            continue;
        FrameMaker maker(run, frames.frameRows, channels);
        for (qint64 begin = run.begin; begin < run.end; begin += kFrameRowsAtOnce) {
            if (cancel.isCancelled())
                return Error(ErrorKind::Cancelled,
                             QStringLiteral("Looking through '%1' was cancelled.").arg(about.name));
            report(progress, QStringLiteral("Looking through %1").arg(about.name),
                   static_cast<double>(begin) / static_cast<double>(about.endRow));
            EMBER_TRY(const std::vector<RowRun> pieces,
                      reader.rows(begin, std::min(run.end, begin + kFrameRowsAtOnce)));
            for (const RowRun& piece : pieces)
                maker.add(signal::toPhysical(piece.rows, about.stream));
        }
        frames.runs.push_back(maker.finish(whole));
    }
    frames.scales = scalesFor(about.stream, whole);
    return frames;
}

std::vector<float> activityOf(const FrameRun& run, std::span<const double> scales, ActivityMeasure measure)
{
    std::vector<float> activity(run.frames());
    for (std::size_t frame = 0; frame < activity.size(); ++frame) {
        double sum = 0;
        for (std::size_t c = 0; c < run.channels; ++c) {
            const double mean = static_cast<double>(run.mean[frame * run.channels + c]);
            const double deviation = static_cast<double>(run.deviation[frame * run.channels + c]);
            const double square = deviation * deviation + (measure == ActivityMeasure::Energy ? mean * mean : 0.0);
            sum += square / (scales[c] * scales[c]);
        }
        activity[frame] = static_cast<float>(std::sqrt(sum / static_cast<double>(run.channels)));
    }
    return activity;
}

} // namespace ember::dataset
