// SPDX-License-Identifier: GPL-3.0-or-later
// What a printed plan needs around it to run on a Cortex-M: start-up, output and end through semihosting, a tick
// counter. No board-specific register is touched, so it runs on any emulated Cortex-M.
#include <stdint.h>

namespace {

constexpr uint32_t kWriteText = 0x04;
constexpr uint32_t kExit = 0x18;
constexpr uint32_t kExitedNormally = 0x20026;
constexpr uint32_t kExitedWithFault = 0x20023;

void semihost(uint32_t operation, uintptr_t argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

volatile uint32_t& at(uintptr_t address)
{
    return *reinterpret_cast<volatile uint32_t*>(address);
}

// Architecture: SysTick counts the CPU clock down; its 24 bits are enough for what is measured.
constexpr uintptr_t kSysTickControl = 0xE000E010;
constexpr uintptr_t kSysTickReload = 0xE000E014;
constexpr uintptr_t kSysTickValue = 0xE000E018;
constexpr uintptr_t kCoprocessorAccess = 0xE000ED88;

} // namespace

extern "C" {

extern uint32_t stackTop;
extern uint32_t bssBegin;
extern uint32_t bssEnd;

void program();

void put(const char* text)
{
    semihost(kWriteText, reinterpret_cast<uintptr_t>(text));
}

uint32_t ticks()
{
    return 0x00FFFFFFu - at(kSysTickValue);
}

void reset()
{
#if defined(__ARM_FP)
    at(kCoprocessorAccess) = at(kCoprocessorAccess) | (0xFu << 20);
    __asm__ volatile("dsb\n isb");
#endif
    for (uint32_t* word = &bssBegin; word != &bssEnd; ++word)
        *word = 0;
    at(kSysTickReload) = 0x00FFFFFFu;
    at(kSysTickValue) = 0;
    at(kSysTickControl) = 5;
    program();
    semihost(kExit, kExitedNormally);
    for (;;) {
    }
}

void fault()
{
    put("fault\n");
    semihost(kExit, kExitedWithFault);
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) const uintptr_t vectors[16] = {
    reinterpret_cast<uintptr_t>(&stackTop), reinterpret_cast<uintptr_t>(&reset),
    reinterpret_cast<uintptr_t>(&fault), // NMI
    reinterpret_cast<uintptr_t>(&fault), // hard fault
    reinterpret_cast<uintptr_t>(&fault), // memory management
    reinterpret_cast<uintptr_t>(&fault), // bus fault
    reinterpret_cast<uintptr_t>(&fault), // usage fault
};
}
