// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace avr {

/// The two-wire interface as bus master at 400 kHz. Every wait is bounded: a bus that hangs makes a call fail after
/// about a millisecond. A device that does not answer does so at once.
class Twi
{
public:
    static void begin();
    /// Writes one register of the device with this 7-bit address.
    static bool writeRegister(uint8_t device, uint8_t reg, uint8_t value);
    /// Reads `count` (at least one) registers from `reg` on.
    static bool readRegisters(uint8_t device, uint8_t reg, uint8_t* to, uint8_t count);

private:
    static void act(uint8_t control, uint8_t status);
    static void put(uint8_t byte, uint8_t status);
    static void address(uint8_t device, uint8_t reg);
    static bool finish();

    static bool s_good; ///< nothing has failed since the address
};

} // namespace avr
} // namespace ember
