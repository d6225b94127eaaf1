// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/changes.h"

#include "core/dataset/frames.h"
#include "core/dataset/project.h"
#include "core/dataset/segmenters.h"
#include "core/signal/sample_block.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::dataset {
namespace {

constexpr qint64 kLeastFrameRows = 4;
constexpr std::size_t kLeastFrames = 2; ///< of a part
constexpr std::size_t kLeastPartRows = 2;
constexpr double kLeastVariance = 1e-9; ///< as a share of the channel's own: a constant part is not infinitely sharp

/// Sums of a channel's values and squares up to each row, around its mean.
struct RunningSums
{
    std::vector<double> values{0};
    std::vector<double> squares{0};

    RunningSums(std::span<const float> rows, std::size_t channels, std::size_t channel)
    {
        const std::size_t count = rows.size() / channels;
        const auto at = [&](std::size_t row) {
            const double value = static_cast<double>(rows[row * channels + channel]);
            return std::isfinite(value) ? value : 0.0;
        };
        double mean = 0;
        for (std::size_t row = 0; row < count; ++row)
            mean += at(row) / static_cast<double>(count);
        for (std::size_t row = 0; row < count; ++row) {
            const double value = at(row) - mean;
            values.push_back(values.back() + value);
            squares.push_back(squares.back() + value * value);
        }
    }

    double variance(std::size_t begin, std::size_t end) const
    {
        const auto count = static_cast<double>(end - begin);
        const double mean = (values[end] - values[begin]) / count;
        return std::max(0.0, (squares[end] - squares[begin]) / count - mean * mean);
    }
};

/// Changes to the frame; those that a shortest part lies between are one.
std::vector<RowInterval> roughChanges(const FrameRun& run, double strength)
{
    std::vector<RowInterval> changes;
    for (const std::size_t frame : changePoints(run, strength, kLeastFrames)) {
        const qint64 row = run.beginOf(frame);
        if (frame == 0)
            continue;
        const qint64 shortest = static_cast<qint64>(kLeastFrames) * run.frameRows;
        if (!changes.empty() && row - changes.back().begin <= shortest)
            changes.back().end = row;
        else
            changes.push_back({row, row});
    }
    return changes;
}

/// The row that parts the signal best around a change of frames, or around two that are the sides of one frame, in
/// whose middle the signal changes.
Result<qint64> sharpened(const RecordingReader& reader, const FrameRun& run, RowInterval change)
{
    const qint64 begin = std::max(run.rows.begin, change.begin - 2 * run.frameRows);
    const qint64 end = std::min(run.rows.end, change.end + 2 * run.frameRows);
    EMBER_TRY(const QByteArray bytes, reader.window(begin, end - begin));
    const signal::StreamSpec& stream = reader.recording().stream;
    const std::vector<float> values = signal::toPhysical(bytes, stream);
    const qint64 first = std::max(begin, change.begin - run.frameRows) - begin;
    const qint64 last = std::min(end, change.end + run.frameRows) - begin;
    return begin + static_cast<qint64>(sharpestSplit(values, stream.channels.size(), static_cast<std::size_t>(first),
                                                     static_cast<std::size_t>(last)));
}

} // namespace

std::size_t sharpestSplit(std::span<const float> values, std::size_t channels, std::size_t first, std::size_t last)
{
    const std::size_t count = channels == 0 ? 0 : values.size() / channels;
    if (count < 2 * kLeastPartRows)
        return first;
    first = std::max(first, kLeastPartRows);
    last = std::min(last, count - kLeastPartRows);
    std::vector<double> costs(last >= first ? last - first + 1 : 0, 0.0);
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const RunningSums sums(values, channels, channel);
        const double least = kLeastVariance * sums.variance(0, count);
        if (!(least > 0))
            continue; // a constant channel says nothing
        for (std::size_t i = 0; i < costs.size(); ++i) {
            const std::size_t at = first + i;
            costs[i] += static_cast<double>(at) * std::log(sums.variance(0, at) + least) +
                        static_cast<double>(count - at) * std::log(sums.variance(at, count) + least);
        }
    }
    const auto best = std::min_element(costs.begin(), costs.end());
    return best == costs.end() ? first : first + static_cast<std::size_t>(best - costs.begin());
}

Result<std::vector<qint64>> changesIn(const Project& project, RecordingId recording, RowInterval rows,
                                      const ChangeSettings& settings, const CancelToken& cancel)
{
    std::vector<qint64> changes;
    const qint64 count = rows.end - rows.begin;
    if (count > kMostChangeRows || count < 1)
        return changes;
    const qint64 frameRows =
        std::max(kLeastFrameRows, count / static_cast<qint64>(std::max<std::size_t>(1, settings.parts)));
    EMBER_TRY(const RecordingFrames frames, framesOf(project, recording, rows, frameRows, {}, cancel));
    EMBER_TRY(const RecordingReader reader, RecordingReader::open(project, recording));
    for (const FrameRun& run : frames.runs) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Looking for changes was cancelled."));
        if (run.frames() < 2 * kLeastFrames)
            continue;
        for (const RowInterval& change : roughChanges(run, settings.strength)) {
            EMBER_TRY(const qint64 row, sharpened(reader, run, change));
            changes.push_back(row);
        }
    }
    std::sort(changes.begin(), changes.end());
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    return changes;
}

} // namespace ember::dataset
