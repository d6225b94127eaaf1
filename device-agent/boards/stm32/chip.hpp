// SPDX-License-Identifier: MIT-0
#pragma once

#include "../cortex-m/core.hpp"

#include <stdint.h>

// Where things are on the STM32 families whose USART has SR and DR: F1 (RM0008, RM0041) and F2/F4 (RM0033, RM0090,
// RM0368). The board file names the family and the crystal.
#if defined(EMBER_STM32_F1) == defined(EMBER_STM32_F4)
#error "Define EMBER_STM32_F1 or EMBER_STM32_F4"
#endif
#if !defined(EMBER_CORE_HZ) || !defined(EMBER_HSE_HZ)
#error "Define EMBER_CORE_HZ, what the core shall run at, and EMBER_HSE_HZ, the crystal, 0 for none"
#endif

namespace ember {
namespace stm32 {

using cortexm::reg;

constexpr uint32_t kCoreHz = EMBER_CORE_HZ;
constexpr uint32_t kHseHz = EMBER_HSE_HZ;

#if defined(EMBER_STM32_F1)
constexpr uint32_t kHsiHz = 8000000u;
constexpr uint32_t kMostApb1Hz = 36000000u;
constexpr uint32_t kMostApb2Hz = 72000000u;
constexpr uint32_t kHzPerWaitState = 24000000u;
constexpr uintptr_t kRcc = 0x40021000u;
constexpr uintptr_t kRccConfig = kRcc + 0x04;
constexpr uintptr_t kRccApb2Enable = kRcc + 0x18;
constexpr uintptr_t kRccApb1Enable = kRcc + 0x1C;
constexpr uintptr_t kRccPortEnable = kRccApb2Enable;
constexpr uint32_t kPortEnableShift = 2;
constexpr uint32_t kApb1Shift = 8;
constexpr uint32_t kApb2Shift = 11;
constexpr uintptr_t kFlashAccess = 0x40022000u;
constexpr uintptr_t kGpio = 0x40010800u;
#else
constexpr uint32_t kHsiHz = 16000000u;
constexpr uint32_t kMostApb1Hz = 42000000u;
constexpr uint32_t kMostApb2Hz = 84000000u;
constexpr uint32_t kHzPerWaitState = 30000000u;
constexpr uintptr_t kRcc = 0x40023800u;
constexpr uintptr_t kRccPll = kRcc + 0x04;
constexpr uintptr_t kRccConfig = kRcc + 0x08;
constexpr uintptr_t kRccPortEnable = kRcc + 0x30;
constexpr uintptr_t kRccApb1Enable = kRcc + 0x40;
constexpr uintptr_t kRccApb2Enable = kRcc + 0x44;
constexpr uint32_t kPortEnableShift = 0;
constexpr uint32_t kApb1Shift = 10;
constexpr uint32_t kApb2Shift = 13;
constexpr uintptr_t kFlashAccess = 0x40023C00u;
constexpr uintptr_t kGpio = 0x40020000u;
#endif
constexpr uintptr_t kRccControl = kRcc;

constexpr uintptr_t gpio(uint8_t port)
{
    return kGpio + 0x400u * port;
}

/// A pin: port 0 is A.
struct Pin
{
    uint8_t port;
    uint8_t number;
};

/// A USART with the pins that it has without remapping.
struct UsartInfo
{
    uintptr_t base;
    uint32_t irq;
    uintptr_t enable; ///< register and bit of its clock
    uint32_t enableBit;
    bool onApb2;
    uint8_t alternate; ///< number of the pins' alternate function (F2, F4)
    Pin tx;
    Pin rx;
};

constexpr UsartInfo usartInfo(int number)
{
#if defined(EMBER_STM32_F1)
    return number == 1   ? UsartInfo{0x40013800u, 37, kRccApb2Enable, 14, true, 0, {0, 9}, {0, 10}}
           : number == 2 ? UsartInfo{0x40004400u, 38, kRccApb1Enable, 17, false, 0, {0, 2}, {0, 3}}
                         : UsartInfo{0x40004800u, 39, kRccApb1Enable, 18, false, 0, {1, 10}, {1, 11}};
#else
    return number == 1   ? UsartInfo{0x40011000u, 37, kRccApb2Enable, 4, true, 7, {0, 9}, {0, 10}}
           : number == 2 ? UsartInfo{0x40004400u, 38, kRccApb1Enable, 17, false, 7, {0, 2}, {0, 3}}
           : number == 3 ? UsartInfo{0x40004800u, 39, kRccApb1Enable, 18, false, 7, {1, 10}, {1, 11}}
                         : UsartInfo{0x40011400u, 71, kRccApb2Enable, 5, true, 8, {2, 6}, {2, 7}};
#endif
}

} // namespace stm32
} // namespace ember
