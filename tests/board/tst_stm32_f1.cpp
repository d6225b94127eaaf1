// SPDX-License-Identifier: GPL-3.0-or-later
// The clock and pin code of the STM32 port on a fake F100 with a crystal of 8 MHz. Expected values by hand from RM0041.
#include "device-agent/boards/stm32/clock.hpp"
#include "device-agent/boards/stm32/usart.hpp"
#include "tests/board/fake_registers.h"

using namespace ember;
using stm32::Clocks;
using stm32::reg;

namespace {

constexpr uint32_t kHsiReady = 1u << 1;
constexpr uint32_t kHseReady = 1u << 17;
constexpr uint32_t kPllReady = 1u << 25;
constexpr uint32_t kRunsOnPll = 2u << 2;

} // namespace

class TestStm32F1 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        if (!m_registers.isThere() || !m_ports.isThere())
            QSKIP("the addresses of the registers are taken in this process");
        m_registers.clear();
        m_ports.clear();
    }

    void aCrystalFeedsThePll()
    {
        reg(stm32::kRccControl) = kHsiReady | kHseReady | kPllReady;
        reg(stm32::kRccConfig) = kRunsOnPll;
        const Clocks clocks = stm32::startClocks();
        QCOMPARE(clocks.coreHz, 24'000'000u);
        QCOMPARE(clocks.apb1Hz, 24'000'000u);
        QCOMPARE(clocks.apb2Hz, 24'000'000u);
        // Three times the whole crystal.
        QCOMPARE(reg(stm32::kRccConfig), kRunsOnPll | (1u << 16) | (1u << 18) | 2u);
        QCOMPARE(reg(stm32::kFlashAccess) & 7u, 0u);
    }

    void withoutItTheInternalOscillatorDoes()
    {
        reg(stm32::kRccControl) = kHsiReady | kPllReady;
        reg(stm32::kRccConfig) = kRunsOnPll;
        QCOMPARE(stm32::startClocks().coreHz, 24'000'000u);
        // Six times half the oscillator of 8 MHz.
        QCOMPARE(reg(stm32::kRccConfig), kRunsOnPll | (4u << 18) | 2u);
    }

    void aSwitchThatNeverComesLeavesTheCoreSlow()
    {
        reg(stm32::kRccControl) = kHsiReady | kHseReady | kPllReady;
        QCOMPARE(stm32::startClocks().coreHz, 8'000'000u);
    }

    void anEmulatorWithoutAControllerRunsAtTheBoardsClock()
    {
        QCOMPARE(stm32::startClocks().coreHz, 24'000'000u);
        QCOMPARE(reg(stm32::kRccControl), 0u);
    }

    void pinsGoToTheUsart()
    {
        stm32::routePin({0, 9}, 0, true);
        stm32::routePin({0, 2}, 0, true);
        stm32::routePin({0, 10}, 0, false);
        QCOMPARE(reg(stm32::kRccPortEnable), 1u << 2);
        const uintptr_t port = stm32::gpio(0);
        QCOMPARE(reg(port + 0x00), 0xBu << 8);
        QCOMPARE(reg(port + 0x04), (0xBu << 4) | (0x8u << 8));
        QCOMPARE(reg(port + 0x0C), 1u << 10); // the input is pulled up
    }

private:
    test::FakeRegisters m_registers{0x40021000u, 0x2000};
    test::FakeRegisters m_ports{0x40010000u, 0x2000};
};

QTEST_GUILESS_MAIN(TestStm32F1)
#include "tst_stm32_f1.moc"
