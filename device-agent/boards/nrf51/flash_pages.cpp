// SPDX-License-Identifier: MIT-0
#include "../../agent/limits.hpp"

#if EMBER_LEARNING

#ifndef EMBER_FLASH_END
#error "EMBER_FLASH_END must be the address behind the flash"
#endif

#include "flash_pages.hpp"

#include <string.h>

extern "C" {
extern const uint8_t __image_end[];
}

namespace ember {
namespace nrf51 {

namespace {

// nRF51 Series Reference Manual, non-volatile memory controller.
constexpr uintptr_t kController = 0x4001E000u;
constexpr uintptr_t kReady = kController + 0x400;
constexpr uintptr_t kConfig = kController + 0x504;
constexpr uintptr_t kErasePage = kController + 0x508;
constexpr uint32_t kReadOnly = 0;
constexpr uint32_t kWriteEnabled = 1;
constexpr uint32_t kEraseEnabled = 2;

void awaitReady()
{
    while ((cortexm::reg(kReady) & 1u) == 0) {
    }
}

} // namespace

bool FlashPages::areFree()
{
    return reinterpret_cast<uintptr_t>(__image_end) <= pageAt(0);
}

void FlashPages::read(uint8_t slot, uint16_t offset, uint8_t* to, uint16_t count)
{
    const auto* from = reinterpret_cast<const volatile uint8_t*>(pageAt(slot) + offset);
    for (uint16_t i = 0; i < count; ++i)
        to[i] = from[i];
}

bool FlashPages::erase(uint8_t slot)
{
    cortexm::reg(kConfig) = kEraseEnabled;
    awaitReady();
    cortexm::reg(kErasePage) = static_cast<uint32_t>(pageAt(slot));
    awaitReady();
    cortexm::reg(kConfig) = kReadOnly;
    return true;
}

bool FlashPages::write(uint8_t slot, uint16_t offset, const uint8_t* from)
{
    uint32_t word;
    memcpy(&word, from, sizeof word);
    cortexm::reg(kConfig) = kWriteEnabled;
    awaitReady();
    cortexm::reg(pageAt(slot) + offset) = word;
    awaitReady();
    cortexm::reg(kConfig) = kReadOnly;
    return true;
}

} // namespace nrf51
} // namespace ember

#endif
