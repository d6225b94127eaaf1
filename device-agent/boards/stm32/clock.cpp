// SPDX-License-Identifier: MIT-0
#include "clock.hpp"

#include "chip.hpp"

namespace ember {
namespace stm32 {

namespace {

constexpr uint32_t kMega = 1000000u;
constexpr uint32_t kHsiReady = 1u << 1;
constexpr uint32_t kHseOn = 1u << 16;
constexpr uint32_t kHseReady = 1u << 17;
constexpr uint32_t kHseBypass = 1u << 18;
constexpr uint32_t kPllOn = 1u << 24;
constexpr uint32_t kPllReady = 1u << 25;
constexpr uint32_t kSwitchToPll = 2;
constexpr uint32_t kRunsOnPll = 2u << 2;

// A crystal takes some milliseconds, the loop two reads of a register a turn.
constexpr uint32_t kPatience = 100000;

bool waitFor(uintptr_t address, uint32_t mask, uint32_t value)
{
    for (uint32_t i = 0; i < kPatience; ++i) {
        if ((reg(address) & mask) == value)
            return true;
    }
    return false;
}

bool startCrystal()
{
    if (kHseHz == 0)
        return false;
#if defined(EMBER_HSE_BYPASS)
    reg(kRccControl) |= kHseBypass;
#endif
    reg(kRccControl) |= kHseOn;
    if (waitFor(kRccControl, kHseReady, kHseReady))
        return true;
    reg(kRccControl) &= ~(kHseOn | kHseBypass);
    return false;
}

// Sets the PLL up and returns what it will give.
#if defined(EMBER_STM32_F1)
constexpr uint32_t kMostFactor = 16;

uint32_t configurePll(bool crystal)
{
    constexpr uint32_t kFromCrystal = 1u << 16;
    constexpr uint32_t kHalfCrystal = 1u << 17;
    const bool whole = crystal && kCoreHz % (kHseHz > 0 ? kHseHz : 1u) == 0 && kCoreHz >= 2 * kHseHz;
    const uint32_t input = !crystal ? kHsiHz / 2 : whole ? kHseHz : kHseHz / 2;
    const uint32_t wanted = kCoreHz / input;
    const uint32_t factor = wanted < 2 ? 2 : wanted > kMostFactor ? kMostFactor : wanted;
    uint32_t config = reg(kRccConfig) & ~((0xFu << 18) | kFromCrystal | kHalfCrystal);
    config |= (factor - 2) << 18;
    if (crystal)
        config |= whole ? kFromCrystal : (kFromCrystal | kHalfCrystal);
    reg(kRccConfig) = config;
    return input * factor;
}
#else
// The oscillator of the PLL has to run at 192 MHz at least.
constexpr uint32_t kLeastVcoMega = 192;
constexpr uint32_t kCoreMega = kCoreHz / kMega;
constexpr uint32_t kDivider = kCoreMega * 2 >= kLeastVcoMega ? 2 : kCoreMega * 4 >= kLeastVcoMega ? 4 : 8;
constexpr uint32_t kVcoMega = kCoreMega * kDivider;
static_assert(kVcoMega >= kLeastVcoMega && kVcoMega <= 432, "EMBER_CORE_HZ is out of the PLL's reach");
static_assert(kCoreHz % kMega == 0 && kHseHz % kMega == 0, "whole megahertz only");

uint32_t configurePll(bool crystal)
{
    constexpr uint32_t kFromCrystal = 1u << 22;
    const uint32_t input = (crystal ? kHseHz : kHsiHz) / kMega;
    constexpr uint32_t kUsbDivider = (kVcoMega + 47) / 48;
    reg(kRccPll) =
        input | (kVcoMega << 6) | ((kDivider / 2 - 1) << 16) | (crystal ? kFromCrystal : 0) | (kUsbDivider << 24);
    return kCoreHz;
}
#endif

// The prescaler that brings a bus below its limit: 0 for none, 4 for two, 5 for four, ...
uint32_t prescaler(uint32_t coreHz, uint32_t mostHz)
{
    uint32_t shift = 0;
    while (shift < 4 && (coreHz >> shift) > mostHz)
        ++shift;
    return shift;
}

uint32_t prescalerCode(uint32_t shift)
{
    return shift == 0 ? 0 : 3 + shift;
}

} // namespace

Clocks startClocks()
{
    // After a reset the internal oscillator is on and ready, or nothing would run. A controller that denies it is not
    // there: this is an emulator without one, whose core runs at the board's clock.
    if ((reg(kRccControl) & kHsiReady) == 0)
        return {kCoreHz, kCoreHz, kCoreHz};

    const uint32_t pllHz = configurePll(startCrystal());
    const Clocks slow = {kHsiHz, kHsiHz, kHsiHz};
    reg(kRccControl) |= kPllOn;
    if (!waitFor(kRccControl, kPllReady, kPllReady))
        return slow;

    // Slower flash and buses first, the faster core afterwards.
    const uint32_t waitStates = (pllHz - 1) / kHzPerWaitState;
#if defined(EMBER_STM32_F4)
    constexpr uint32_t kCachesAndPrefetch = 7u << 8;
    reg(kFlashAccess) = waitStates | kCachesAndPrefetch;
#else
    reg(kFlashAccess) = (reg(kFlashAccess) & ~7u) | waitStates;
#endif
    const uint32_t apb1 = prescaler(pllHz, kMostApb1Hz);
    const uint32_t apb2 = prescaler(pllHz, kMostApb2Hz);
    const uint32_t config = reg(kRccConfig) & ~((7u << kApb1Shift) | (7u << kApb2Shift) | 3u);
    reg(kRccConfig) = config | (prescalerCode(apb1) << kApb1Shift) | (prescalerCode(apb2) << kApb2Shift);
    reg(kRccConfig) |= kSwitchToPll;
    if (!waitFor(kRccConfig, 3u << 2, kRunsOnPll))
        return {kHsiHz, kHsiHz >> apb1, kHsiHz >> apb2};
    return {pllHz, pllHz >> apb1, pllHz >> apb2};
}

} // namespace stm32
} // namespace ember
