// SPDX-License-Identifier: MIT-0
#include "twi.hpp"

#include <avr/io.h>

namespace ember {
namespace avr {

namespace {

constexpr uint32_t kBusHz = 400000;
// Turns of a waiting loop, about eight cycles each; a byte takes 360 cycles on the bus.
constexpr uint16_t kPatience = 2000;

// Status codes of the ATmega328P data sheet, tables 22-2 and 22-3, without the prescaler bits.
constexpr uint8_t kStarted = 0x08;
constexpr uint8_t kStartedAgain = 0x10;
constexpr uint8_t kWriteAddressTaken = 0x18;
constexpr uint8_t kDataTaken = 0x28;
constexpr uint8_t kReadAddressTaken = 0x40;
constexpr uint8_t kReceived = 0x50;
constexpr uint8_t kReceivedLast = 0x58;
constexpr uint8_t kGo = (1 << TWINT) | (1 << TWEN);

} // namespace

bool Twi::s_good;

void Twi::begin()
{
    TWSR = 0;
    TWBR = static_cast<uint8_t>((F_CPU / kBusHz - 16) / 2);
    // The chip's own pull-ups; a sensor board has stronger ones.
    PORTC = static_cast<uint8_t>(PORTC | (1 << PORTC4) | (1 << PORTC5));
}

// Does one step on the bus, unless one has failed; it has to end with this status.
void Twi::act(uint8_t control, uint8_t status)
{
    if (!s_good)
        return;
    TWCR = static_cast<uint8_t>(kGo | control);
    for (uint16_t i = kPatience; i > 0 && (TWCR & (1 << TWINT)) == 0; --i) {
    }
    // Without its flag it says that there is nothing to be said.
    s_good = (TWSR & 0xF8) == status;
}

void Twi::put(uint8_t byte, uint8_t status)
{
    TWDR = byte;
    act(0, status);
}

// Both ways begin with the register's number.
void Twi::address(uint8_t device, uint8_t reg)
{
    s_good = true;
    act(1 << TWSTA, kStarted);
    put(static_cast<uint8_t>(device << 1), kWriteAddressTaken);
    put(reg, kDataTaken);
}

bool Twi::finish()
{
    TWCR = static_cast<uint8_t>(kGo | (1 << TWSTO));
    for (uint16_t i = kPatience; i > 0 && (TWCR & (1 << TWSTO)) != 0; --i) {
    }
    if (!s_good)
        TWCR = 0; // lets go of a bus that hangs
    return s_good;
}

bool Twi::writeRegister(uint8_t device, uint8_t reg, uint8_t value)
{
    address(device, reg);
    put(value, kDataTaken);
    return finish();
}

bool Twi::readRegisters(uint8_t device, uint8_t reg, uint8_t* to, uint8_t count)
{
    address(device, reg);
    act(1 << TWSTA, kStartedAgain);
    put(static_cast<uint8_t>((device << 1) | 1), kReadAddressTaken);
    for (; count > 1; --count) {
        act(1 << TWEA, kReceived);
        *to++ = TWDR;
    }
    act(0, kReceivedLast);
    *to = TWDR;
    return finish();
}

} // namespace avr
} // namespace ember
