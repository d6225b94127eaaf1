// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/trees/emit_trees.h"
#include "core/footprint/model_work.h"

#include <algorithm>
#include <set>
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

/// So many floats stay in registers.
constexpr std::size_t kFewFeatures = 8;

/// What trees cost on one kind of core: work, which is cycles on an AVR and instructions elsewhere, and bytes of code.
struct TreePrices
{
    // Tables: a comparison of floats and of whole numbers, what wide heads and missing values add to it, a tree that
    // ends in a leaf of several targets, a target, a tree whose leaves hold values, and each of these values.
    double floatComparison, comparison, wideHead, missing, mixedLeaf, target, valueLeaf, value;
    // Code: comparisons of floats, of floats that stay in registers because they are few, of whole numbers.
    double floatBranch, fewFloatsBranch, branch, missingBranch, mixedExit, codeTarget;
    // Bytes of the table kernel for one tree and for more, and what each of these adds to it.
    double oneTree, moreTrees, mixedBytes, floatBytes, missingBytes;
    // Bytes of trees as code: what comes with them, a comparison (as above, with its leaf), a threshold, a leaf table.
    // A node of zero bytes: the generator's own formula holds.
    double codeBase, floatNode, fewFloatsNode, node, threshold, leafTable;
};

// Robust least squares over images of gcc 12 and counts of the emulators, for forests of every tree trainer;
// tests/bench/bench_estimate prints how far off they are. Cortex-M3, M4F, M7 and M33 run the same Thumb-2 instructions.
constexpr TreePrices kTreesThumb2 = {27.4, 21.3, 2,   1.2, 68.7, 9.2, 19, 6.3, 5.06, 2.3, 3.25, 2, 60.1,
                                     15.2, 202,  240, 101, 22,   85,  90, 0,   0,    0,   0,    0};
constexpr TreePrices kTreesArmV6 = {50.1, 34.1, 3.9, 3,   102, 8.2, 25, 18,   7.9,  2.7,  5.85, 3,  96,
                                    17.3, 223,  257, 109, 43,  61,  20, 23.1, 28.5, 14.5, 0,    105};
constexpr TreePrices kTreesRv32 = {36.6, 23.2, 3.8, 2,   91.3, 10.6, 14.2, 9.2,  28,   14.8, 2.7, 4,  81.8,
                                   14.6, 265,  302, 141, 49,   75,   127,  22.5, 21.2, 11.9, 3.7, 225};
constexpr TreePrices kTreesAvr = {154, 105, 12,  3,   656, 44.6, 93,  79,   60.1, 61.3, 10, 12, 1380,
                                  116, 413, 458, 280, 78,  38,   141, 32.5, 49.6, 17,   8,  432};

const TreePrices& treePricesOf(features::CpuClass cpu)
{
    switch (cpu) {
    case features::CpuClass::FloatLibraryArmV6:
        return kTreesArmV6;
    case features::CpuClass::FloatLibraryRv32:
        return kTreesRv32;
    case features::CpuClass::FloatLibraryAvr:
        return kTreesAvr;
    case features::CpuClass::FloatHardware:
    case features::CpuClass::FloatLibrary:
        break;
    }
    return kTreesThumb2;
}

double tableWork(const LoweredModel& model, const TreePrices& prices, const Work& work)
{
    const LoweredForest& forest = *model.forest();
    double comparison = model.rowType() == FeatureType::Float32 ? prices.floatComparison : prices.comparison;
    comparison += forest.headBytes == 2 ? prices.wideHead : 0;
    comparison += forest.missingValues ? prices.missing : 0;
    return comparison * work.comparisons + prices.mixedLeaf * work.mixedLeaves + prices.target * forest.targets;
}

double codeWork(const LoweredModel& model, const TreePrices& prices, const Work& work)
{
    const bool isFloat = model.rowType() == FeatureType::Float32;
    double branch = !isFloat                             ? prices.branch
                    : model.featureCount <= kFewFeatures ? prices.fewFloatsBranch
                                                         : prices.floatBranch;
    branch += model.forest()->missingValues ? prices.missingBranch : 0;
    return branch * work.comparisons + prices.mixedExit * work.mixedLeaves +
           prices.codeTarget * model.forest()->targets;
}

double forestWork(const LoweredModel& model, const TreePrices& prices)
{
    const LoweredForest& forest = *model.forest();
    const Work work = expectedWork(forest);
    const double sum = model.style == CodeStyle::Table ? tableWork(model, prices, work) : codeWork(model, prices, work);
    if (forest.leafKind != LeafKind::Values)
        return sum;
    return sum + static_cast<double>(forest.roots.size()) * (prices.valueLeaf + prices.value * forest.targets);
}

/// Of trees as code.
double nodeBytes(const LoweredModel& model, const TreePrices& prices, bool fpu)
{
    const LoweredForest& forest = *model.forest();
    if (prices.node <= 0) // Thumb-2, where the generator itself must know
        return static_cast<double>(codegen::estimatedCodeBytes(forest, model.rowType(), fpu));
    std::set<qint32> thresholds;
    std::set<quint16> features;
    for (const codegen::LoweredNode& node : forest.nodes) {
        thresholds.insert(node.threshold);
        features.insert(node.feature);
    }
    const bool isFloat = model.rowType() == FeatureType::Float32;
    const double perNode = !isFloat                          ? prices.node
                           : features.size() <= kFewFeatures ? prices.fewFloatsNode
                                                             : prices.floatNode;
    return perNode * static_cast<double>(forest.nodes.size()) +
           (isFloat ? prices.threshold * static_cast<double>(thresholds.size()) : 0) +
           (codegen::treesNeedLeafTable(forest) ? prices.leafTable : 0);
}

ModelWork forestFlash(const LoweredModel& model, features::CpuClass cpu)
{
    const LoweredForest& forest = *model.forest();
    const TreePrices& prices = treePricesOf(cpu);
    ModelWork flash;
    if (model.style == CodeStyle::Table) {
        const bool mixed = forest.leafKind == LeafKind::Shares && !forest.leafCounts.isEmpty();
        flash.constantBytes = static_cast<double>(forest.tableBytes());
        flash.codeBytes = (forest.roots.size() == 1 ? prices.oneTree : prices.moreTrees) +
                          (mixed ? prices.mixedBytes : 0) +
                          (model.rowType() == FeatureType::Float32 ? prices.floatBytes : 0) +
                          (forest.missingValues ? prices.missingBytes : 0);
        return flash;
    }
    const bool tables = codegen::treesNeedLeafTable(forest);
    flash.constantBytes = tables ? static_cast<double>(forest.leafTable.size() + forest.leafCounts.size()) : 0;
    flash.constantBytes += static_cast<double>(forest.baseVotes.size()) * 4;
    flash.codeBytes = prices.codeBase + nodeBytes(model, prices, cpu == features::CpuClass::FloatHardware);
    return flash;
}

} // namespace

Result<ModelWork> workOf(const LoweredForest&, const LoweredModel& model, features::CpuClass cpu)
{
    ModelWork work = forestFlash(model, cpu);
    work.instructions = forestWork(model, treePricesOf(cpu));
    return work;
}

} // namespace ember::footprint
