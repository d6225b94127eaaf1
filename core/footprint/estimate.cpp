// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/estimate.h"

#include "core/codegen/memory_plan.h"
#include "core/device/board.h"
#include "core/features/cost.h"
#include "core/features/emit_plan.h"
#include "core/footprint/estimate_network.h"
#include "core/footprint/model_work.h"

#include <algorithm>
#include <type_traits>

namespace ember::footprint {
namespace {

using codegen::LoweredModel;

Result<features::CpuClass> cpuClassOf(const device::Board& board)
{
    static const QStringList kKnown = {QStringLiteral("Cortex-M3"), QStringLiteral("Cortex-M4F"),
                                       QStringLiteral("Cortex-M4"), QStringLiteral("Cortex-M7"),
                                       QStringLiteral("Cortex-M33")};
    if (!kKnown.contains(board.cpu))
        return Error(ErrorKind::Unsupported, QStringLiteral("No cost formula is known for %1.").arg(board.cpu),
                     QStringLiteral("Build and profile the model instead."));
    return board.fpu ? features::CpuClass::FloatHardware : features::CpuClass::FloatLibrary;
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

/// What the firmware must know of a model: descriptor, hash, name, class names and pointers to them.
double descriptionBytes(const LoweredModel& model)
{
    double bytes = 48 + 17 + static_cast<double>(model.name.size()) + 1;
    for (const QString& name : model.classNames)
        bytes += static_cast<double>(name.toUtf8().size()) + 5;
    return bytes;
}

StageCost stage(const QString& name, double instructions)
{
    return {name, {instructions, CostSource::Estimated}, {instructions, CostSource::Estimated}};
}

Result<ModelWork> workOn(const LoweredModel& model, const device::Board& board)
{
    return std::visit(
        [&](const auto& body) -> Result<ModelWork> {
            if constexpr (std::is_same_v<decltype(body), const codegen::LoweredNetwork&>) {
                return networkWork(body, model, board);
            } else {
                EMBER_TRY(const features::CpuClass cpu, cpuClassOf(board));
                return workOf(body, model, cpu);
            }
        },
        model.body);
}

/// Float features that become whole numbers first; counted on Cortex-M4F and M3.
void addCodes(const LoweredModel& model, features::CpuClass cpu, ModelWork& work)
{
    const bool fpu = cpu == features::CpuClass::FloatHardware;
    work.instructions += (fpu ? 35.0 : 250.0) * model.featureCount + 20;
    work.codeBytes += fpu ? 130 : 1'100;
    work.constantBytes += static_cast<double>(model.codes->constants.size() * sizeof(float));
}

} // namespace

Result<ModelCost> estimate(const codegen::LoweredModel& model, const device::Board& board)
{
    EMBER_TRY(const codegen::MemoryPlan memory, codegen::planMemory(model));
    EMBER_TRY(ModelWork work, workOn(model, board));
    if (model.codes) {
        EMBER_TRY(const features::CpuClass cpu, cpuClassOf(board));
        addCodes(model, cpu, work);
    }
    double code = work.codeBytes;
    double constants = work.constantBytes + descriptionBytes(model);
    double instructions = work.instructions;
    ModelCost cost;
    if (model.pipeline) {
        EMBER_TRY(const features::ExtractionPlan plan, features::planFor(*model.pipeline));
        EMBER_TRY(const features::CpuClass cpu, cpuClassOf(board));
        const features::ExtractionCost extraction = extractionCost(plan, model, cpu);
        cost.stages.push_back(stage(QStringLiteral("features"), extraction.instructions));
        code += extraction.codeBytes;
        constants += extraction.constantBytes;
        instructions += extraction.instructions;
    }
    cost.stages.push_back(stage(QStringLiteral("model"), work.instructions));
    cost.flashCodeBytes.value = code;
    cost.flashConstBytes.value = constants;
    cost.flashBytes.value = code + constants;
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
