// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/codegen/host_program.h"
#include "core/codegen/toolchain.h"
#include "core/device/agent_session.h"
#include "core/device/board.h"
#include "core/device/emulator.h"
#include "core/footprint/cost.h"
#include "core/footprint/inputs.h"

#include <QTemporaryDir>

#include <functional>
#include <memory>
#include <optional>

namespace ember::footprint {

/// One instruction takes 2^10 ns of an emulated board's time, far more than a tick of its CPU timer, so that
/// instructions are counted exactly.
constexpr int kIcountShift = 10;

/// Timer ticks of one inference on an emulated board as instructions: a whole number, because a tick is a fraction of
/// an instruction.
double instructionsOf(quint32 ticks, qint64 tickHz, int icountShift);

/// Turns the ticks that a board reports into work: instructions of an emulator that counts those, else cycles.
struct WorkMeter
{
    std::optional<int> icountShift; ///< what one instruction takes, see device::EmulatorOptions; none: cycles
    qint64 tickHz = 0;
    qint64 clockHz = 0; ///< of the CPU

    WorkUnit unit() const { return icountShift ? WorkUnit::Instructions : WorkUnit::Cycles; }
    double work(quint32 ticks) const;
};

/// The meter for an emulated board that runs counting (kIcountShift). `tickHz` is the agent's cpuTickHz.
WorkMeter emulatorMeter(const device::Board& board, qint64 tickHz);

/// An emulated board that runs the agent with one model, counting instructions. Stops when destroyed.
class BoardRun
{
public:
    struct Options
    {
        ProgressSink progress;
        CancelToken cancel;
        codegen::StoredVectors selfTest = {}; ///< that the firmware carries
    };

    /// Builds the firmware, starts it and opens the session. Errors: MissingTool, Board, Failed, Cancelled; Unsupported
    /// for a board without emulator.
    static Result<std::unique_ptr<BoardRun>> start(const codegen::HostProgram& program, const device::Board& board,
                                                   const Options& options);

    device::AgentSession& session() { return *m_session; }
    const codegen::ImageSizes& sizes() const { return m_sizes; }

private:
    BoardRun() = default;

    // In the order of destruction reversed: the session ends before the emulator, that before its image goes.
    std::unique_ptr<QTemporaryDir> m_folder;
    codegen::ImageSizes m_sizes;
    std::unique_ptr<device::Emulator> m_emulator;
    std::unique_ptr<device::AgentSession> m_session;
};

/// Errors: Usage when the board carries another model than the program, or none.
Status requireModel(const device::AgentSession& session, const codegen::HostProgram& program);

/// Sends every input to the board, one at a time and none twice, and gives each answer to `take`. Errors: Board,
/// Cancelled, and those of `take`.
Status runInputs(device::AgentSession& session, const EncodedInputs& inputs, const BoardRun::Options& options,
                 const std::function<Status(std::size_t row, const device::VectorOutput&)>& take);

} // namespace ember::footprint
