// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ember {
namespace agent {

/// What a RowQueue is on a board whose rows wait in the sensor: room for the rows of one frame, which all leave
/// together. When it is full the next rows stay where they are. The memory belongs to the caller; of it 255 bytes at
/// most are used. Rows are sampled by the board's own clock.
class ShortQueue
{
public:
    static constexpr bool kMakesRoom = false; ///< full, it takes nothing

    constexpr ShortQueue(uint8_t* memory, size_t size)
        : m_memory(memory)
        , m_size(static_cast<uint8_t>(size < 255 ? size : 255))
    {}

    void configure(size_t rowBytes)
    {
        m_rowBytes = static_cast<uint8_t>(rowBytes);
        m_capacity = 0;
        for (uint8_t left = m_size; left >= m_rowBytes; left = static_cast<uint8_t>(left - m_rowBytes)) // no division
            ++m_capacity;
        restart(0);
    }
    /// Empties it; rows know their numbers.
    void restart(uint32_t) { m_count = 0; }

    uint8_t rowBytes() const { return m_rowBytes; }
    uint8_t count() const { return m_count; }
    uint8_t room() const { return static_cast<uint8_t>(m_capacity - m_count); }
    /// No batch more is to be waited for.
    bool nearlyFull() const { return room() <= m_capacity / 4; }

    /// Says when the next row to come was sampled: known of the first one of a frame.
    void mark(uint32_t ticks)
    {
        if (m_count == 0)
            m_ticks = ticks;
    }
    uint32_t headTicks() const { return m_ticks; }

    /// Appends rows, no more than room().
    uint32_t push(const uint8_t* rows, uint16_t count)
    {
        memcpy(m_memory + offset(m_count), rows, offset(static_cast<uint8_t>(count)));
        m_count = static_cast<uint8_t>(m_count + count);
        return 0;
    }
    /// Moves the rows out, all of them; returns how many bytes they are.
    uint8_t pop(uint8_t* to, uint16_t)
    {
        const uint8_t bytes = offset(m_count);
        memcpy(to, m_memory, bytes);
        m_count = 0;
        return bytes;
    }

private:
    uint8_t offset(uint8_t rows) const { return static_cast<uint8_t>(rows * m_rowBytes); }

    uint8_t* m_memory;
    uint8_t m_size;
    uint8_t m_rowBytes = 0;
    uint8_t m_capacity = 0;
    uint8_t m_count = 0;
    uint32_t m_ticks = 0;
};

} // namespace agent
} // namespace ember
