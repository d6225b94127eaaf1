// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace agent {

/// A small place that outlives a restart, in two slots of equal size: what is written into one leaves the other alone,
/// so that a board that loses power while it writes still has what it kept before. A port implements it for its EEPROM
/// or for two pages of its flash. Nothing here waits for long: what is not done yet is asked for again.
class PersistentStore
{
public:
    static constexpr uint8_t kSlots = 2;
    /// Bytes that are written at once, and what offsets of them are multiples of.
    static constexpr uint8_t kWriteBytes = 4;

    virtual uint16_t slotBytes() const = 0;
    /// Bytes of a slot; erased or never written ones may be anything.
    virtual void read(uint8_t slot, uint16_t offset, uint8_t* to, uint16_t count) = 0;
    /// Makes a slot ready to be written. False: not done yet, ask again.
    virtual bool erase(uint8_t slot) = 0;
    /// Writes kWriteBytes bytes, each place once after erase(). False: not done yet, ask again with the same.
    virtual bool write(uint8_t slot, uint16_t offset, const uint8_t* from) = 0;

protected:
    ~PersistentStore() = default;
};

} // namespace agent
} // namespace ember
