// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

// How much the agent keeps of what is only handy. A port for a board with very little RAM defines EMBER_AGENT_SMALL
// among its compile flags; the buffers' sizes are the port's own (AgentBuffers).

namespace ember {
namespace agent {

#if defined(EMBER_AGENT_SMALL)
constexpr uint8_t kLogLines = 2;  ///< that wait for the link
constexpr uint8_t kTimeMarks = 3; ///< batches of rows in the queue whose time is known
#else
constexpr uint8_t kLogLines = 4;
constexpr uint8_t kTimeMarks = 8;
#endif

} // namespace agent
} // namespace ember
