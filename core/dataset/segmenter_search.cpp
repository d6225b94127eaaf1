// SPDX-License-Identifier: GPL-3.0-or-later
// The searches behind the segmenters: parts of least squares, peaks.
#include "core/dataset/segmenters.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::dataset {
namespace {

constexpr double kLeastDeviation = 1e-3; ///< of a frame, over the channel's mean deviation: log(0) is no number

/// Sum of squared distances from the mean of rows [begin, end), in constant time.
class SquaresOfParts
{
public:
    SquaresOfParts(std::span<const double> values, std::size_t dimensions)
        : m_dimensions(dimensions)
        , m_sums(dimensions, 0.0)
        , m_squares(1, 0.0)
    {
        const std::size_t rows = values.size() / dimensions;
        m_sums.reserve((rows + 1) * dimensions);
        for (std::size_t row = 0; row < rows; ++row) {
            double square = m_squares.back();
            for (std::size_t d = 0; d < dimensions; ++d) {
                const double value = values[row * dimensions + d];
                m_sums.push_back(m_sums[row * dimensions + d] + value);
                square += value * value;
            }
            m_squares.push_back(square);
        }
    }

    double of(std::size_t begin, std::size_t end) const
    {
        double mean = 0;
        for (std::size_t d = 0; d < m_dimensions; ++d) {
            const double sum = m_sums[end * m_dimensions + d] - m_sums[begin * m_dimensions + d];
            mean += sum * sum;
        }
        return m_squares[end] - m_squares[begin] - mean / static_cast<double>(end - begin);
    }

private:
    std::size_t m_dimensions;
    std::vector<double> m_sums;
    std::vector<double> m_squares;
};

/// In units of its noise from one frame to the next, from which slow changes do not take anything away. The mean square
/// of the steps rather than their median: a signal that is loud in parts must not look like changes all the time there.
void standardise(std::vector<double>& column)
{
    double steps = 0, mean = 0;
    for (std::size_t i = 1; i < column.size(); ++i)
        steps += (column[i] - column[i - 1]) * (column[i] - column[i - 1]);
    for (const double value : column)
        mean += value / static_cast<double>(column.size());
    const double noise = std::sqrt(steps / static_cast<double>(2 * column.size()));
    for (double& value : column)
        value = noise > 0 ? (value - mean) / noise : 0.0;
}

std::vector<double> featuresOf(const FrameRun& run)
{
    const std::size_t frames = run.frames(), channels = run.channels;
    std::vector<double> features(frames * channels * 2);
    for (std::size_t c = 0; c < channels; ++c) {
        double usual = 0;
        for (std::size_t f = 0; f < frames; ++f)
            usual += static_cast<double>(run.deviation[f * channels + c]) / static_cast<double>(frames);
        std::vector<double> means(frames), logs(frames, 0.0);
        for (std::size_t f = 0; f < frames; ++f) {
            means[f] = static_cast<double>(run.mean[f * channels + c]);
            if (usual > 0)
                logs[f] =
                    std::log(std::max(static_cast<double>(run.deviation[f * channels + c]), kLeastDeviation * usual));
        }
        standardise(means);
        standardise(logs);
        for (std::size_t f = 0; f < frames; ++f) {
            features[(f * channels + c) * 2] = means[f];
            features[(f * channels + c) * 2 + 1] = logs[f];
        }
    }
    return features;
}

/// How far a top stands above the higher of the lowest points between it and higher ground on either side.
double prominenceOf(std::span<const float> values, std::size_t top)
{
    double left = static_cast<double>(values[top]), right = left;
    for (std::size_t i = top; i-- > 0 && values[i] <= values[top];)
        left = std::min(left, static_cast<double>(values[i]));
    for (std::size_t i = top + 1; i < values.size() && values[i] <= values[top]; ++i)
        right = std::min(right, static_cast<double>(values[i]));
    return static_cast<double>(values[top]) - std::max(left, right);
}

std::vector<std::size_t> topsOf(std::span<const float> values)
{
    std::vector<std::size_t> tops;
    for (std::size_t i = 0; i < values.size();) {
        std::size_t end = i + 1;
        while (end < values.size() && values[end] == values[i])
            ++end;
        const bool rises = i == 0 || values[i - 1] < values[i];
        const bool falls = end == values.size() || values[end] < values[i];
        const bool levelAll = i == 0 && end == values.size();
        if (rises && falls && !levelAll)
            tops.push_back((i + end - 1) / 2);
        i = end;
    }
    return tops;
}

} // namespace

std::vector<std::size_t> leastSquaresParts(std::span<const double> values, std::size_t dimensions, double penalty,
                                           std::size_t leastRows)
{
    const std::size_t rows = dimensions == 0 ? 0 : values.size() / dimensions;
    const std::size_t least = std::max<std::size_t>(1, leastRows);
    if (rows == 0)
        return {};
    const SquaresOfParts squares(values, dimensions);
    constexpr double kNever = std::numeric_limits<double>::infinity();
    std::vector<double> best(rows + 1, kNever);
    std::vector<std::size_t> from(rows + 1, 0);
    best[0] = -penalty;
    struct Candidate
    {
        std::size_t begin;
        std::size_t goneAt; ///< the end from which on it cannot be part of the best any more
    };
    std::vector<Candidate> candidates;
    for (std::size_t end = least; end <= rows; ++end) {
        if (best[end - least] < kNever)
            candidates.push_back({end - least, rows + 1});
        std::erase_if(candidates, [end](const Candidate& c) { return c.goneAt <= end; });
        for (const Candidate& candidate : candidates) {
            const double cost = best[candidate.begin] + squares.of(candidate.begin, end) + penalty;
            if (cost < best[end]) {
                best[end] = cost;
                from[end] = candidate.begin;
            }
        }
        // A later part that begins at `end` is at least as good, but it has to be long enough.
        for (Candidate& candidate : candidates) {
            if (candidate.goneAt > rows && best[candidate.begin] + squares.of(candidate.begin, end) > best[end])
                candidate.goneAt = end + least;
        }
    }
    if (best[rows] == kNever)
        return {0}; // too short for one part of that length
    std::vector<std::size_t> starts;
    for (std::size_t end = rows; end > 0; end = from[end])
        starts.push_back(from[end]);
    std::reverse(starts.begin(), starts.end());
    return starts;
}

std::vector<std::size_t> changePoints(const FrameRun& run, double strength, std::size_t leastFrames)
{
    if (run.frames() == 0)
        return {};
    const std::size_t dimensions = run.channels * 2;
    const double penalty =
        strength * static_cast<double>(dimensions + 1) * std::log(static_cast<double>(run.frames()) + 1);
    return leastSquaresParts(featuresOf(run), dimensions, penalty, leastFrames);
}

std::vector<std::size_t> peaksOf(std::span<const float> activity, double height, double prominence,
                                 std::size_t distance)
{
    std::vector<std::size_t> tops = topsOf(activity);
    std::erase_if(tops, [&](std::size_t top) {
        return static_cast<double>(activity[top]) < height || prominenceOf(activity, top) < prominence;
    });
    // The highest first; what lies too near to one that stays goes.
    std::vector<std::size_t> order = tops;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return activity[a] > activity[b]; });
    std::vector<std::size_t> kept;
    for (const std::size_t top : order) {
        const auto next = std::lower_bound(kept.begin(), kept.end(), top);
        const bool nearNext = next != kept.end() && *next - top < distance;
        const bool nearLast = next != kept.begin() && top - *std::prev(next) < distance;
        if (!nearNext && !nearLast)
            kept.insert(next, top);
    }
    return kept;
}

} // namespace ember::dataset
