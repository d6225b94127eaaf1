// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace cortexm {

inline volatile uint32_t& reg(uintptr_t address)
{
    return *reinterpret_cast<volatile uint32_t*>(address);
}

// The core's own registers (Armv6-M, Armv7-M and Armv8-M architecture reference manuals).
constexpr uintptr_t kSysTickControl = 0xE000E010u;
constexpr uintptr_t kSysTickReload = 0xE000E014u;
constexpr uintptr_t kSysTickValue = 0xE000E018u;
constexpr uintptr_t kNvicEnable = 0xE000E100u;
constexpr uintptr_t kNvicDisable = 0xE000E180u;
constexpr uintptr_t kNvicSetPending = 0xE000E200u;
constexpr uintptr_t kNvicClearPending = 0xE000E280u;
constexpr uintptr_t kIcsr = 0xE000ED04u;
constexpr uintptr_t kVtor = 0xE000ED08u;
constexpr uintptr_t kAircr = 0xE000ED0Cu;
constexpr uint32_t kAircrResetRequest = 0x05FA0004u;
constexpr uintptr_t kCcr = 0xE000ED14u;
constexpr uintptr_t kCfsr = 0xE000ED28u;
constexpr uintptr_t kCpacr = 0xE000ED88u;

inline void enableInterrupt(uint32_t irq)
{
    reg(kNvicEnable + 4 * (irq / 32)) = 1u << (irq % 32);
}

/// In force when it returns: no handler of this interrupt starts after it.
inline void disableInterrupt(uint32_t irq)
{
    reg(kNvicDisable + 4 * (irq / 32)) = 1u << (irq % 32);
    __asm volatile("dsb\n isb" ::: "memory");
}

/// Makes the interrupt's handler run, whatever its line says.
inline void pendInterrupt(uint32_t irq)
{
    reg(kNvicSetPending + 4 * (irq / 32)) = 1u << (irq % 32);
}

inline void clearPendingInterrupt(uint32_t irq)
{
    reg(kNvicClearPending + 4 * (irq / 32)) = 1u << (irq % 32);
}

inline void maskInterrupts()
{
    __asm volatile("cpsid i" ::: "memory");
}

inline void unmaskInterrupts()
{
    __asm volatile("cpsie i" ::: "memory");
}

/// Until an interrupt is pending, masked or not.
inline void waitForInterrupt()
{
    __asm volatile("dsb\n wfi\n isb" ::: "memory");
}

inline uint8_t* stackPointer()
{
    uint8_t* pointer;
    __asm volatile("mov %0, sp" : "=r"(pointer));
    return pointer;
}

[[noreturn]] inline void restart()
{
    __asm volatile("dsb" ::: "memory");
    reg(kAircr) = kAircrResetRequest;
    for (;;)
        __asm volatile("dsb" ::: "memory");
}

} // namespace cortexm
} // namespace ember
