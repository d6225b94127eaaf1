// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

// How much the agent keeps of what is only handy. A port for a board with very little RAM defines EMBER_AGENT_SMALL
// among its compile flags; the buffers' sizes are the port's own (AgentBuffers).

// The firmware that is shipped, which will never have a model, is compiled with EMBER_NO_MODEL: that leaves out what
// only models need. What a model costs is compared with a firmware that has all of this but no model, so that it counts
// the model and not the agent.

#if defined(EMBER_NO_MODEL) || defined(ARDUINO) // the Arduino library has no model either
#define EMBER_WITH_MODEL 0
#else
#define EMBER_WITH_MODEL 1
#endif

#if defined(EMBER_AGENT_SMALL) || (defined(ARDUINO) && defined(__AVR__))
#define EMBER_SMALL 1
#else
#define EMBER_SMALL 0
#endif

// Rows that the host gives in the sensor's place are for a model, or for a board without a sensor; a small one has one.
#if EMBER_WITH_MODEL || !EMBER_SMALL
#define EMBER_WITH_INJECT 1
#else
#define EMBER_WITH_INJECT 0
#endif

// A firmware whose model learns on the board is compiled with EMBER_LEARNING=1, one that carries inputs for a self-test
// with EMBER_SELF_TEST=1, one whose model tells events with EMBER_EVENTS=1: others do not pay for it.
#ifndef EMBER_LEARNING
#define EMBER_LEARNING 0
#endif
#ifndef EMBER_SELF_TEST
#define EMBER_SELF_TEST 0
#endif
#ifndef EMBER_EVENTS
#define EMBER_EVENTS 0
#endif

namespace ember {
namespace agent {

constexpr bool kWithModel = EMBER_WITH_MODEL != 0;
constexpr bool kWithInject = EMBER_WITH_INJECT != 0;

#if EMBER_SMALL
constexpr uint8_t kLogLines = 1;  ///< that wait for the link
constexpr uint8_t kTimeMarks = 2; ///< batches of rows in the queue whose time is known
#else
constexpr uint8_t kLogLines = 4;
constexpr uint8_t kTimeMarks = 8;
#endif

} // namespace agent
} // namespace ember
