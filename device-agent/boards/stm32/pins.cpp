// SPDX-License-Identifier: MIT-0
#include "usart.hpp"

namespace ember {
namespace stm32 {

namespace {

// Replaces one field of a register whose fields lie one behind the other.
void setField(uintptr_t address, uint32_t index, uint32_t width, uint32_t value)
{
    const uint32_t mask = ((1u << width) - 1) << (index * width);
    reg(address) = (reg(address) & ~mask) | (value << (index * width));
}

} // namespace

#if defined(EMBER_STM32_F1)
void routePin(const Pin& pin, uint8_t, bool output)
{
    constexpr uintptr_t kOutputData = 0x0C;
    constexpr uint32_t kAlternatePushPull = 0xB; // 50 MHz
    constexpr uint32_t kInputWithPull = 0x8;
    reg(kRccPortEnable) |= 1u << (kPortEnableShift + pin.port);
    const uintptr_t base = gpio(pin.port);
    setField(base + (pin.number < 8 ? 0 : 4), pin.number % 8u, 4, output ? kAlternatePushPull : kInputWithPull);
    if (!output)
        setField(base + kOutputData, pin.number, 1, 1); // the pull is upwards: a line that hangs in the air is quiet
}
#else
void routePin(const Pin& pin, uint8_t alternate, bool output)
{
    constexpr uintptr_t kMode = 0x00;
    constexpr uintptr_t kSpeed = 0x08;
    constexpr uintptr_t kPull = 0x0C;
    constexpr uintptr_t kAlternate = 0x20;
    reg(kRccPortEnable) |= 1u << (kPortEnableShift + pin.port);
    const uintptr_t base = gpio(pin.port);
    setField(base + kAlternate + (pin.number < 8 ? 0 : 4), pin.number % 8u, 4, alternate);
    setField(base + kSpeed, pin.number, 2, 2);
    setField(base + kPull, pin.number, 2, output ? 0 : 1); // upwards: a line that hangs in the air is quiet
    setField(base + kMode, pin.number, 2, 2);
}
#endif

} // namespace stm32
} // namespace ember
