// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/estimate.h"

#include "core/codegen/emit_trees.h"
#include "core/codegen/memory_plan.h"
#include "core/device/board.h"
#include "core/features/cost.h"
#include "core/features/emit_plan.h"

#include <algorithm>
#include <optional>

namespace ember::footprint {
namespace {

using codegen::CodeStyle;
using codegen::FeatureType;
using codegen::LeafKind;
using codegen::LoweredForest;
using codegen::LoweredModel;

std::optional<features::CpuClass> cpuClassOf(const device::Board& board)
{
    static const QStringList kKnown = {QStringLiteral("Cortex-M3"), QStringLiteral("Cortex-M4F"),
                                       QStringLiteral("Cortex-M4"), QStringLiteral("Cortex-M7"),
                                       QStringLiteral("Cortex-M33")};
    if (!kKnown.contains(board.cpu))
        return std::nullopt;
    return board.fpu ? features::CpuClass::FloatHardware : features::CpuClass::FloatLibrary;
}

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
    const LoweredForest& forest = model.forest;
    double perComparison = model.featureType == FeatureType::Float32 ? 22.4 : 17;
    perComparison += forest.headBytes == 2 ? 3 : 0;
    perComparison += forest.thresholdBytes == 2 ? 1 : 0;
    perComparison += forest.missingValues ? 4 : 0;
    return 7 + 20 * static_cast<double>(forest.roots.size()) + perComparison * work.comparisons + 75 * work.mixedLeaves;
}

double codeInstructions(const LoweredModel& model, const Work& work)
{
    const bool isFloat = model.featureType == FeatureType::Float32;
    double perComparison = isFloat ? 4.5 : 2.8;
    if (isFloat && model.featureCount <= 8) // they stay in registers
        perComparison = 2.5;
    perComparison += model.forest.missingValues ? 2 : 0;
    return 13 + 1.5 * static_cast<double>(model.forest.roots.size()) + perComparison * work.comparisons +
           58 * work.mixedLeaves + 5.0 * model.forest.targets;
}

double forestInstructions(const LoweredModel& model)
{
    const LoweredForest& forest = model.forest;
    const Work work = expectedWork(forest);
    double sum = model.style == CodeStyle::Table ? tableInstructions(model, work) : codeInstructions(model, work);
    if (forest.leafKind == LeafKind::Values)
        sum += static_cast<double>(forest.roots.size()) * (8 + 7.0 * forest.targets);
    return sum + 9.0 * forest.targets; // clear the votes, find the largest
}

struct Flash
{
    double code = 0;
    double constants = 0;
};

Flash forestFlash(const LoweredModel& model, features::CpuClass cpu)
{
    const LoweredForest& forest = model.forest;
    Flash flash;
    // What the firmware must know of a model: descriptor, hash, name, class names and pointers to them.
    flash.constants = 48 + 17 + static_cast<double>(model.name.size()) + 1;
    for (const QString& name : model.classNames)
        flash.constants += static_cast<double>(name.toUtf8().size()) + 5;
    const bool mixed = forest.leafKind == LeafKind::Shares && !forest.leafCounts.isEmpty();
    if (model.style == CodeStyle::Table) {
        flash.constants += static_cast<double>(forest.tableBytes());
        flash.code = (forest.roots.size() == 1 ? 200 : 245) + (mixed ? 108 : 0) +
                     (model.featureType == FeatureType::Float32 ? 18 : 0) + (forest.missingValues ? 30 : 0);
    } else {
        const bool tables = codegen::treesNeedLeafTable(forest);
        flash.constants += tables ? static_cast<double>(forest.leafTable.size() + forest.leafCounts.size()) : 0;
        flash.constants += static_cast<double>(forest.baseVotes.size()) * 4;
        flash.code = 90 + static_cast<double>(codegen::estimatedCodeBytes(forest, model.featureType,
                                                                          cpu == features::CpuClass::FloatHardware));
    }
    return flash;
}

/// The formulas of feature extraction are for -Os; windowed models that are not made for size are compiled with -O2.
features::ExtractionCost extractionCost(const features::ExtractionPlan& plan, const LoweredModel& model,
                                        features::CpuClass cpu)
{
    features::ExtractionCost cost = features::estimateExtraction(plan, cpu);
    if (model.optimise != codegen::Optimise::Size) {
        const bool fpu = cpu == features::CpuClass::FloatHardware;
        cost.instructions *= fpu ? 0.82 : 0.98;
        cost.codeBytes = static_cast<int>(cost.codeBytes * 2.3);
    }
    return cost;
}

StageCost stage(const QString& name, double instructions)
{
    return {name, {instructions, CostSource::Estimated}, {instructions, CostSource::Estimated}};
}

} // namespace

Result<ModelCost> estimate(const codegen::LoweredModel& model, const device::Board& board)
{
    const auto cpu = cpuClassOf(board);
    if (!cpu)
        return Error(ErrorKind::Unsupported, QStringLiteral("No cost formula is known for %1.").arg(board.cpu),
                     QStringLiteral("Build and profile the model instead."));
    EMBER_TRY(const codegen::MemoryPlan memory, codegen::planMemory(model));
    Flash flash = forestFlash(model, *cpu);
    double instructions = forestInstructions(model);
    ModelCost cost;
    if (model.pipeline) {
        EMBER_TRY(const features::ExtractionPlan plan, features::planFor(*model.pipeline));
        const features::ExtractionCost extraction = extractionCost(plan, model, *cpu);
        cost.stages.push_back(stage(QStringLiteral("features"), extraction.instructions));
        flash.code += extraction.codeBytes;
        flash.constants += extraction.constantBytes;
        instructions += extraction.instructions;
    }
    cost.stages.push_back(stage(QStringLiteral("model"), forestInstructions(model)));
    cost.flashCodeBytes.value = flash.code;
    cost.flashConstBytes.value = flash.constants;
    cost.flashBytes.value = flash.code + flash.constants;
    cost.ramBytes.value = static_cast<double>(memory.total());
    cost.instructions = OptionalCost::of(instructions, CostSource::Estimated);
    cost.instructionsMax = OptionalCost::none(QStringLiteral("the formula gives a mean"));
    cost.stackBytes = OptionalCost::none(QStringLiteral("only a run shows it: profile the model"));
    cost.cyclesMax = OptionalCost::none(QStringLiteral("the formula gives a mean"));
    cost.cycles = OptionalCost::none(QStringLiteral("wait states and dual issue of the processor are not modelled"));
    cost.energyMicrojoules =
        OptionalCost::none(board.activeMilliamps ? QStringLiteral("energy needs cycles, which are not modelled")
                                                 : QStringLiteral("the board file has no supply current"));
    return cost;
}

} // namespace ember::footprint
