// SPDX-License-Identifier: GPL-3.0-or-later
// A model for AVR boards whose answers and costs are known to the cycle: it proves the measurement.
#include "device-agent/agent/flash_text.hpp"
#include "device-agent/agent/model_port.hpp"

namespace {

constexpr uint16_t kRows = 16;
constexpr uint16_t kChannels = 3;
constexpr uint16_t kStackBytes = 100;

int16_t window[kRows * kChannels];
int32_t features[2];
int32_t votes[2];
const char modelName[] EMBER_IN_FLASH = "counted";
const char modelHash[] EMBER_IN_FLASH = "0000000000c0ffee";
const char shortName[] EMBER_IN_FLASH = "short";
const char longName[] EMBER_IN_FLASH = "long";
const char* const classNames[] = {shortName, longName};

// Features: the sum of all values; then how often the model shall turn its loop: the first value as an unsigned number.
void extract(const void* rows, void* out)
{
    const int16_t* const in = static_cast<const int16_t*>(rows);
    int32_t* const to = static_cast<int32_t*>(out);
    to[0] = 0;
    for (uint16_t i = 0; i < kRows * kChannels; ++i)
        to[0] += in[i];
    to[1] = static_cast<uint16_t>(in[0]);
}

// Four cycles a turn (sbiw 2, brne taken 2), and a known piece of stack.
uint16_t infer(const void* in, void* to)
{
    int32_t* const out = static_cast<int32_t*>(to);
    const int32_t* const from = static_cast<const int32_t*>(in);
    volatile uint8_t scratch[kStackBytes];
    scratch[0] = 1;
    scratch[kStackBytes - 1] = 2;
    uint16_t turns = static_cast<uint16_t>(from[1]);
    __asm volatile("1: sbiw %0, 1\n brne 1b" : "+w"(turns) : : "cc");
    out[0] = from[0];
    out[1] = scratch[0] + scratch[kStackBytes - 1];
    return from[1] > 1000 ? 1 : 0;
}

const ember::agent::ModelDescriptor kModel = {
    modelName,
    modelHash,
    ember::agent::InputKind::Window,
    kRows,
    8,
    kChannels,
    ember::wire::ElementType::Int16,
    ember::wire::ElementType::Int32,
    2,
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
