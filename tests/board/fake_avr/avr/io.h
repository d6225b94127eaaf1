// SPDX-License-Identifier: GPL-3.0-or-later
// An ATmega328P's EEPROM in the place of its registers, so that the port's code for it runs here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace ember::test {

struct FakeEeprom
{
    static constexpr std::uint16_t kBytes = 1024;

    std::array<std::uint8_t, kBytes> bytes{};
    std::optional<std::uint16_t> stuck; ///< address of a worn byte, which stays as it is
    int writes = 0;                     ///< of all bytes
    std::uint16_t address = 0;
    std::uint8_t data = 0;
    int busyReads = 0; ///< of the control register, until a write is over
    bool enabled = false;
};
inline FakeEeprom fakeEeprom;

/// The control register: what is written into it happens at once, and is over after some looks at it.
struct FakeControl
{
    static constexpr int kRead = 1, kWrite = 2, kEnable = 4;

    operator std::uint8_t() const
    {
        return fakeEeprom.busyReads > 0 && fakeEeprom.busyReads-- > 0 ? std::uint8_t{kWrite} : std::uint8_t{0};
    }
    FakeControl& operator=(int bits)
    {
        if ((bits & kRead) != 0)
            fakeEeprom.data = fakeEeprom.bytes.at(fakeEeprom.address);
        fakeEeprom.enabled = (bits & kEnable) != 0;
        return *this;
    }
    FakeControl& operator|=(int bits)
    {
        if ((bits & kWrite) == 0 || !fakeEeprom.enabled)
            return *this;
        ++fakeEeprom.writes;
        fakeEeprom.busyReads = 2;
        if (fakeEeprom.stuck != fakeEeprom.address)
            fakeEeprom.bytes.at(fakeEeprom.address) = fakeEeprom.data;
        return *this;
    }
};
inline FakeControl fakeControl;
inline std::uint8_t fakeStatus;

} // namespace ember::test

#define E2END 1023
#define EERE 0
#define EEPE 1
#define EEMPE 2
#define EEAR ember::test::fakeEeprom.address
#define EEDR ember::test::fakeEeprom.data
#define EECR ember::test::fakeControl
#define SREG ember::test::fakeStatus
