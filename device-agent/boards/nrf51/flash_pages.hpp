// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/persistent_store.hpp"
#include "registers.hpp"

namespace ember {
namespace nrf51 {

/// The last two pages of the flash, one for each slot. The core stands still while one is erased (22 ms) or a word is
/// written (46 us); each page stands 20,000 times.
class FlashPages final : public agent::PersistentStore
{
public:
    /// Whether the firmware ends below the pages.
    static bool areFree();

    uint16_t slotBytes() const override { return kPageBytes; }
    void read(uint8_t slot, uint16_t offset, uint8_t* to, uint16_t count) override;
    bool erase(uint8_t slot) override;
    bool write(uint8_t slot, uint16_t offset, const uint8_t* from) override;

private:
    static constexpr uint16_t kPageBytes = 1024;
    static constexpr uintptr_t kFlashEnd = EMBER_FLASH_END;

    static uintptr_t pageAt(uint8_t slot) { return kFlashEnd - static_cast<uintptr_t>(kSlots - slot) * kPageBytes; }
};

} // namespace nrf51
} // namespace ember
