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
constexpr uint8_t kNothing = 0xF8;

constexpr uint8_t kGo = (1 << TWINT) | (1 << TWEN);

} // namespace

void Twi::begin()
{
    TWSR = 0;
    TWBR = static_cast<uint8_t>((F_CPU / kBusHz - 16) / 2);
    // The chip's own pull-ups; a sensor board has stronger ones.
    PORTC = static_cast<uint8_t>(PORTC | (1 << PORTC4) | (1 << PORTC5));
}

// Does one step on the bus; the status it ended with.
uint8_t Twi::act(uint8_t control)
{
    TWCR = static_cast<uint8_t>(kGo | control);
    for (uint16_t i = 0; i < kPatience; ++i) {
        if ((TWCR & (1 << TWINT)) != 0)
            return static_cast<uint8_t>(TWSR & 0xF8);
    }
    return kNothing;
}

bool Twi::address(uint8_t device, bool read)
{
    const uint8_t started = act(1 << TWSTA);
    if (started != kStarted && started != kStartedAgain)
        return false;
    TWDR = static_cast<uint8_t>((device << 1) | (read ? 1 : 0));
    return act(0) == (read ? kReadAddressTaken : kWriteAddressTaken);
}

bool Twi::put(uint8_t byte)
{
    TWDR = byte;
    return act(0) == kDataTaken;
}

bool Twi::finish(bool good)
{
    TWCR = static_cast<uint8_t>(kGo | (1 << TWSTO));
    for (uint16_t i = 0; i < kPatience && (TWCR & (1 << TWSTO)) != 0; ++i) {
    }
    if (!good)
        TWCR = 0; // lets go of a bus that hangs
    return good;
}

bool Twi::writeRegister(uint8_t device, uint8_t reg, uint8_t value)
{
    return finish(address(device, false) && put(reg) && put(value));
}

bool Twi::readRegisters(uint8_t device, uint8_t reg, uint8_t* to, uint8_t count)
{
    bool good = address(device, false) && put(reg) && address(device, true);
    for (uint8_t i = 0; good && i < count; ++i) {
        const bool last = i + 1 == count;
        good = act(last ? 0 : 1 << TWEA) == (last ? kReceivedLast : kReceived);
        to[i] = TWDR;
    }
    return finish(good);
}

} // namespace avr
} // namespace ember
