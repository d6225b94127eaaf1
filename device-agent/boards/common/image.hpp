// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

#ifndef EMBER_BOARD_ID
#error "EMBER_BOARD_ID must be the board's id as a string"
#endif

// What the linker scripts of the boards define.
extern "C" {
extern uint8_t __stack_limit[];
extern uint8_t __stack_top[];
extern const uint8_t __build_id_note[];
}

namespace ember {
namespace boards {

/// The 20 bytes of the linker's build id. Its note is three words (sizes and type), the name "GNU" with its zero, and
/// the description.
inline const uint8_t* imageBuildId()
{
    return __build_id_note + 16;
}

} // namespace boards
} // namespace ember
