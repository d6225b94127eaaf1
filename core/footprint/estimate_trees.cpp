// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/emit_trees.h"
#include "core/footprint/model_work.h"

#include <algorithm>
#include <vector>

namespace ember::footprint {
namespace {

using codegen::CodeStyle;
using codegen::FeatureType;
using codegen::LeafKind;
using codegen::LoweredForest;
using codegen::LoweredModel;

/// What one inference does in the trees, as an average.
struct Work
{
    double comparisons = 0;
    double mixedLeaves = 0; ///< trees that end in a leaf of several targets
};

/// Without data nobody knows how often a branch is taken. Between the two extremes - every leaf as likely as the next,
/// and every comparison a coin toss - the middle is close to what trained forests do. Leaves of several classes hold
/// more of the data than pure ones.
Work expectedWork(const LoweredForest& forest)
{
    constexpr double kMixedWeight = 1.6;
    double toss = 0;
    double depthSum = 0;
    double mixed = 0;
    double leafCount = 0;
    std::vector<double> reach(forest.nodes.size(), 0);
    std::vector<double> depth(forest.nodes.size(), 1);
    for (const qint32 root : forest.roots)
        reach[static_cast<std::size_t>(root)] = 1;
    for (std::size_t i = 0; i < forest.nodes.size(); ++i) {
        toss += reach[i];
        for (const qint32 child : {forest.nodes[i].whenTrue, forest.nodes[i].whenFalse}) {
            if (child >= 0) {
                reach[static_cast<std::size_t>(child)] = reach[i] / 2;
                depth[static_cast<std::size_t>(child)] = depth[i] + 1;
                continue;
            }
            leafCount += 1;
            depthSum += depth[i];
            mixed += forest.leafKind == LeafKind::Shares && -1 - child >= forest.targets ? 1 : 0;
        }
    }
    const auto trees = static_cast<double>(forest.roots.size());
    const double perLeaf = trees / std::max(leafCount, 1.0);
    return {(toss + depthSum * perLeaf) / 2, std::min(trees, mixed * perLeaf * kMixedWeight)};
}

// The figures below were fitted on images of gcc 12 and counts of the emulator, on Cortex-M3, M4F, M7 and M33, which
// run the same Thumb-2 instructions; tests/bench/bench_estimate prints how far off they are.

double tableInstructions(const LoweredModel& model, const Work& work)
{
    const LoweredForest& forest = *model.forest();
    double perComparison = model.rowType() == FeatureType::Float32 ? 22.4 : 17;
    perComparison += forest.headBytes == 2 ? 3 : 0;
    perComparison += forest.thresholdBytes == 2 ? 1 : 0;
    perComparison += forest.missingValues ? 4 : 0;
    return 7 + 20 * static_cast<double>(forest.roots.size()) + perComparison * work.comparisons + 75 * work.mixedLeaves;
}

double codeInstructions(const LoweredModel& model, const Work& work)
{
    const bool isFloat = model.rowType() == FeatureType::Float32;
    double perComparison = isFloat ? 4.5 : 2.8;
    if (isFloat && model.featureCount <= 8) // they stay in registers
        perComparison = 2.5;
    perComparison += model.forest()->missingValues ? 2 : 0;
    return 13 + 1.5 * static_cast<double>(model.forest()->roots.size()) + perComparison * work.comparisons +
           58 * work.mixedLeaves + 5.0 * model.forest()->targets;
}

double forestInstructions(const LoweredModel& model)
{
    const LoweredForest& forest = *model.forest();
    const Work work = expectedWork(forest);
    double sum = model.style == CodeStyle::Table ? tableInstructions(model, work) : codeInstructions(model, work);
    if (forest.leafKind == LeafKind::Values)
        sum += static_cast<double>(forest.roots.size()) * (8 + 7.0 * forest.targets);
    return sum + 9.0 * forest.targets; // clear the votes, find the largest
}

ModelWork forestFlash(const LoweredModel& model, features::CpuClass cpu)
{
    const LoweredForest& forest = *model.forest();
    ModelWork flash;
    const bool mixed = forest.leafKind == LeafKind::Shares && !forest.leafCounts.isEmpty();
    if (model.style == CodeStyle::Table) {
        flash.constantBytes += static_cast<double>(forest.tableBytes());
        flash.codeBytes = (forest.roots.size() == 1 ? 200 : 245) + (mixed ? 108 : 0) +
                     (model.rowType() == FeatureType::Float32 ? 18 : 0) + (forest.missingValues ? 30 : 0);
    } else {
        const bool tables = codegen::treesNeedLeafTable(forest);
        flash.constantBytes += tables ? static_cast<double>(forest.leafTable.size() + forest.leafCounts.size()) : 0;
        flash.constantBytes += static_cast<double>(forest.baseVotes.size()) * 4;
        flash.codeBytes = 90 + static_cast<double>(codegen::estimatedCodeBytes(forest, model.rowType(),
                                                                          cpu == features::CpuClass::FloatHardware));
    }
    return flash;
}

} // namespace

Result<ModelWork> workOf(const LoweredForest&, const LoweredModel& model, features::CpuClass cpu)
{
    ModelWork work = forestFlash(model, cpu);
    work.instructions = forestInstructions(model);
    return work;
}

} // namespace ember::footprint
