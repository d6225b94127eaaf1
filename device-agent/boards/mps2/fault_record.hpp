// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace mps2 {

/// What is left behind by a fault, for the start after it. Lies in memory that a restart does not clear.
struct FaultRecord
{
    static constexpr uint32_t kMagic = 0xFA017FA0u;

    uint32_t magic;  ///< kMagic when the last run ended in a fault
    uint32_t pc;     ///< the instruction at fault
    uint32_t status; ///< configurable fault status register
    uint32_t starts; ///< restarts since power-up, more or less: begins with what the memory held
};

extern FaultRecord faultRecord;

} // namespace mps2
} // namespace ember
