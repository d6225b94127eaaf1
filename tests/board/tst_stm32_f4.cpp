// SPDX-License-Identifier: GPL-3.0-or-later
// The clock and pin code of the STM32 port on a fake F405 with a crystal of 25 MHz. Expected values by hand from
// RM0090.
#include "device-agent/boards/stm32/clock.hpp"
#include "device-agent/boards/stm32/usart.hpp"
#include "tests/board/fake_registers.h"

using namespace ember;
using stm32::Clocks;
using stm32::reg;

namespace {

constexpr uint32_t kHsiReady = 1u << 1;
constexpr uint32_t kHseOn = 1u << 16;
constexpr uint32_t kHseReady = 1u << 17;
constexpr uint32_t kPllOn = 1u << 24;
constexpr uint32_t kPllReady = 1u << 25;
constexpr uint32_t kRunsOnPll = 2u << 2;

} // namespace

class TestStm32F4 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        if (!m_registers.isThere())
            QSKIP("the addresses of the registers are taken in this process");
        m_registers.clear();
    }

    void aCrystalFeedsThePll()
    {
        reg(stm32::kRccControl) = kHsiReady | kHseReady | kPllReady;
        reg(stm32::kRccConfig) = kRunsOnPll;
        const Clocks clocks = stm32::startClocks();
        QCOMPARE(clocks.coreHz, 168'000'000u);
        QCOMPARE(clocks.apb1Hz, 42'000'000u);
        QCOMPARE(clocks.apb2Hz, 84'000'000u);
        QVERIFY((reg(stm32::kRccControl) & kHseOn) && (reg(stm32::kRccControl) & kPllOn));
        // M 25, N 336, P 2, from the crystal, Q 7.
        QCOMPARE(reg(stm32::kRccPll), 25u | (336u << 6) | (0u << 16) | (1u << 22) | (7u << 24));
        // APB1 by four, APB2 by two, switch to the PLL.
        QCOMPARE(reg(stm32::kRccConfig), kRunsOnPll | (5u << 10) | (4u << 13) | 2u);
        QCOMPARE(reg(stm32::kFlashAccess), 5u | (7u << 8)); // wait states, prefetch and caches
    }

    void withoutItTheInternalOscillatorDoes()
    {
        reg(stm32::kRccControl) = kHsiReady | kPllReady;
        reg(stm32::kRccConfig) = kRunsOnPll;
        QCOMPARE(stm32::startClocks().coreHz, 168'000'000u);
        QVERIFY(!(reg(stm32::kRccControl) & kHseOn));
        QCOMPARE(reg(stm32::kRccPll), 16u | (336u << 6) | (0u << 16) | (0u << 22) | (7u << 24));
    }

    void aPllThatDoesNotLockLeavesTheCoreSlow()
    {
        reg(stm32::kRccControl) = kHsiReady | kHseReady;
        const Clocks clocks = stm32::startClocks();
        QCOMPARE(clocks.coreHz, 16'000'000u);
        QCOMPARE(clocks.apb1Hz, 16'000'000u);
        QCOMPARE(clocks.apb2Hz, 16'000'000u);
        QCOMPARE(reg(stm32::kRccConfig), 0u); // never switched
    }

    void anEmulatorWithoutAControllerRunsAtTheBoardsClock()
    {
        QCOMPARE(stm32::startClocks().coreHz, 168'000'000u);
        QCOMPARE(reg(stm32::kRccControl), 0u);
    }

    void pinsGoToTheUsart()
    {
        stm32::routePin({0, 9}, 7, true);
        stm32::routePin({0, 10}, 7, false);
        QCOMPARE(reg(stm32::kRccPortEnable), 1u);
        const uintptr_t port = stm32::gpio(0);
        QCOMPARE(reg(port + 0x00), (2u << 18) | (2u << 20));
        QCOMPARE(reg(port + 0x0C), 1u << 20); // the input is pulled up
        QCOMPARE(reg(port + 0x20), 0u);
        QCOMPARE(reg(port + 0x24), (7u << 4) | (7u << 8));
    }

private:
    test::FakeRegisters m_registers{0x40020000u, 0x4000};
};

QTEST_GUILESS_MAIN(TestStm32F4)
#include "tst_stm32_f4.moc"
