// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace avr {

/// Memory that start-up leaves alone: noise after a power-up, what was written before after a restart.
struct RestartRecord
{
    static constexpr uint16_t kStackRanOut = 0x5AC3;

    uint32_t starts;
    uint16_t reason;
};

extern RestartRecord restartRecord;

} // namespace avr
} // namespace ember
