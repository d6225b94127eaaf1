// SPDX-License-Identifier: MIT-0
#include "eeprom.hpp"

#include "../../agent/limits.hpp"

#if EMBER_LEARNING

#include <avr/interrupt.h>
#include <avr/io.h>

namespace ember {
namespace avr {

namespace {

bool isBusy()
{
    return (EECR & (1 << EEPE)) != 0;
}

/// Not while a byte is being written.
uint8_t byteAt(uint16_t address)
{
    EEAR = address;
    EECR = 1 << EERE;
    return EEDR;
}

/// Erases and writes; the second of the two bits must follow the first within four cycles.
void beginWrite(uint16_t address, uint8_t byte)
{
    EEAR = address;
    EEDR = byte;
    const uint8_t status = SREG;
    cli();
    EECR = 1 << EEMPE;
    EECR |= 1 << EEPE;
    SREG = status;
}

} // namespace

uint16_t Eeprom::slotBytes() const
{
    return (E2END + 1u) / kSlots;
}

void Eeprom::read(uint8_t slot, uint16_t offset, uint8_t* to, uint16_t count)
{
    while (isBusy()) {
    }
    const uint16_t first = static_cast<uint16_t>(slot * slotBytes() + offset);
    for (uint16_t i = 0; i < count; ++i)
        to[i] = byteAt(static_cast<uint16_t>(first + i));
}

bool Eeprom::write(uint8_t slot, uint16_t offset, const uint8_t* from)
{
    if (isBusy())
        return false;
    const uint16_t first = static_cast<uint16_t>(slot * slotBytes() + offset);
    if (first != m_piece) {
        m_piece = first;
        m_next = 0;
    }
    while (m_next < kWriteBytes) {
        const uint16_t address = static_cast<uint16_t>(first + m_next);
        const uint8_t byte = from[m_next++];
        if (byteAt(address) == byte)
            continue;
        beginWrite(address, byte);
        return false; // asked again, it goes on behind this byte
    }
    m_piece = kNoPiece;
    return true;
}

} // namespace avr
} // namespace ember

#endif
