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

// Without a model and with a port that is no object (agent/port.hpp) the agent is a constant when it is compiled, and
// no code sets it up.
#if !EMBER_WITH_MODEL && defined(EMBER_PORT_HEADER)
#define EMBER_CONSTANT constexpr
#else
#define EMBER_CONSTANT
#endif

// A function that stays one, and gets its object's address as an argument. On AVR what is reached through a pointer
// takes half the code of what lies at an address that the compiler knows, which else puts all of the agent into main().
#if EMBER_SMALL && !EMBER_WITH_MODEL
#define EMBER_APART __attribute__((noinline))
#else
#define EMBER_APART
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

// A small board's batches are short. Where no window ends in the middle of one, they are taken whole.
#define EMBER_WHOLE_BATCHES (EMBER_SMALL && !EMBER_WITH_MODEL)

// A port whose sensors are all known when it is compiled says what their streams are as CBOR, which saves the code that
// makes it (EMBER_DESCRIBED_STREAMS=1).
#ifndef EMBER_DESCRIBED_STREAMS
#define EMBER_DESCRIBED_STREAMS 0
#endif
#define EMBER_FIXED_DESCRIPTION (EMBER_DESCRIBED_STREAMS && !EMBER_WITH_MODEL)

namespace ember {
namespace agent {

constexpr bool kWithModel = EMBER_WITH_MODEL != 0;
constexpr bool kWithInject = EMBER_WITH_INJECT != 0;

constexpr uint8_t kLogLines = 4;  ///< that wait for the link
constexpr uint8_t kTimeMarks = 8; ///< batches of rows in the queue whose time is known

} // namespace agent
} // namespace ember
