// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/segmenters.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ember::dataset {
namespace {

constexpr std::size_t kHistogramBins = 256;
constexpr qint64 kLeastFrameRows = 2;
constexpr double kLongestFrame = 3600; ///< seconds

/// Joins what lies closer than the rules say and drops what is too short.
std::vector<RowInterval> settled(const std::vector<RowInterval>& found, const ActivityRules& rules)
{
    std::vector<RowInterval> merged;
    for (const RowInterval& stretch : found) {
        if (!merged.empty() && stretch.begin - merged.back().end < rules.mergeRows)
            merged.back().end = stretch.end;
        else
            merged.push_back(stretch);
    }
    std::erase_if(merged, [&rules](const RowInterval& s) { return s.end - s.begin < rules.leastRows; });
    return merged;
}

void pad(std::vector<RowInterval>& stretches, RowInterval run, qint64 rows)
{
    qint64 free = run.begin;
    for (std::size_t i = 0; i < stretches.size(); ++i) {
        const qint64 end = stretches[i].end;
        const qint64 limit = i + 1 < stretches.size() ? end + (stretches[i + 1].begin - end) / 2 : run.end;
        stretches[i].begin = std::max(free, stretches[i].begin - rows);
        stretches[i].end = std::min(limit, end + rows);
        free = limit;
    }
}

qint64 rowsIn(double seconds, double rateHz)
{
    return std::llround(seconds * rateHz);
}

/// A window of `rows` rows around the frame, moved where it would leave the run.
RowInterval windowAround(const FrameRun& run, std::size_t frame, qint64 rows)
{
    const qint64 length = std::min(rows, run.rows.end - run.rows.begin);
    const qint64 middle = (run.beginOf(frame) + run.endOf(frame)) / 2;
    const qint64 begin = std::clamp(middle - length / 2, run.rows.begin, run.rows.end - length);
    return {begin, begin + length};
}

std::vector<RowInterval> windowsAtPeaks(const FrameRun& run, std::span<const float> activity, double height,
                                        const SegmenterSettings& settings, double rateHz)
{
    const qint64 length = rowsIn(settings.length, rateHz);
    const qint64 apart = std::max(length, rowsIn(settings.every, rateHz));
    const auto distance = static_cast<std::size_t>((apart + run.frameRows - 1) / run.frameRows);
    std::vector<RowInterval> windows;
    for (const std::size_t frame : peaksOf(activity, height, settings.prominence * height, distance)) {
        const RowInterval window = windowAround(run, frame, length);
        // A window that was moved away from an end can meet its neighbour.
        if (windows.empty() || window.begin >= windows.back().end)
            windows.push_back(window);
    }
    return windows;
}

std::vector<RowInterval> partsOf(const FrameRun& run, const SegmenterSettings& settings, double rateHz)
{
    const qint64 least = std::max<qint64>(1, rowsIn(settings.least, rateHz) / run.frameRows);
    const std::vector<std::size_t> starts = changePoints(run, settings.strength, static_cast<std::size_t>(least));
    std::vector<RowInterval> parts;
    for (std::size_t i = 0; i < starts.size(); ++i)
        parts.push_back({run.beginOf(starts[i]), i + 1 < starts.size() ? run.beginOf(starts[i + 1]) : run.rows.end});
    return parts;
}

Status checkSettings(const SegmenterSettings& settings)
{
    const auto refused = [](const QString& what, const QString& hint) { return Error(ErrorKind::Usage, what, hint); };
    if (!(settings.frame > 0) || !(settings.length > 0) || !(settings.every > 0))
        return refused(QStringLiteral("A frame or window of no length finds nothing."),
                       QStringLiteral("Give 'frame', 'length' and 'every' in seconds above 0."));
    if (!(settings.release > 0) || settings.release > 1)
        return refused(QStringLiteral("The release is a share of the threshold."),
                       QStringLiteral("Give a number above 0, up to 1."));
    if (!(settings.threshold >= 0) || !(settings.merge >= 0) || !(settings.least >= 0) || !(settings.pad >= 0) ||
        !(settings.strength >= 0) || !(settings.prominence >= 0))
        return refused(QStringLiteral("A setting of the segmenter is negative."), QStringLiteral("Give 0 or more."));
    return {};
}

void addAll(std::vector<RowInterval>& to, std::vector<RowInterval> from)
{
    to.insert(to.end(), from.begin(), from.end());
}

/// Methods that compare activity with a threshold.
void segmentByActivity(const RecordingFrames& frames, const SegmenterSettings& settings, Segmentation& result)
{
    const auto measure = settings.method == SegmentMethod::Energy ? ActivityMeasure::Energy : ActivityMeasure::Variance;
    std::vector<float> all;
    for (const FrameRun& run : frames.runs) {
        result.activity.push_back(activityOf(run, frames.scales, measure));
        all.insert(all.end(), result.activity.back().begin(), result.activity.back().end());
    }
    result.on = settings.threshold > 0 ? std::optional(settings.threshold) : otsuThreshold(all);
    if (!result.on)
        return; // nothing stands out
    const bool peaks = settings.method == SegmentMethod::Peaks;
    ActivityRules rules;
    rules.on = *result.on;
    rules.off = *result.on * settings.release;
    rules.mergeRows = rowsIn(settings.merge, frames.rateHz);
    rules.leastRows = rowsIn(settings.least, frames.rateHz);
    rules.padRows = rowsIn(settings.pad, frames.rateHz);
    if (!peaks)
        result.off = rules.off;
    for (std::size_t i = 0; i < frames.runs.size(); ++i)
        addAll(result.stretches,
               peaks ? windowsAtPeaks(frames.runs[i], result.activity[i], rules.on, settings, frames.rateHz)
                     : activeStretches(frames.runs[i], result.activity[i], rules));
}

} // namespace

