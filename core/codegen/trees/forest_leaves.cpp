// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/forest_leaves.h"

#include "device-agent/runtime/forest.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

namespace ember::codegen {
namespace {

// The kernel numbers leaves in 16 bits and, among shares, targets in 8.
constexpr std::size_t kMaxLeaves = 65536;
constexpr std::size_t kMaxSharedTargets = 256;
// Shares of float32 leaves add up to their sum only to rounding.
constexpr double kShareTolerance = 1e-4;
// Votes stay below this, so that no sum of theirs can overflow.
constexpr double kMaxVotes = 1 << 30;

using Row = std::vector<qint32>;

std::span<const float> leafRow(const model::TreeEnsemble& ensemble, std::size_t leaf)
{
    const auto targets = static_cast<std::size_t>(ensemble.targets);
    return std::span(ensemble.leafValues).subspan(leaf * targets, targets);
}

std::size_t leafCountOf(const model::TreeEnsemble& ensemble)
{
    return ensemble.leafValues.size() / static_cast<std::size_t>(ensemble.targets);
}

Error tooManyLeaves()
{
    return Error(ErrorKind::Unsupported, QStringLiteral("The forest has more than 65536 different leaves."),
                 QStringLiteral("Train fewer or shallower trees, or use hard votes."));
}

std::vector<quint32> hardLeaves(const model::TreeEnsemble& ensemble, LoweredForest& forest)
{
    std::vector<quint32> mapping;
    for (std::size_t leaf = 0; leaf < leafCountOf(ensemble); ++leaf) {
        const auto row = leafRow(ensemble, leaf);
        mapping.push_back(static_cast<quint32>(std::max_element(row.begin(), row.end()) - row.begin()));
    }
    forest.leafKind = LeafKind::Hard;
    forest.leafCount = forest.targets;
    return mapping;
}

/// The sum that all leaves have, or 0 when these are no shares.
double commonShareSum(const model::TreeEnsemble& ensemble)
{
    double common = 0;
    for (std::size_t leaf = 0; leaf < leafCountOf(ensemble); ++leaf) {
        double sum = 0;
        for (const float value : leafRow(ensemble, leaf)) {
            if (value < 0)
                return 0;
            sum += static_cast<double>(value);
        }
        if (leaf == 0)
            common = sum;
        if (sum <= 0 || std::abs(sum - common) > kShareTolerance * common)
            return 0;
    }
    return common;
}

/// Which target takes what rounding leaves over: one whose share no other has, because equal shares must stay equal
/// (ties are decided by order, in the model as on the board); of these the largest, where a vote weighs least.
std::size_t targetForRest(std::span<const float> values)
{
    std::size_t best = values.size();
    for (std::size_t t = 0; t < values.size(); ++t) {
        const bool isUnique = std::count(values.begin(), values.end(), values[t]) == 1;
        if (values[t] > 0 && isUnique && (best == values.size() || values[t] > values[best]))
            best = t;
    }
    const auto largest = static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
    return best == values.size() ? largest : best;
}

/// Shares in units of runtime::kFullVote, which they add up to.
Row quantiseShares(std::span<const float> values, double sum)
{
    Row row;
    qint32 rest = runtime::kFullVote;
    for (const float value : values) {
        row.push_back(static_cast<qint32>(std::lround(static_cast<double>(value) / sum * runtime::kFullVote)));
        rest -= row.back();
    }
    row[targetForRest(values)] += rest;
    return row;
}

qsizetype targetsSharing(const Row& row)
{
    return std::count_if(row.begin(), row.end(), [](qint32 v) { return v != 0; });
}

Row oneTarget(std::size_t targets, std::size_t target)
{
    Row row(targets, 0);
    row[target] = runtime::kFullVote;
    return row;
}

void appendRow(LoweredForest& forest, const Row& row)
{
    forest.leafValues.insert(forest.leafValues.end(), row.begin(), row.end());
    ++forest.leafCount;
}

Result<std::vector<quint32>> sharedLeaves(const model::TreeEnsemble& ensemble, double sum, LoweredForest& forest)
{
    const std::size_t targets = forest.targets;
    std::vector<Row> rows;
    // Ordered as the kernel wants them: by number of targets, then by anything that does not change.
    std::map<std::pair<qsizetype, Row>, quint32> mixed;
    for (std::size_t leaf = 0; leaf < leafCountOf(ensemble); ++leaf) {
        rows.push_back(quantiseShares(leafRow(ensemble, leaf), sum));
        if (const qsizetype sharing = targetsSharing(rows.back()); sharing > 1)
            mixed.emplace(std::pair(sharing, rows.back()), 0);
    }
    if (targets + mixed.size() > kMaxLeaves)
        return tooManyLeaves();

    forest.leafKind = LeafKind::Shares;
    for (std::size_t t = 0; t < targets; ++t)
        appendRow(forest, oneTarget(targets, t));
    for (auto& [key, index] : mixed) {
        index = forest.leafCount;
        appendRow(forest, key.second);
    }
    std::vector<quint32> mapping;
    for (const Row& row : rows) {
        const qsizetype sharing = targetsSharing(row);
        const auto first = std::find_if(row.begin(), row.end(), [](qint32 v) { return v != 0; });
        mapping.push_back(sharing > 1 ? mixed.at(std::pair(sharing, row)) : static_cast<quint32>(first - row.begin()));
    }
    return mapping;
}

double largestAbsolute(std::span<const float> values)
{
    double largest = 0;
    for (const float value : values)
        largest = std::max(largest, std::abs(static_cast<double>(value)));
    return largest;
}

/// The largest power of two by which votes can be scaled without ever leaving the 32-bit range.
double valueScale(const model::TreeEnsemble& ensemble, double baseFactor)
{
    const double bound = largestAbsolute(ensemble.leafValues) * static_cast<double>(ensemble.roots.size()) +
                         largestAbsolute(ensemble.baseValues) * baseFactor;
    return bound > 0 ? std::exp2(std::floor(std::log2(kMaxVotes / bound))) : 1.0;
}

Result<std::vector<quint32>> denseLeaves(const model::TreeEnsemble& ensemble, double scale, LoweredForest& forest)
{
    forest.leafKind = LeafKind::Values;
    std::map<Row, quint32> known;
    std::vector<quint32> mapping;
    for (std::size_t leaf = 0; leaf < leafCountOf(ensemble); ++leaf) {
        Row row;
        for (const float value : leafRow(ensemble, leaf))
            row.push_back(static_cast<qint32>(std::lround(static_cast<double>(value) * scale)));
        const auto [at, isNew] = known.emplace(row, forest.leafCount);
        if (isNew)
            appendRow(forest, row);
        mapping.push_back(at->second);
    }
    if (known.size() > kMaxLeaves)
        return tooManyLeaves();
    return mapping;
}

/// False when they do not fit beside the votes of the trees.
bool lowerBaseVotes(const model::TreeEnsemble& ensemble, LoweredForest& forest)
{
    if (largestAbsolute(ensemble.baseValues) * forest.voteScale > kMaxVotes)
        return false;
    for (const float value : ensemble.baseValues)
        forest.baseVotes.push_back(static_cast<qint32>(std::lround(static_cast<double>(value) * forest.voteScale)));
    if (std::all_of(forest.baseVotes.begin(), forest.baseVotes.end(), [](qint32 v) { return v == 0; }))
        forest.baseVotes.clear();
    return true;
}

} // namespace

Result<std::vector<quint32>> lowerLeaves(const model::TreeEnsemble& ensemble, Vote vote, LoweredForest& forest)
{
    if (vote == Vote::Hard) {
        if (!ensemble.classifier)
            return Error(ErrorKind::Usage, QStringLiteral("Hard votes are for classifiers; this model is a regressor."),
                         QStringLiteral("Leave out --vote hard."));
        return hardLeaves(ensemble, forest);
    }
    const auto trees = static_cast<double>(ensemble.roots.size());
    const double perTree = ensemble.aggregate == model::Aggregate::Average ? trees : 1.0;
    const double sum = commonShareSum(ensemble);
    const bool canShare = ensemble.classifier && forest.targets >= 2 && forest.targets <= kMaxSharedTargets &&
                          trees * runtime::kFullVote <= kMaxVotes;
    if (sum > 0 && canShare) {
        forest.voteScale = runtime::kFullVote / sum * perTree;
        if (lowerBaseVotes(ensemble, forest))
            return sharedLeaves(ensemble, sum, forest);
    }
    const double scale = valueScale(ensemble, perTree);
    forest.voteScale = scale * perTree;
    lowerBaseVotes(ensemble, forest);
    return denseLeaves(ensemble, scale, forest);
}

} // namespace ember::codegen
