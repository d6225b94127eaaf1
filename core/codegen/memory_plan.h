// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"

namespace ember::codegen {

/// The RAM of one model, bytes; all of it is owned by the caller of the generated code. The stack is apart.
struct MemoryPlan
{
    qint64 window = 0;  ///< raw rows; windowed models only, as the next two
    qint64 scratch = 0; ///< of feature extraction
    qint64 counters = 0;
    qint64 features = 0;
    qint64 votes = 0;

    qint64 total() const { return window + scratch + counters + features + votes; }
};

/// Errors: those of the feature pipeline.
Result<MemoryPlan> planMemory(const LoweredModel& model);

} // namespace ember::codegen