std::optional<double> otsuThreshold(std::span<const float> values)
{
    std::vector<double> logs;
    for (const float value : values) {
        if (value > 0 && std::isfinite(value))
            logs.push_back(std::log(static_cast<double>(value)));
    }
    if (logs.empty())
        return std::nullopt;
    const auto [least, most] = std::minmax_element(logs.begin(), logs.end());
    const double low = *least;
    const double width = (*most - low) / static_cast<double>(kHistogramBins);
    if (!(width > 0))
        return std::nullopt;
    std::array<double, kHistogramBins> counts{};
    for (const double log : logs)
        ++counts[std::min(kHistogramBins - 1, static_cast<std::size_t>((log - low) / width))];
    double sum = 0;
    for (std::size_t bin = 0; bin < kHistogramBins; ++bin)
        sum += counts[bin] * static_cast<double>(bin);
    const auto total = static_cast<double>(logs.size());
    double below = 0, belowSum = 0, best = -1;
    double first = 0, last = 0; // the bins of equal best: the middle of a valley, not its edge
    for (std::size_t bin = 0; bin + 1 < kHistogramBins; ++bin) {
        below += counts[bin];
        belowSum += counts[bin] * static_cast<double>(bin);
        const double above = total - below;
        if (below == 0 || above == 0)
            continue;
        const double apart = belowSum / below - (sum - belowSum) / above;
        const double between = below * above * apart * apart;
        if (between > best) {
            best = between;
            first = static_cast<double>(bin);
        }
        if (between >= best)
            last = static_cast<double>(bin);
    }
    return std::exp(low + ((first + last) / 2 + 1) * width);
}

std::vector<RowInterval> activeStretches(const FrameRun& run, std::span<const float> activity,
                                         const ActivityRules& rules)
{
    std::vector<RowInterval> found;
    bool active = false;
    for (std::size_t frame = 0; frame < activity.size(); ++frame) {
        const double value = static_cast<double>(activity[frame]);
        if (!active && value >= rules.on)
            found.push_back({run.beginOf(frame), run.endOf(frame)});
        active = value >= (active ? std::min(rules.off, rules.on) : rules.on);
        if (active)
            found.back().end = run.endOf(frame);
    }
    std::vector<RowInterval> stretches = settled(found, rules);
    pad(stretches, run.rows, rules.padRows);
    return stretches;
}

std::vector<RowInterval> fixedWindows(RowInterval run, qint64 rows, qint64 hop)
{
    std::vector<RowInterval> windows;
    for (qint64 begin = run.begin; rows > 0 && hop > 0 && begin + rows <= run.end; begin += hop)
        windows.push_back({begin, begin + rows});
    return windows;
}

QString segmentMethodName(SegmentMethod method)
{
    switch (method) {
    case SegmentMethod::Variance:
        return QStringLiteral("variance");
    case SegmentMethod::Energy:
        return QStringLiteral("energy");
    case SegmentMethod::Peaks:
        return QStringLiteral("peaks");
    case SegmentMethod::ChangePoints:
        return QStringLiteral("change-points");
    case SegmentMethod::FixedWindows:
        return QStringLiteral("fixed-windows");
    }
    return {};
}

Result<SegmentMethod> segmentMethodFromName(const QString& name)
{
    QStringList names;
    for (const SegmentMethod method : kSegmentMethods) {
        if (segmentMethodName(method) == name)
            return method;
        names << segmentMethodName(method);
    }
    return Error(ErrorKind::Usage, QStringLiteral("There is no segmenter '%1'.").arg(name),
                 QStringLiteral("Use one of %1.").arg(names.join(QStringLiteral(", "))));
}

qint64 frameRowsFor(const SegmenterSettings& settings, const Recording& recording)
{
    const qint64 most = settings.method == SegmentMethod::ChangePoints ? kMostChangeFrames : kMostFrames;
    const double rate = recording.stream.rateHz > 0 ? recording.stream.rateHz : 1.0;
    const qint64 wanted = std::max(kLeastFrameRows, rowsIn(std::min(settings.frame, kLongestFrame), rate));
    return std::max(wanted, (recording.rowCount + most - 1) / most);
}

qint64 leastRowsFor(const SegmenterSettings& settings, double rateHz)
{
    const bool equal = settings.method == SegmentMethod::Peaks || settings.method == SegmentMethod::FixedWindows;
    return std::max<qint64>(1, rowsIn(equal ? settings.length : settings.least, rateHz > 0 ? rateHz : 1.0));
}

Result<Segmentation> segmentRecording(const RecordingFrames& frames, const SegmenterSettings& settings)
{
    EMBER_CHECK(checkSettings(settings));
    Segmentation result;
    switch (settings.method) {
    case SegmentMethod::Variance:
    case SegmentMethod::Energy:
    case SegmentMethod::Peaks:
        segmentByActivity(frames, settings, result);
        break;
    case SegmentMethod::ChangePoints:
        for (const FrameRun& run : frames.runs)
            addAll(result.stretches, partsOf(run, settings, frames.rateHz));
        break;
    case SegmentMethod::FixedWindows: {
        const qint64 rows = std::max<qint64>(1, rowsIn(settings.length, frames.rateHz));
        // Windows that overlap would be one long label.
        const qint64 hop = std::max(rows, rowsIn(settings.every, frames.rateHz));
        for (const FrameRun& run : frames.runs)
            addAll(result.stretches, fixedWindows(run.rows, rows, hop));
        break;
    }
    }
    return result;
}

} // namespace ember::dataset
