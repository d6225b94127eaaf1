// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

// How much the agent keeps of what is only handy. A port for a board with very little RAM defines EMBER_AGENT_SMALL
// among its compile flags; the buffers' sizes are the port's own (AgentBuffers).

// The firmware that is shipped, which will never have a model, is compiled with EMBER_NO_MODEL: that leaves out what
// only models need. What a model costs is compared with a firmware that has all of this but no model, so that it counts
// the model and not the agent.

namespace ember {
namespace agent {

#if defined(EMBER_NO_MODEL) || defined(ARDUINO) // the Arduino library has no model either
constexpr bool kWithModel = false;
#else
constexpr bool kWithModel = true;
#endif

#if defined(EMBER_AGENT_SMALL) || (defined(ARDUINO) && defined(__AVR__))
constexpr uint8_t kLogLines = 2;  ///< that wait for the link
constexpr uint8_t kTimeMarks = 3; ///< batches of rows in the queue whose time is known
#else
constexpr uint8_t kLogLines = 4;
constexpr uint8_t kTimeMarks = 8;
#endif

} // namespace agent
} // namespace ember
