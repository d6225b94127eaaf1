// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/profile.h"

#include "core/footprint/board_run.h"
#include "core/footprint/energy.h"

#include <algorithm>

namespace ember::footprint {
namespace {

using codegen::ImageSizes;

/// What work an inference took, summed over rows.
struct StageCounter
{
    double sum = 0;
    double most = 0;

    void add(double work)
    {
        sum += work;
        most = std::max(most, work);
    }
    StageCost cost(const QString& name, qint64 rows, WorkUnit unit) const
    {
        return {name, {sum / static_cast<double>(rows), CostSource::Emulated}, {most, CostSource::Emulated}, unit};
    }
};

/// Sets what was counted, and says why the other is not there.
void setWork(ModelCost& cost, const StageCost& total)
{
    const OptionalCost mean{total.work, {}};
    const OptionalCost most{total.workMax, {}};
    if (total.unit == WorkUnit::Cycles) {
        const auto none = OptionalCost::none(QStringLiteral("the emulator counts cycles"));
        cost.cycles = mean;
        cost.cyclesMax = most;
        cost.instructions = cost.instructionsMax = none;
        return;
    }
    const auto none = OptionalCost::none(
        QStringLiteral("the emulator counts instructions; it does not model wait states, pipelines and dual issue"));
    cost.instructions = mean;
    cost.instructionsMax = most;
    cost.cycles = cost.cyclesMax = none;
}

Result<ImageSizes> sizesWithoutModel(const device::Board& board, const codegen::AgentParts& parts,
                                     const RunOptions& options)
{
    QTemporaryDir folder;
    if (!folder.isValid())
        return Error(ErrorKind::Io, QStringLiteral("No temporary folder can be made: %1.").arg(folder.errorString()));
    EMBER_TRY(const codegen::Toolchain toolchain, codegen::Toolchain::forBoard(board));
    codegen::Toolchain::Request request;
    request.agentParts = parts;
    request.outputPath = folder.filePath(QStringLiteral("agent.elf"));
    request.progress = options.progress;
    request.cancel = options.cancel;
    EMBER_TRY(const codegen::FirmwareImage image, toolchain.buildFirmware(board, request));
    return image.sizes;
}

void setSizes(ModelCost& cost, const ImageSizes& with, const ImageSizes& without)
{
    const auto emulated = [](qint64 bytes) { return Cost{static_cast<double>(bytes), CostSource::Emulated}; };
    cost.flashBytes = emulated(with.flash() - without.flash());
    cost.flashCodeBytes = emulated(with.flashCode - without.flashCode);
    cost.flashConstBytes = emulated(with.flashConst - without.flashConst);
    cost.ramBytes = emulated(with.ram - without.ram);
}

} // namespace

Result<ModelCost> profile(const codegen::HostProgram& program, const device::Board& board, const Inputs& inputs,
                          const RunOptions& options)
{
    EMBER_TRY(const EncodedInputs encoded, encodeInputs(program, inputs, options.maxRows));
    const BoardRun::Options runOptions{options.progress, options.cancel};
    EMBER_TRY(const std::unique_ptr<BoardRun> run, BoardRun::start(program, board, runOptions));
    EMBER_TRY(const ImageSizes without,
              sizesWithoutModel(
                  board, {program.model().learning.has_value(), false, program.model().events.has_value()}, options));

    ModelCost cost;
    cost.source = CostSource::Emulated;
    cost.rows = static_cast<qint64>(encoded.rows.size());
    setSizes(cost, run->sizes(), without);

    const WorkMeter meter = emulatorMeter(board, run->session().description().cpuTickHz);
    StageCounter features;
    StageCounter model;
    StageCounter both;
    quint32 stackBytes = 0;
    EMBER_CHECK(runInputs(run->session(), encoded, runOptions, [&](std::size_t, const device::VectorOutput& output) {
        const double featureCount = meter.work(output.featureTicks);
        const double modelCount = meter.work(output.modelTicks);
        features.add(featureCount);
        model.add(modelCount);
        both.add(featureCount + modelCount);
        stackBytes = std::max(stackBytes, output.stackBytes);
        return Status();
    }));
    if (encoded.windows)
        cost.stages.push_back(features.cost(QStringLiteral("features"), cost.rows, meter.unit()));
    cost.stages.push_back(model.cost(QStringLiteral("model"), cost.rows, meter.unit()));
    setWork(cost, both.cost({}, cost.rows, meter.unit()));
    cost.stackBytes = OptionalCost::of(stackBytes, CostSource::Emulated);
    cost.energyMicrojoules = energyUse(cost, board).microjoules;
    return cost;
}

} // namespace ember::footprint
