// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/interval.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace ember::learn {
namespace {

// What is drawn together: the rows of a group, or one row.
using Unit = std::vector<std::size_t>;

std::vector<Unit> unitsOf(std::size_t rows, std::span<const qint32> groups)
{
    std::map<qint32, Unit> byGroup;
    for (std::size_t i = 0; i < groups.size(); ++i)
        byGroup[groups[i]].push_back(i);
    std::vector<Unit> units;
    if (byGroup.size() > 1) {
        for (auto& [group, unit] : byGroup)
            units.push_back(std::move(unit));
        return units;
    }
    for (std::size_t i = 0; i < rows; ++i)
        units.push_back({i});
    return units;
}

// The engine is the same on every platform; the distributions of the standard library are not.
std::size_t below(std::mt19937_64& engine, std::size_t bound)
{
    const std::uint64_t unfair = (0 - std::uint64_t(bound)) % bound;
    std::uint64_t value = engine();
    while (value < unfair)
        value = engine();
    return static_cast<std::size_t>(value % bound);
}

double quantile(const std::vector<double>& sorted, double q)
{
    const double at = q * static_cast<double>(sorted.size() - 1);
    const auto low = static_cast<std::size_t>(std::floor(at));
    const std::size_t high = std::min(low + 1, sorted.size() - 1);
    return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

/// Draws as many units as there are, with replacement, gives each of their rows to `add`, and then asks `scores`, which
/// gives the same number of values every time.
template <typename Add, typename Scores>
std::vector<Interval> intervalsOfDraws(const std::vector<Unit>& units, const BootstrapOptions& options, const Add& add,
                                       const Scores& scores)
{
    std::mt19937_64 engine(options.seed);
    std::vector<std::vector<double>> drawn;
    for (int r = 0; r < options.replicates; ++r) {
        for (std::size_t i = 0; i < units.size(); ++i) {
            for (const std::size_t row : units[below(engine, units.size())])
                add(row);
        }
        const std::vector<double> values = scores();
        drawn.resize(values.size());
        for (std::size_t s = 0; s < values.size(); ++s)
            drawn[s].push_back(values[s]);
    }
    const double tail = (1 - options.level) / 2;
    std::vector<Interval> intervals;
    for (std::vector<double>& values : drawn) {
        std::sort(values.begin(), values.end());
        intervals.push_back({quantile(values, tail), quantile(values, 1 - tail)});
    }
    return intervals;
}

} // namespace

std::vector<Interval> bootstrapIntervals(std::span<const qint32> truth, std::span<const qint32> predicted,
                                         std::span<const qint32> groups, int classes,
                                         const std::function<std::vector<double>(const Metrics&)>& scores,
                                         const BootstrapOptions& options)
{
    if (truth.empty() || options.replicates < 1)
        return {};
    Confusion confusion(classes);
    return intervalsOfDraws(
        unitsOf(truth.size(), groups), options, [&](std::size_t row) { confusion.add(truth[row], predicted[row]); },
        [&] { return scores(metricsOf(std::exchange(confusion, Confusion(classes)))); });
}

Interval bootstrapInterval(std::span<const qint32> truth, std::span<const qint32> predicted,
                           std::span<const qint32> groups, int classes,
                           const std::function<double(const Metrics&)>& score, const BootstrapOptions& options)
{
    const std::vector<Interval> intervals = bootstrapIntervals(
        truth, predicted, groups, classes, [&score](const Metrics& metrics) { return std::vector{score(metrics)}; },
        options);
    return intervals.empty() ? Interval{} : intervals.front();
}

Interval bootstrapDifference(std::span<const qint32> truth, std::span<const qint32> first,
                             std::span<const qint32> second, std::span<const qint32> groups, int classes,
                             const std::function<double(const Metrics&)>& score, const BootstrapOptions& options)
{
    if (truth.empty() || options.replicates < 1)
        return {};
    Confusion ofFirst(classes);
    Confusion ofSecond(classes);
    const std::vector<Interval> intervals = intervalsOfDraws(
        unitsOf(truth.size(), groups), options,
        [&](std::size_t row) {
            ofFirst.add(truth[row], first[row]);
            ofSecond.add(truth[row], second[row]);
        },
        [&] {
            return std::vector{score(metricsOf(std::exchange(ofFirst, Confusion(classes)))) -
                               score(metricsOf(std::exchange(ofSecond, Confusion(classes))))};
        });
    return intervals.front();
}

} // namespace ember::learn
