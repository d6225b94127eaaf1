// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace avr {

/// USART0 with interrupt-driven rings both ways, 8N1. There is one, so everything is static.
class Uart
{
public:
    /// At the nearest rate that the clock has, in double-speed mode.
    static void begin(uint32_t baud);
    static bool read(uint8_t* byte);
    static bool write(uint8_t byte);
    static bool readable();
    /// Waits until no interrupt for sending can come any more.
    static void drain();
};

} // namespace avr
} // namespace ember
