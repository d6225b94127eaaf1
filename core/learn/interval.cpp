// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/interval.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace ember::learn {
namespace {

// What is drawn together: the cells of a confusion matrix that the rows of a group fall into.
using Unit = std::vector<std::pair<qint32, qint32>>;

std::vector<Unit> unitsOf(std::span<const qint32> truth, std::span<const qint32> predicted,
                          std::span<const qint32> groups)
{
    std::map<qint32, Unit> byGroup;
    for (std::size_t i = 0; i < groups.size(); ++i)
        byGroup[groups[i]].emplace_back(truth[i], predicted[i]);
    std::vector<Unit> units;
    if (byGroup.size() > 1) {
        for (auto& [group, unit] : byGroup)
            units.push_back(std::move(unit));
        return units;
    }
    for (std::size_t i = 0; i < truth.size(); ++i)
        units.push_back({{truth[i], predicted[i]}});
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

} // namespace

Interval bootstrapInterval(std::span<const qint32> truth, std::span<const qint32> predicted,
                           std::span<const qint32> groups, int classes,
                           const std::function<double(const Metrics&)>& score, const BootstrapOptions& options)
{
    if (truth.empty() || options.replicates < 1)
        return {};
    const std::vector<Unit> units = unitsOf(truth, predicted, groups);
    std::mt19937_64 engine(options.seed);
    std::vector<double> scores;
    for (int r = 0; r < options.replicates; ++r) {
        Confusion confusion(classes);
        for (std::size_t i = 0; i < units.size(); ++i) {
            for (const auto& [t, p] : units[below(engine, units.size())])
                confusion.add(t, p);
        }
        scores.push_back(score(metricsOf(confusion)));
    }
    std::sort(scores.begin(), scores.end());
    const double tail = (1 - options.level) / 2;
    return {quantile(scores, tail), quantile(scores, 1 - tail)};
}

} // namespace ember::learn
