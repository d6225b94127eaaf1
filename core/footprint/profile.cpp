// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/profile.h"

#include "core/footprint/board_run.h"

#include <algorithm>

namespace ember::footprint {
namespace {

using codegen::ImageSizes;

/// What instructions an inference took, summed over rows.
struct StageCounter
{
    double sum = 0;
    double most = 0;

    void add(double instructions)
    {
        sum += instructions;
        most = std::max(most, instructions);
    }
    StageCost cost(const QString& name, qint64 rows) const
    {
        return {name, {sum / static_cast<double>(rows), CostSource::Emulated}, {most, CostSource::Emulated}};
    }
};

Result<ImageSizes> sizesWithoutModel(const device::Board& board, const RunOptions& options)
{
    QTemporaryDir folder;
    if (!folder.isValid())
        return Error(ErrorKind::Io, QStringLiteral("No temporary folder can be made: %1.").arg(folder.errorString()));
    EMBER_TRY(const codegen::Toolchain toolchain, codegen::Toolchain::forBoard(board));
    codegen::Toolchain::Request request;
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
    EMBER_TRY(const ImageSizes without, sizesWithoutModel(board, options));

    ModelCost cost;
    cost.source = CostSource::Emulated;
    cost.rows = static_cast<qint64>(encoded.rows.size());
    setSizes(cost, run->sizes(), without);

    const qint64 tickHz = run->session().description().cpuTickHz;
    StageCounter features;
    StageCounter model;
    StageCounter both;
    quint32 stackBytes = 0;
    EMBER_CHECK(runInputs(run->session(), encoded, runOptions, [&](std::size_t, const device::VectorOutput& output) {
        const double featureCount = instructionsOf(output.featureTicks, tickHz, kIcountShift);
        const double modelCount = instructionsOf(output.modelTicks, tickHz, kIcountShift);
        features.add(featureCount);
        model.add(modelCount);
        both.add(featureCount + modelCount);
        stackBytes = std::max(stackBytes, output.stackBytes);
        return Status();
    }));
    if (encoded.windows)
        cost.stages.push_back(features.cost(QStringLiteral("features"), cost.rows));
    cost.stages.push_back(model.cost(QStringLiteral("model"), cost.rows));
    const StageCost total = both.cost({}, cost.rows);
    cost.instructions = {total.instructions, {}};
    cost.instructionsMax = {total.instructionsMax, {}};
    cost.stackBytes = OptionalCost::of(stackBytes, CostSource::Emulated);
    cost.cycles = OptionalCost::none(
        QStringLiteral("the emulator counts instructions; it does not model wait states, pipelines and dual issue"));
    cost.energyMicrojoules = OptionalCost::none(
        QStringLiteral("energy needs cycles and a measured supply current; an emulated board has neither"));
    return cost;
}

} // namespace ember::footprint
