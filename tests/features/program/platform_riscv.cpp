// SPDX-License-Identifier: GPL-3.0-or-later
// What a printed plan needs around it to run on a RISC-V: start-up, output and end through semihosting, a counter. No
// board-specific register is touched, so it runs on any emulated one that begins where the program lies.
#include <stdint.h>

namespace {

constexpr uintptr_t kWriteText = 0x04;
constexpr uintptr_t kExit = 0x18;
constexpr uintptr_t kExitedNormally = 0x20026;
constexpr uintptr_t kExitedWithFault = 0x20023;

// The three instructions by which an emulator knows the call (RISC-V semihosting); they must not lie on two pages.
__attribute__((noinline, aligned(16))) void semihost(uintptr_t operation, uintptr_t argument)
{
    register uintptr_t a0 __asm__("a0") = operation;
    register uintptr_t a1 __asm__("a1") = argument;
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     ".balign 16\n"
                     "slli x0, x0, 0x1f\n"
                     "ebreak\n"
                     "srai x0, x0, 7\n"
                     ".option pop\n"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
}

} // namespace

extern "C" {

extern uint32_t bssBegin;
extern uint32_t bssEnd;

void program();
[[noreturn]] void run();
[[noreturn]] void fault();

void put(const char* text)
{
    semihost(kWriteText, reinterpret_cast<uintptr_t>(text));
}

uint32_t ticks()
{
    uint32_t cycles;
    __asm__ volatile("csrr %0, mcycle" : "=r"(cycles));
    return cycles;
}

__attribute__((naked, used, section(".vectors"))) void reset()
{
    __asm__ volatile("la t0, fault\n"
                     "csrw mtvec, t0\n"
                     "la sp, stackTop\n"
                     "j run\n");
}

void run()
{
    for (uint32_t* word = &bssBegin; word != &bssEnd; ++word)
        *word = 0;
    program();
    semihost(kExit, kExitedNormally);
    for (;;) {
    }
}

__attribute__((aligned(4))) void fault()
{
    put("fault\n");
    semihost(kExit, kExitedWithFault);
    for (;;) {
    }
}
}
