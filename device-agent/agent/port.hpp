// SPDX-License-Identifier: MIT-0
#pragma once

#include "board_port.hpp"

// What the agent calls its port by. A family whose boards have little flash says where its own is, a class of this
// name with the functions of BoardPort: calls then know where they go, and there is no table of them.
#if defined(EMBER_PORT_HEADER)
#include EMBER_PORT_HEADER
#else
namespace ember {
namespace agent {

using Port = BoardPort;

} // namespace agent
} // namespace ember
#endif
