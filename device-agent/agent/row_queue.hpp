// SPDX-License-Identifier: MIT-0
#pragma once

#include "limits.hpp"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ember {
namespace agent {

/// Rows on their way from the sensor to the link: a ring without gaps. When it is full the oldest rows give way, so
/// that what arrives is never late by more than the ring is long. The memory belongs to the caller.
class RowQueue
{
public:
    static constexpr bool kMakesRoom = true; ///< full, it forgets its oldest rows

    constexpr RowQueue(uint8_t* memory, size_t size)
        : m_memory(memory)
        , m_size(size)
    {}

    /// Empties it and fixes what a row is. `period` times rows between two marks: in 1/256 microseconds, 0 when
    /// unknown.
    void configure(size_t rowBytes, uint32_t period)
    {
        const size_t rows = rowBytes == 0 ? 0 : m_size / rowBytes;
        m_rowBytes = rowBytes;
        m_capacity = rows > 0xFFFF ? uint16_t{0xFFFF} : static_cast<uint16_t>(rows);
        m_period = period;
        restart(0);
    }

    /// Empties it; the next row to come has this number.
    void restart(uint32_t firstRow)
    {
        m_head = 0;
        m_count = 0;
        m_firstRow = firstRow;
        m_marks = 0;
    }

    size_t rowBytes() const { return m_rowBytes; }
    uint16_t count() const { return m_count; }
    uint16_t room() const { return static_cast<uint16_t>(m_capacity - m_count); }
    /// A quarter of it is left, or less.
    bool nearlyFull() const { return room() <= m_capacity / 4; }
    uint32_t firstRow() const { return m_firstRow; }
    uint32_t nextRow() const { return m_firstRow + m_count; }

    /// Says when the next row to come was sampled.
    void mark(uint32_t ticks)
    {
        dropOldMarks();
        if (m_marks == kTimeMarks)
            return; // the rate carries on from the mark before
        m_mark[m_marks].row = nextRow();
        m_mark[m_marks].ticks = ticks;
        ++m_marks;
    }

    /// Appends rows; returns how many old ones had to give way.
    uint32_t push(const uint8_t* rows, uint16_t count)
    {
        if (m_capacity == 0)
            return count;
        uint32_t lost = 0;
        if (count > m_capacity) {
            const uint16_t excess = static_cast<uint16_t>(count - m_capacity);
            lost = static_cast<uint32_t>(m_count) + excess;
            rows += excess * m_rowBytes;
            count = m_capacity;
            m_firstRow += lost;
            m_count = 0;
        } else if (count > room()) {
            lost = static_cast<uint32_t>(count - room());
            drop(static_cast<uint16_t>(lost));
        }
        copyIn(rows, count);
        return lost;
    }

    /// When the oldest row was sampled.
    uint32_t headTicks()
    {
        dropOldMarks();
        if (m_marks == 0)
            return 0;
        // rows * m_period / 256 without 64 bits: there are never 2^24 rows behind a mark.
        const uint32_t rows = m_firstRow - m_mark[0].row;
        return m_mark[0].ticks + rows * (m_period >> 8) + ((rows * (m_period & 0xFFu)) >> 8);
    }

    /// Moves the oldest rows out; `count` must not exceed count(). Returns how many bytes they are.
    size_t pop(uint8_t* to, uint16_t count)
    {
        const uint16_t first = untilWrap(m_head, count);
        memcpy(to, m_memory + m_head * m_rowBytes, first * m_rowBytes);
        memcpy(to + first * m_rowBytes, m_memory, static_cast<size_t>(count - first) * m_rowBytes);
        drop(count);
        return count * m_rowBytes;
    }

private:
    struct Mark
    {
        uint32_t row;
        uint32_t ticks;
    };

    uint16_t untilWrap(uint16_t at, uint16_t count) const
    {
        const uint16_t left = static_cast<uint16_t>(m_capacity - at);
        return count < left ? count : left;
    }

    void copyIn(const uint8_t* rows, uint16_t count)
    {
        const uint16_t at = static_cast<uint16_t>((static_cast<uint32_t>(m_head) + m_count) % m_capacity);
        const uint16_t first = untilWrap(at, count);
        memcpy(m_memory + at * m_rowBytes, rows, first * m_rowBytes);
        memcpy(m_memory, rows + first * m_rowBytes, static_cast<size_t>(count - first) * m_rowBytes);
        m_count = static_cast<uint16_t>(m_count + count);
    }

    void drop(uint16_t count)
    {
        m_head = static_cast<uint16_t>((static_cast<uint32_t>(m_head) + count) % m_capacity);
        m_count = static_cast<uint16_t>(m_count - count);
        m_firstRow += count;
    }

    // Keeps the newest mark that is not after the oldest row, and those after it.
    void dropOldMarks()
    {
        uint8_t old = 0;
        while (old + 1 < m_marks && static_cast<int32_t>(m_mark[old + 1].row - m_firstRow) <= 0)
            ++old;
        if (old == 0)
            return;
        m_marks = static_cast<uint8_t>(m_marks - old);
        for (uint8_t i = 0; i < m_marks; ++i)
            m_mark[i] = m_mark[i + old];
    }

    uint8_t* m_memory;
    size_t m_size;
    size_t m_rowBytes = 0;
    uint32_t m_period = 0; ///< of a row, in 1/256 microseconds
    uint32_t m_firstRow = 0;
    uint16_t m_capacity = 0;
    uint16_t m_head = 0;
    uint16_t m_count = 0;
    uint8_t m_marks = 0;
    Mark m_mark[kTimeMarks] = {};
};

} // namespace agent
} // namespace ember
