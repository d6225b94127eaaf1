// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"

namespace ember::workflow {

/// How a step talks to whoever runs it. Steps block, run on any thread, and look at `cancel` often.
struct Hooks
{
    ProgressSink progress;
    CancelToken cancel;
};

} // namespace ember::workflow
