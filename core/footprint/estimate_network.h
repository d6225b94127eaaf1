// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/model_work.h"

namespace ember::device {
struct Board;
}

namespace ember::footprint {

/// What an int8 network costs: its kernels differ more between cores than float arithmetic tells. Errors: Unsupported
/// for a core that nothing was counted on.
Result<ModelWork> networkWork(const codegen::LoweredNetwork& network, const codegen::LoweredModel& model,
                              const device::Board& board);

} // namespace ember::footprint
