// SPDX-License-Identifier: GPL-3.0-or-later
// A model for the emulated boards whose answers and costs are known to the instruction: it proves the measurement.
#include "device-agent/agent/model_port.hpp"

namespace {

constexpr uint16_t kRows = 16;
constexpr uint16_t kChannels = 3;
constexpr uint16_t kStackBytes = 600;

int16_t window[kRows * kChannels];
int32_t features[kChannels + 1];
int32_t votes[2];
const char* const classNames[] = {"short", "long"};

// Features: the channels' sums; then how often the model shall turn its loop: the first value of the window.
void extract(const void* rows, void* out)
{
    const int16_t* const in = static_cast<const int16_t*>(rows);
    int32_t* const to = static_cast<int32_t*>(out);
    for (uint16_t c = 0; c < kChannels; ++c) {
        to[c] = 0;
        for (uint16_t r = 0; r < kRows; ++r)
            to[c] += in[r * kChannels + c];
    }
    to[kChannels] = in[0];
}

// Two instructions a turn, and a known piece of stack.
uint16_t infer(const void* in, void* to)
{
    int32_t* const out = static_cast<int32_t*>(to);
    const int32_t* const from = static_cast<const int32_t*>(in);
    volatile uint8_t scratch[kStackBytes];
    scratch[0] = 1;
    scratch[kStackBytes - 1] = 2;
    int32_t turns = from[kChannels];
    if (turns > 0)
#if defined(__riscv)
        __asm volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(turns));
#else
        __asm volatile(".syntax unified\n1: subs %0, %0, #1\n bne 1b" : "+l"(turns) : : "cc");
#endif
    out[0] = from[0] + from[1] + from[2];
    out[1] = scratch[0] + scratch[kStackBytes - 1];
    // Without a branch, whose two ways may differ by an instruction.
    return static_cast<uint16_t>(static_cast<uint32_t>(1000 - from[kChannels]) >> 31);
}

constexpr ember::agent::ModelDescriptor kModel = {
    "counted",
    "0000000000c0ffee",
    ember::agent::InputKind::Window,
    kRows,
    8,
    kChannels,
    ember::wire::ElementType::Int16,
    ember::wire::ElementType::Int32,
    kChannels + 1,
    ember::wire::ElementType::Int32,
    2,
    2,
    classNames,
    extract,
    infer,
    window,
    features,
    votes,
};

} // namespace

const ember::agent::ModelDescriptor* ember::agent::deployedModel()
{
    return &kModel;
}
