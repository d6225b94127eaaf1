// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace sifive {

inline volatile uint32_t& reg(uintptr_t address)
{
    return *reinterpret_cast<volatile uint32_t*>(address);
}

// Machine interrupt enable bits (RISC-V privileged architecture).
constexpr uint32_t kTimerInterrupt = 1u << 7;
constexpr uint32_t kExternalInterrupt = 1u << 11;

/// Until an enabled interrupt is pending; interrupts stay masked for good.
inline void waitForInterrupt()
{
    __asm volatile("wfi" ::: "memory");
}

inline void enableWakeUp(uint32_t interrupts)
{
    __asm volatile("csrw mie, %0" : : "r"(interrupts));
}

inline uint8_t* stackPointer()
{
    uint8_t* pointer;
    __asm volatile("mv %0, sp" : "=r"(pointer));
    return pointer;
}

/// What is left behind by a fault, for the start after it. Lies in memory that a restart does not clear.
struct FaultRecord
{
    static constexpr uint32_t kMagic = 0xFA017FA0u;

    uint32_t magic;  ///< kMagic when the last run ended in a fault
    uint32_t pc;     ///< the instruction at fault
    uint32_t cause;  ///< mcause
    uint32_t starts; ///< restarts since power-up, more or less: begins with what the memory held
};

extern FaultRecord faultRecord;

} // namespace sifive
} // namespace ember

/// From the beginning; the chip has no register that resets it.
extern "C" [[noreturn]] void start();
