// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/agent.hpp"

#include <stdint.h>

namespace ember {
namespace cortexm {

/// What is left behind by a fault, for the start after it. Lies in memory that a restart does not clear.
struct FaultRecord
{
    static constexpr uint32_t kMagic = 0xFA017FA0u;

    uint32_t magic;  ///< kMagic when the last run ended in a fault
    uint32_t pc;     ///< the instruction at fault
    uint32_t status; ///< configurable fault status register; on Armv6-M, which has none, the number of the exception
    uint32_t starts; ///< restarts since power-up, more or less: begins with what the memory held
};

extern FaultRecord faultRecord;

/// Tells the host of a fault that ended the last run, once.
inline void reportFault(agent::Agent& agent)
{
    if (faultRecord.magic != FaultRecord::kMagic)
        return;
    faultRecord.magic = 0;
    agent.log(agent::LogLevel::Error, "The board restarted after a fault at", faultRecord.pc);
    agent.log(agent::LogLevel::Error, "Fault status", faultRecord.status);
}

} // namespace cortexm
} // namespace ember
