// SPDX-License-Identifier: GPL-3.0-or-later
// A model that brings its board down: by an undefined instruction, or by eating the stack.
#include "device-agent/agent/model_port.hpp"

namespace {

int16_t features[1];
int32_t votes[1];
const char* const classNames[] = {"none"};

// Not a tail call, so that each turn takes its stack.
__attribute__((noinline)) int32_t dig(int32_t depth)
{
    volatile uint8_t hole[256];
    hole[0] = static_cast<uint8_t>(depth);
    return depth == 0 ? hole[0] : dig(depth - 1) + hole[0];
}

uint16_t infer(const void* in, void* to)
{
    int32_t* const out = static_cast<int32_t*>(to);
    const int16_t way = *static_cast<const int16_t*>(in);
    if (way == 1)
        __builtin_trap();
    else if (way == 2)
        out[0] = dig(1000000);
    else
        out[0] = dig(3);
    return 0;
}

constexpr ember::agent::ModelDescriptor kModel = {
    "faulty",
    "00000000000000ad",
    ember::agent::InputKind::FeatureVector,
    0,
    0,
    0,
    ember::wire::ElementType::Int16,
    ember::wire::ElementType::Int16,
    1,
    ember::wire::ElementType::Int32,
    1,
    1,
    classNames,
    nullptr,
    infer,
    nullptr,
    features,
    votes,
};

} // namespace

const ember::agent::ModelDescriptor* ember::agent::deployedModel()
{
    return &kModel;
}
