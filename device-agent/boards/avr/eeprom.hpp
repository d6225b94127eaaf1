// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/persistent_store.hpp"

namespace ember {
namespace avr {

/// The EEPROM, a half for each slot. A byte takes 3.4 ms to be written; nothing here waits for it but reading. Bytes
/// that are there already are not written again: each stands 100,000 times. A worn byte that does not take what is
/// written is tried once and passed over; whoever reads back finds it.
class Eeprom final : public agent::PersistentStore
{
public:
    uint16_t slotBytes() const override;
    void read(uint8_t slot, uint16_t offset, uint8_t* to, uint16_t count) override;
    bool erase(uint8_t) override { return true; } ///< bytes are erased as they are written
    bool write(uint8_t slot, uint16_t offset, const uint8_t* from) override;

private:
    static constexpr uint16_t kNoPiece = 0xFFFF;

    uint16_t m_piece = kNoPiece; ///< address of the bytes that are being written
    uint8_t m_next = 0;          ///< of them, the first that was not tried yet
};

} // namespace avr
} // namespace ember
