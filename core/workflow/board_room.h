// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/emitter.h"

#include <QString>

namespace ember::device {
struct Board;
}

namespace ember::workflow {

/// Whether a board holds generated code, by the sizes that are known without a compiler: static memory and tables. The
/// code, the stack and whatever else is in the program come on top, so what passes here can still be too large.
/// Error BadData when it certainly cannot run there, with the figures.
Status checkRoom(const codegen::GeneratedModel& generated, const device::Board& board);

/// Why it may not run there although checkRoom() lets it pass: most of the memory is the model's. Empty: no reason.
QString roomWarning(const codegen::GeneratedModel& generated, const device::Board& board);

} // namespace ember::workflow
