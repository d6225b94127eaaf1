// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/board_run.h"

#include "core/codegen/emitter.h"

#include <cmath>

namespace ember::footprint {
namespace {

// A busy computer emulates slowly; an answer that takes longer than this is no longer coming.
constexpr int kStartTimeoutMs = 120'000;
// Given features of at most this size are asked back.
constexpr qsizetype kEchoedBytes = 2'048;
// What fits the largest frame that a board of ours sends, beside the outputs.
constexpr qsizetype kFrameBytes = 3'500;
constexpr int kAnswerTimeoutMs = 120'000;
constexpr std::size_t kRowsPerReport = 32;

} // namespace

double instructionsOf(quint32 ticks, qint64 tickHz, int icountShift)
{
    const double nanoseconds = static_cast<double>(ticks) * 1e9 / static_cast<double>(tickHz);
    return std::round(nanoseconds / static_cast<double>(1 << icountShift));
}

double WorkMeter::work(quint32 ticks) const
{
    if (icountShift)
        return instructionsOf(ticks, tickHz, *icountShift);
    return static_cast<double>(ticks) * static_cast<double>(clockHz) / static_cast<double>(tickHz);
}

WorkMeter emulatorMeter(const device::Board& board, qint64 tickHz)
{
    const bool cycles = board.emulator && board.emulator->countsCycles();
    return {cycles ? std::nullopt : std::optional<int>(kIcountShift), tickHz, board.clockHz};
}

Result<std::unique_ptr<BoardRun>> BoardRun::start(const codegen::HostProgram& program, const device::Board& board,
                                                  const Options& options)
{
    if (!board.isEmulated())
        return Error(ErrorKind::Unsupported, QStringLiteral("%1 has no emulator.").arg(board.name),
                     QStringLiteral("Flash the firmware and measure on the board itself."));
    std::unique_ptr<BoardRun> run(new BoardRun);
    run->m_folder = std::make_unique<QTemporaryDir>();
    if (!run->m_folder->isValid())
        return Error(ErrorKind::Io,
                     QStringLiteral("No temporary folder can be made: %1.").arg(run->m_folder->errorString()));
    EMBER_TRY(const codegen::GeneratedModel generated, codegen::generate(program.model(), {}, options.selfTest));
    EMBER_TRY(const codegen::Toolchain toolchain, codegen::Toolchain::forBoard(board));
    codegen::Toolchain::Request request;
    request.model = &generated;
    request.outputPath = run->m_folder->filePath(QStringLiteral("firmware.elf"));
    request.progress = options.progress;
    request.cancel = options.cancel;
    EMBER_TRY(const codegen::FirmwareImage image, toolchain.buildFirmware(board, request));
    run->m_sizes = image.sizes;

    report(options.progress, QStringLiteral("Starting the board"), -1, board.name);
    device::EmulatorOptions emulator;
    emulator.image = image.elfPath;
    emulator.icountShift = kIcountShift;
    emulator.startTimeoutMs = kStartTimeoutMs;
    EMBER_TRY(run->m_emulator, device::Emulator::start(board, std::move(emulator)));
    EMBER_TRY(run->m_session,
              device::AgentSession::open(run->m_emulator->linkAddress(), kStartTimeoutMs, {}, options.cancel));
    EMBER_CHECK(requireModel(*run->m_session, program));
    return run;
}

Status requireModel(const device::AgentSession& session, const codegen::HostProgram& program)
{
    const auto& deployed = session.description().model;
    const QString wanted = program.model().hash.left(16);
    if (!deployed)
        return Error(ErrorKind::Usage, QStringLiteral("The board carries no model."),
                     QStringLiteral("Flash the firmware with this model first."));
    if (deployed->hash != wanted)
        return Error(ErrorKind::Usage,
                     QStringLiteral("The board carries model '%1' (%2), not '%3' (%4).")
                         .arg(deployed->name, deployed->hash, program.model().name, wanted),
                     QStringLiteral("Flash the firmware with this model, generated with the same options."));
    return {};
}

Status runInputs(device::AgentSession& session, const EncodedInputs& inputs, const BoardRun::Options& options,
                 const std::function<Status(std::size_t row, const device::VectorOutput&)>& take)
{
    const auto kind = inputs.windows ? device::VectorKind::Window : device::VectorKind::Features;
    const auto& deployed = session.description().model;
    const qsizetype features =
        deployed ? deployed->features * static_cast<qsizetype>(wire::elementSize(deployed->featureType)) : 0;
    // Features that were given need not come back, and those of an image or a spectrogram would not fit a frame.
    const bool fits = inputs.windows ? features <= kFrameBytes : inputs.rows.front().size() <= kEchoedBytes;
    const quint8 want = fits ? wire::kWantFeatures | wire::kWantOutputs : wire::kWantOutputs;
    for (std::size_t row = 0; row < inputs.rows.size(); ++row) {
        if (options.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The run on the board was cancelled."));
        if (row % kRowsPerReport == 0)
            report(options.progress, QStringLiteral("Running on the board"),
                   static_cast<double>(row) / static_cast<double>(inputs.rows.size()),
                   QStringLiteral("%1 of %2 rows").arg(row).arg(inputs.rows.size()));
        const auto output =
            session.runVector(static_cast<quint32>(row), kind, inputs.rows[row], want, {kAnswerTimeoutMs, 1});
        if (!output)
            return output.error().context(QStringLiteral("running row %1 on the board").arg(row));
        EMBER_CHECK(take(row, *output));
    }
    return {};
}

} // namespace ember::footprint
