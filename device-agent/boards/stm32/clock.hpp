// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace stm32 {

/// What runs how fast.
struct Clocks
{
    uint32_t coreHz;
    uint32_t apb1Hz;
    uint32_t apb2Hz;
};

/// Brings the core to EMBER_CORE_HZ, from the crystal or, where that does not start, from the internal oscillator. A
/// PLL that does not lock leaves the core on the internal oscillator. Never waits without a bound.
Clocks startClocks();

} // namespace stm32
} // namespace ember
