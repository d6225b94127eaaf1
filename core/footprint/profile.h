// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/codegen/host_program.h"
#include "core/footprint/cost.h"
#include "core/footprint/inputs.h"

namespace ember::device {
struct Board;
}

namespace ember::footprint {

struct RunOptions
{
    qint64 maxRows = 0; ///< run only the first so many inputs; 0: all
    ProgressSink progress;
    CancelToken cancel;
};

/// Builds the agent alone and with the model, runs the latter on the board (emulated ones count instructions exactly)
/// over the inputs, and reports the differences. Blocks. Errors: MissingTool, Board, Failed with the compiler's words;
/// Unsupported for a physical board, which is measured through its own agent session.
Result<ModelCost> profile(const codegen::HostProgram& program, const device::Board& board, const Inputs& inputs,
                          const RunOptions& options = {});

} // namespace ember::footprint
