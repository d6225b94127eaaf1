// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/record.h"

#include <vector>

namespace ember::workflow {

/// Records from several boards at once into one project, each on a thread of its own as record() does with one. They do
/// not begin at the same moment: every recording but that of the first board with rows keeps how much later its row 0
/// was there (alignRecording, dataset::kRecordedBeside). A board that fails does not end the others. All requests name
/// the same project. Blocks until the last one has ended; one outcome for each request, in their order.
std::vector<Result<RecordOutcome>> recordBoards(const std::vector<RecordRequest>& requests, const Hooks& hooks = {});

} // namespace ember::workflow
