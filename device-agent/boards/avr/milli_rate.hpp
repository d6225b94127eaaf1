// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/sensor.hpp"

namespace ember {
namespace avr {

/// Gives a stream the rate nearest to `milliHz` among 1000 Hz / n, n from 1 to `most` (at most 500), and its period.
/// Returns n, which is the period in milliseconds.
uint16_t setMilliRate(agent::StreamInfo& stream, uint32_t milliHz, uint16_t most);

} // namespace avr
} // namespace ember
