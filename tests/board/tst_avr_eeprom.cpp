// SPDX-License-Identifier: GPL-3.0-or-later
#include "device-agent/agent/learning.hpp"
#include "device-agent/boards/avr/eeprom.hpp"

#include <QTest>

#include <array>
#include <avr/io.h>

using namespace ember;
using ember::test::fakeEeprom;
using Progress = agent::StateKeeper::Progress;

namespace {

constexpr uint16_t kStateBytes = 30;
const char* const kHash = "0123456789abcdef";

std::array<uint8_t, kStateBytes> stateOf(uint8_t first)
{
    std::array<uint8_t, kStateBytes> state{};
    for (std::size_t i = 0; i < state.size(); ++i)
        state[i] = static_cast<uint8_t>(first + i);
    return state;
}

/// What saving comes to; Busy when it does not end.
Progress saved(agent::StateKeeper& keeper, const std::array<uint8_t, kStateBytes>& state)
{
    Progress progress = Progress::Busy;
    for (int turn = 0; turn < 5000 && progress == Progress::Busy; ++turn)
        progress = keeper.save(state.data());
    return progress;
}

} // namespace

/// The Uno's port, over a fake of the chip's registers.
class TestAvrEeprom : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { fakeEeprom = {}; }

    void whatIsKeptIsRead()
    {
        avr::Eeprom eeprom;
        agent::StateKeeper keeper(&eeprom, kHash, kStateBytes);
        for (uint8_t round = 1; round <= 5; ++round) {
            const auto state = stateOf(static_cast<uint8_t>(40 * round));
            QCOMPARE(int(saved(keeper, state)), int(Progress::Done));
            std::array<uint8_t, kStateBytes> read{};
            agent::StateKeeper again(&eeprom, kHash, kStateBytes);
            QVERIFY(again.load(read.data()));
            QVERIFY(read == state);
            QCOMPARE(again.generation(), uint32_t{round});
        }
    }

    void bytesThatAreThereAreNotWritten()
    {
        avr::Eeprom eeprom;
        const uint8_t bytes[4] = {0, 7, 0, 9};
        int turns = 0;
        while (!eeprom.write(1, 8, bytes) && turns < 100)
            ++turns;
        QCOMPARE(fakeEeprom.writes, 2);
        QCOMPARE(int(fakeEeprom.bytes[512 + 8 + 1]), 7);
        QCOMPARE(int(fakeEeprom.bytes[512 + 8 + 3]), 9);
        while (!eeprom.write(1, 8, bytes) && turns < 100)
            ++turns;
        QCOMPARE(fakeEeprom.writes, 2);
    }

    /// Wherever it is, the answer comes, says so, and what was kept before is still there.
    void aWornByteIsFound()
    {
        for (uint16_t at = 0; at < 24 + kStateBytes; ++at) {
            fakeEeprom = {};
            avr::Eeprom eeprom;
            agent::StateKeeper keeper(&eeprom, kHash, kStateBytes);
            const auto first = stateOf(1);
            QCOMPARE(int(saved(keeper, first)), int(Progress::Done));
            const uint16_t address = static_cast<uint16_t>(512 + at); // the second goes into the other slot
            fakeEeprom.bytes[address] = 0xEE;                         // nothing below has this byte there
            fakeEeprom.stuck = address;
            const int before = fakeEeprom.writes;
            QCOMPARE(int(saved(keeper, stateOf(100))), int(Progress::Failed));
            QVERIFY(fakeEeprom.writes - before <= 24 + kStateBytes + 2);
            std::array<uint8_t, kStateBytes> read{};
            agent::StateKeeper again(&eeprom, kHash, kStateBytes);
            QVERIFY(again.load(read.data()));
            QVERIFY(read == first);
        }
    }
};

QTEST_GUILESS_MAIN(TestAvrEeprom)
#include "tst_avr_eeprom.moc"
