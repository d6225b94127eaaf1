// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"

namespace ember::codegen {

/// The RAM of one model, bytes; owned by the caller of the generated code but for what `model` and `learned` say. The
/// stack is apart.
struct MemoryPlan
{
    qint64 window = 0;  ///< raw rows; windowed models only, as the next two
    qint64 scratch = 0; ///< of feature extraction
    qint64 counters = 0;
    qint64 features = 0;
    qint64 outputs = 0;
    qint64 model = 0;   ///< scratch of the model, static in the generated code
    qint64 learned = 0; ///< what the board learns, static as well
    qint64 events = 0;  ///< what the detector of events remembers; the caller's

    qint64 padding = 0; ///< in the figures above, of learning and events: what a linker can put close together again

    qint64 total() const { return window + scratch + counters + features + outputs + model + learned + events; }
};

/// Errors: those of the feature pipeline.
Result<MemoryPlan> planMemory(const LoweredModel& model);

} // namespace ember::codegen
