// SPDX-License-Identifier: MIT-0
// From reset to main(): trap vector, stack paint, memory. Interrupts stay masked for good: they only wake the core from
// sleep, so nothing ever runs between two instructions of a measurement.
#include "../../agent/stack_meter.hpp"
#include "core.hpp"

#include <stdint.h>
#include <string.h>

using namespace ember::sifive;

extern "C" {
extern uint32_t __stack_limit[];
extern uint8_t __data_start[];
extern uint8_t __data_end[];
extern const uint8_t __data_load[];
extern uint8_t __bss_start[];
extern uint8_t __bss_end[];
using Initialiser = void (*)();
extern const Initialiser __init_array_start[];
extern const Initialiser __init_array_end[];

int main();
[[noreturn]] void run();
[[noreturn]] void recordFault();
[[noreturn]] void __cxa_pure_virtual();
}

__attribute__((section(".noinit"))) FaultRecord ember::sifive::faultRecord;

namespace {

__attribute__((always_inline)) inline void paintStack()
{
    volatile uint32_t* end = reinterpret_cast<volatile uint32_t*>(stackPointer());
    for (volatile uint32_t* at = __stack_limit; at < end; ++at)
        *at = ember::agent::StackMeter::kPaint;
}

} // namespace

extern "C" {

// A trap may be that the stack ran out of memory, so it begins on a fresh one. The vector wants four-byte alignment.
__attribute__((naked, aligned(4))) void trap()
{
    __asm volatile("la sp, __stack_top\n"
                   "j recordFault\n");
}

__attribute__((naked, section(".start"))) void start()
{
    __asm volatile(".option push\n"
                   ".option norelax\n"
                   "la gp, __global_pointer$\n"
                   ".option pop\n"
                   "csrci mstatus, 8\n" // interrupts masked
                   "csrw mie, zero\n"
                   "la t0, trap\n"
                   "csrw mtvec, t0\n"
                   "la sp, __stack_top\n"
                   "j run\n");
}

void run()
{
    paintStack();
    memcpy(__data_start, __data_load, static_cast<size_t>(__data_end - __data_start));
    memset(__bss_start, 0, static_cast<size_t>(__bss_end - __bss_start));
    for (const Initialiser* init = __init_array_start; init != __init_array_end; ++init)
        (*init)();
    main();
    recordFault(); // main() does not return
}

void recordFault()
{
    faultRecord.magic = FaultRecord::kMagic;
    __asm volatile("csrr %0, mepc" : "=r"(faultRecord.pc));
    __asm volatile("csrr %0, mcause" : "=r"(faultRecord.cause));
    start();
}

void __cxa_pure_virtual()
{
    recordFault();
}
}
