// SPDX-License-Identifier: MIT-0
// From reset to main() on a Cortex-M: stack paint and guard, FPU, caches, memory. main() begins with interrupts masked.
// A port whose interrupts have handlers says so with EMBER_INTERRUPTS, the number of its interrupts, and defines
// onInterrupt() for all of them and onSysTick(); without it no vector beyond the architecture's own is ever read.
#include "../../agent/stack_meter.hpp"
#include "core.hpp"
#include "fault_record.hpp"

#include <stdint.h>
#include <string.h>

#ifndef EMBER_INTERRUPTS
#define EMBER_INTERRUPTS 0
#endif

using namespace ember::cortexm;

extern "C" {
extern uint32_t __stack_guard[];
extern uint32_t __stack_limit[];
extern uint32_t __stack_top[];
extern uint8_t __data_start[];
extern uint8_t __data_end[];
extern const uint8_t __data_load[];
extern uint8_t __bss_start[];
extern uint8_t __bss_end[];
using Initialiser = void (*)();
extern const Initialiser __init_array_start[];
extern const Initialiser __init_array_end[];

int main();
[[noreturn]] void resetHandler();
void faultHandler();
void onInterrupt();
void onSysTick();
[[noreturn]] void recordFault(const uint32_t* frame);
[[noreturn]] void __cxa_pure_virtual();
}

__attribute__((section(".noinit"))) FaultRecord ember::cortexm::faultRecord;

namespace {

// The table begins with the stack's top; all the rest is handlers.
using Handler = void (*)();
constexpr uint32_t kHandlers = 15 + EMBER_INTERRUPTS;
constexpr uint32_t kSysTick = 14;

struct VectorTable
{
    const void* stack;
    Handler handler[kHandlers];
};

constexpr VectorTable makeVectors()
{
    VectorTable table = {__stack_top, {resetHandler}};
    for (uint32_t i = 1; i < kHandlers; ++i)
        table.handler[i] = faultHandler;
#if EMBER_INTERRUPTS > 0
    table.handler[kSysTick] = onSysTick;
    for (uint32_t i = kSysTick + 1; i < kHandlers; ++i)
        table.handler[i] = onInterrupt;
#endif
    return table;
}

// VTOR wants the table aligned to its size rounded up to a power of two.
__attribute__((section(".vectors"), used, aligned(512))) constexpr VectorTable kVectors = makeVectors();
static_assert(sizeof(VectorTable) <= 512, "aligned for its size");

__attribute__((always_inline)) inline void paintStack()
{
    volatile uint32_t* end;
    __asm volatile("mov %0, sp" : "=r"(end));
    for (volatile uint32_t* at = __stack_limit; at < end; ++at)
        *at = ember::agent::StackMeter::kPaint;
}

void guardStack()
{
#if defined(__ARM_ARCH_8M_MAIN__)
    __asm volatile("msr msplim, %0" : : "r"(__stack_limit));
#elif !defined(__ARM_ARCH_6M__)
    if (&__stack_guard[0] == &__stack_limit[0])
        return; // memory itself ends there
    constexpr uintptr_t kMpuControl = 0xE000ED94u;
    constexpr uintptr_t kMpuRegion = 0xE000ED98u;
    constexpr uintptr_t kMpuBase = 0xE000ED9Cu;
    constexpr uintptr_t kMpuAttributes = 0xE000EDA0u;
    reg(kMpuRegion) = 0;
    reg(kMpuBase) = reinterpret_cast<uintptr_t>(__stack_guard);
    reg(kMpuAttributes) = (1u << 28) | (9u << 1) | 1u; // not executable, no access, 2^(9 + 1) bytes
    reg(kMpuControl) = 5;                              // everything else as without it
    __asm volatile("dsb\n isb" ::: "memory");
#endif
}

void enableFpu()
{
#if defined(__ARM_FP)
    reg(kCpacr) |= 0xFu << 20; // full access to coprocessors 10 and 11
    __asm volatile("dsb\n isb" ::: "memory");
#endif
}

void enableCaches()
{
#if defined(EMBER_CACHES)
    constexpr uintptr_t kInstructionInvalidate = 0xE000EF50u;
    constexpr uintptr_t kDataInvalidateBySet = 0xE000EF60u;
    constexpr uintptr_t kCacheSizeSelect = 0xE000ED84u;
    constexpr uintptr_t kCacheSize = 0xE000ED80u;
    reg(kInstructionInvalidate) = 0;
    reg(kCacheSizeSelect) = 0; // level 1 data
    __asm volatile("dsb" ::: "memory");
    const uint32_t size = reg(kCacheSize);
    const uint32_t sets = (size >> 13) & 0x7FFF;
    const uint32_t ways = (size >> 3) & 0x3FF;
    for (uint32_t set = 0; set <= sets; ++set)
        for (uint32_t way = 0; way <= ways; ++way)
            reg(kDataInvalidateBySet) = (set << 5) | (way << 30);
    __asm volatile("dsb\n isb" ::: "memory");
    reg(kCcr) |= (1u << 16) | (1u << 17);
    __asm volatile("dsb\n isb" ::: "memory");
#endif
}

void setUpMemory()
{
    memcpy(__data_start, __data_load, static_cast<size_t>(__data_end - __data_start));
    memset(__bss_start, 0, static_cast<size_t>(__bss_end - __bss_start));
    for (const Initialiser* init = __init_array_start; init != __init_array_end; ++init)
        (*init)();
}

} // namespace

extern "C" {

void resetHandler()
{
    __asm volatile("cpsid i" ::: "memory");
    paintStack();
#if !defined(__ARM_ARCH_6M__)
    reg(kVtor) = reinterpret_cast<uintptr_t>(&kVectors);
#endif
    guardStack();
    enableFpu();
    enableCaches();
    setUpMemory();
    main();
    recordFault(__stack_limit); // main() does not return
}

// The core has pushed r0-r3, r12, lr, pc and xpsr.
__attribute__((naked)) void faultHandler()
{
    __asm volatile("mov r0, sp\n"
                   "ldr r1, =__stack_top\n" // the fault may be that the stack ran out of memory
                   "mov sp, r1\n"
                   "ldr r1, =recordFault\n"
                   "bx r1\n");
}

void recordFault(const uint32_t* frame)
{
    const uintptr_t at = reinterpret_cast<uintptr_t>(frame);
    const bool readable =
        at >= reinterpret_cast<uintptr_t>(__stack_limit) && at + 32 <= reinterpret_cast<uintptr_t>(__stack_top);
    faultRecord.magic = FaultRecord::kMagic;
    faultRecord.pc = readable ? frame[6] : 0;
#if defined(__ARM_ARCH_6M__)
    __asm volatile("mrs %0, ipsr" : "=r"(faultRecord.status));
#else
    faultRecord.status = reg(kCfsr);
#endif
    restart();
}

void __cxa_pure_virtual()
{
    recordFault(__stack_limit);
}
}
