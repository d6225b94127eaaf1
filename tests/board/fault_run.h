// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/board.h"
#include "core/signal/block_sink.h"
#include "tests/support/link_proxy.h"

namespace ember::test {

struct FaultPlan
{
    LinkFaults faults; ///< while the stream runs
    quint32 seed = 1;
    qint64 rows = 1000; ///< that the sensor produces
    double rateHz = 400;
    int unplugs = 0; ///< how often the plug is pulled on the way, evenly spread
};

struct FaultOutcome
{
    qint64 received = 0;
    qint64 wrong = 0; ///< blocks whose rows are not those of their number
    signal::Ledger ledger;
    qint64 faults = 0; ///< bytes that were damaged
};

/// Runs an emulated board with its shipped agent over a cable that damages bytes and is unplugged, and records until
/// the sensor's recording is over.
Result<FaultOutcome> runWithFaults(const device::Board& board, const FaultPlan& plan);

} // namespace ember::test
