// SPDX-License-Identifier: MIT-0
#pragma once

#include "limits.hpp"
#include "persistent_store.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace agent {

/// What the agent needs of a board. A port implements it once per board family; it lives as long as the agent. All
/// calls come from the agent's loop, never from an interrupt.
class BoardPort
{
public:
    /// The board's id, as in its board file; an EMBER_TEXT.
    virtual const char* boardId() const = 0;
    /// The 20 bytes of the linker's build id, in flash.
    virtual const uint8_t* buildId() const = 0;
    /// Differs at every start of the board, so that a host notices a restart.
    virtual uint32_t session() const = 0;

    /// One byte of the link; false when none is waiting. Never waits.
    virtual bool linkRead(uint8_t* byte) = 0;
    /// Hands one byte to the link; false when it cannot take one now. Never waits.
    virtual bool linkWrite(uint8_t byte) = 0;

    /// The board's clock; wraps. Called at least once a second.
    virtual uint32_t micros() = 0;
    /// The CPU timer, which counts up at cpuTickHz() and wraps. What costs are counted in.
    virtual uint32_t cpuTicks() = 0;
    virtual uint32_t cpuTickHz() const = 0;

    /// Nothing that is not part of the measured code may run between these two (interrupts off, or harmless).
    virtual void beginMeasurement() = 0;
    virtual void endMeasurement() = 0;

    /// Lowest address of the stack; null where the stack cannot be measured.
    virtual uint8_t* stackLimit() const = 0;
    /// The address the stack starts from and grows down.
    virtual uint8_t* stackTop() const = 0;
    /// The caller's stack pointer, or an address slightly below it.
    virtual uint8_t* stackPointer() const = 0;

    /// Sleeps until a byte waits on the link or at the sensor, at most this long.
    virtual void idle(uint32_t microseconds) = 0;

#if EMBER_LEARNING
    /// Where what was learned outlives a restart; null where there is no such place.
    virtual PersistentStore* store()
    {
        return nullptr;
    }
#endif

    virtual bool hasBootloader() const = 0;
    /// Restarts the board; does not return.
    virtual void reset(bool intoBootloader) = 0;

protected:
    ~BoardPort() = default;
};

} // namespace agent
} // namespace ember
