// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/estimate.h"

#include "core/codegen/memory_plan.h"
#include "core/device/board.h"
#include "core/features/cost.h"
#include "core/features/emit_plan.h"
#include "core/footprint/energy.h"
#include "core/footprint/estimate_network.h"
#include "core/footprint/model_work.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace ember::footprint {
namespace {

using codegen::LoweredModel;

/// The formulas of feature extraction are for -Os; windowed models that are not made for size are compiled with -O2,
/// except for an AVR.
features::ExtractionCost extractionCost(const features::ExtractionPlan& plan, const LoweredModel& model,
                                        features::CpuClass cpu)
{
    features::ExtractionCost cost = features::estimateExtraction(plan, cpu);
    if (model.optimise != codegen::Optimise::Size && cpu != features::CpuClass::FloatLibraryAvr) {
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

/// Of a model that learns, besides: the functions by which the agent teaches it, and shapes that kernels take by
/// reference. Fitted to linked images, whose part of constants ends at a multiple of four bytes in both.
double avrLearningConstants(const LoweredModel& model)
{
    constexpr double kPort = 12; // the functions of learning
    constexpr double kGaussianShape = 6;
    constexpr double kNeighbourShapes = 12;
    constexpr double kLinearShapes = 8;
    if (std::holds_alternative<codegen::LoweredNeighbours>(model.body))
        return kPort + kNeighbourShapes;
    return kPort + (std::holds_alternative<codegen::LoweredLinear>(model.body) ? kLinearShapes : kGaussianShape);
}

/// Constants that an AVR has in RAM: the descriptor of the model and pointers to class names, shapes of kernels, limits
/// of integer kernels. The linker ends that part at a multiple of four bytes.
double avrConstants(const LoweredModel& model, const codegen::MemoryPlan& memory)
{
    constexpr double kDescriptor = 32;
    constexpr double kSupportShape = 18;
    constexpr double kShareLimits = 10;
    constexpr double kPointsShape = 6; // of neighbours and mixtures
    double bytes = kDescriptor + (model.classifier ? 2.0 * static_cast<double>(model.classNames.size()) : 0.0);
    if (const auto* program = std::get_if<codegen::LoweredProgram>(&model.body))
        bytes += shapeBytes(*program);
    else if (std::holds_alternative<codegen::LoweredSupport>(model.body))
        bytes += kSupportShape;
    else if (const auto* linear = std::get_if<codegen::LoweredLinear>(&model.body))
        bytes += linear->transform != codegen::ScoreTransform::None ? kShareLimits : 0;
    else if (const auto* gaussian = std::get_if<codegen::LoweredGaussian>(&model.body))
        bytes += gaussian->firsts.empty() || model.learning ? 0 : kPointsShape;
    else if (std::holds_alternative<codegen::LoweredNeighbours>(model.body))
        bytes += model.learning ? 0 : kPointsShape;
    constexpr double kEventPort = 9; // the functions of events, and the pointer to them
    bytes += (model.learning ? avrLearningConstants(model) : 0) + (model.events ? kEventPort : 0);
    bytes -= static_cast<double>(memory.padding);
    return 4 * std::ceil(bytes / 4);
}

StageCost stage(const QString& name, double work, WorkUnit unit)
{
    return {name, {work, CostSource::Estimated}, {work, CostSource::Estimated}, unit};
}

void setWork(ModelCost& cost, double work, WorkUnit unit)
{
    const auto mean = OptionalCost::none(QStringLiteral("the formula gives a mean"));
    cost.instructionsMax = cost.cyclesMax = mean;
    if (unit == WorkUnit::Cycles) {
        cost.cycles = OptionalCost::of(work, CostSource::Estimated);
        cost.instructions = OptionalCost::none(QStringLiteral("on this processor cycles are estimated"));
        return;
    }
    cost.instructions = OptionalCost::of(work, CostSource::Estimated);
    cost.cycles = OptionalCost::none(QStringLiteral("wait states and dual issue of the processor are not modelled"));
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

struct CodePrice
{
    double feature; ///< work
    double bytes;
};

CodePrice codePriceOf(features::CpuClass cpu)
{
    switch (cpu) {
    case features::CpuClass::FloatHardware:
        return {35, 130};
    case features::CpuClass::FloatLibrary:
        return {350, 1650};
    case features::CpuClass::FloatLibraryArmV6:
        return {600, 3050};
    case features::CpuClass::FloatLibraryRv32:
        return {350, 3300};
    case features::CpuClass::FloatLibraryAvr:
        break;
    }
    return {950, 925};
}

/// Float features that become whole numbers first; the figures are those of one forest on each core. Without an FPU
/// zeros are quick: the figures lie between those of rows without any and of rows of many.
void addCodes(const LoweredModel& model, features::CpuClass cpu, ModelWork& work)
{
    const CodePrice price = codePriceOf(cpu);
    work.instructions += price.feature * model.featureCount + 20;
    work.codeBytes += price.bytes;
    work.constantBytes += static_cast<double>(model.codes->constants.size() * sizeof(float));
}

} // namespace

Result<features::CpuClass> cpuClassOf(const device::Board& board)
{
    static const QStringList kKnown = {QStringLiteral("Cortex-M3"), QStringLiteral("Cortex-M4F"),
                                       QStringLiteral("Cortex-M4"), QStringLiteral("Cortex-M7"),
                                       QStringLiteral("Cortex-M33")};
    if (board.cpu.startsWith(QStringLiteral("Cortex-M0")))
        return features::CpuClass::FloatLibraryArmV6;
    if (board.cpu.startsWith(QStringLiteral("RV32")))
        return features::CpuClass::FloatLibraryRv32;
    if (board.cpu.startsWith(QStringLiteral("ATmega")))
        return features::CpuClass::FloatLibraryAvr;
    if (!kKnown.contains(board.cpu))
        return Error(ErrorKind::Unsupported, QStringLiteral("No cost formula is known for %1.").arg(board.cpu),
                     QStringLiteral("Build and profile the model instead."));
    return board.fpu ? features::CpuClass::FloatHardware : features::CpuClass::FloatLibrary;
}

Result<ModelCost> estimate(const codegen::LoweredModel& model, const device::Board& board)
{
    EMBER_TRY(const codegen::MemoryPlan memory, codegen::planMemory(model));
    EMBER_TRY(ModelWork work, workOn(model, board));
    if (model.codes) {
        EMBER_TRY(const features::CpuClass cpu, cpuClassOf(board));
        addCodes(model, cpu, work);
    }
    if (model.learning) {
        EMBER_TRY(const features::CpuClass cpu, cpuClassOf(board));
        addLearning(model, cpu, work);
    }
    if (model.events) {
        EMBER_TRY(const features::CpuClass cpu, cpuClassOf(board));
        addEvents(model, cpu, work);
    }
    double code = work.codeBytes;
    double constants = work.constantBytes + descriptionBytes(model);
    double instructions = work.instructions;
    const auto core = cpuClassOf(board);
    const bool isAvr = core && *core == features::CpuClass::FloatLibraryAvr;
    const WorkUnit unit = isAvr ? WorkUnit::Cycles : WorkUnit::Instructions;
    ModelCost cost;
    if (model.pipeline) {
        EMBER_TRY(const features::ExtractionPlan plan, features::planFor(*model.pipeline));
        EMBER_TRY(const features::CpuClass cpu, cpuClassOf(board));
        const features::ExtractionCost extraction = extractionCost(plan, model, cpu);
        cost.stages.push_back(stage(QStringLiteral("features"), extraction.instructions, unit));
        code += extraction.codeBytes + extraction.libraryBytes;
        constants += extraction.constantBytes;
        instructions += extraction.instructions;
    }
    cost.stages.push_back(stage(QStringLiteral("model"), work.instructions, unit));
    cost.flashCodeBytes.value = code;
    cost.flashConstBytes.value = constants;
    cost.flashBytes.value = code + constants;
    // The agent has the counters of a window, with a model or without one.
    cost.ramBytes.value =
        static_cast<double>(memory.total() - memory.counters) + (isAvr ? avrConstants(model, memory) : 0);
    // Compilers for RISC-V align every object to four bytes, those for Arm only what needs it.
    if (core && !isAvr && *core != features::CpuClass::FloatLibraryRv32)
        cost.ramBytes.value -= static_cast<double>(memory.padding / 4 * 4);
    setWork(cost, instructions, unit);
    cost.stackBytes = OptionalCost::none(QStringLiteral("only a run shows it: profile the model"));
    cost.energyMicrojoules = energyUse(cost, board).microjoules;
    return cost;
}

} // namespace ember::footprint
