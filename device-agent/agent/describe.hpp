// SPDX-License-Identifier: MIT-0
#pragma once

#include "model_port.hpp"
#include "port.hpp"
#include "streamer.hpp"

namespace ember {
namespace agent {

#define EMBER_FIRMWARE_VERSION "0.1.0"

/// What a description is about.
struct DescriptionParts
{
    const Port& port;
    const Streamer& streams;      ///< the first of them
    const ModelDescriptor* model; ///< may be null
    size_t largestPayload;
#if EMBER_LEARNING
    bool learns;
    bool keeps; ///< what was learned, over a restart
#endif

    bool hasModel() const
    {
        return kWithModel && model != nullptr;
    }
};

#if EMBER_FIXED_DESCRIPTION
/// What a description takes without its streams, each of which takes its describedBytes and four more. The port sees to
/// it that this much fits.
constexpr size_t kFixedDescriptionBytes = 75 + sizeof EMBER_BOARD_ID - 1;
#endif

/// Writes the map of wire/description.hpp. Returns its size, 0 when it does not fit.
size_t describe(const DescriptionParts& parts, uint8_t* buffer, size_t capacity);

} // namespace agent
} // namespace ember
