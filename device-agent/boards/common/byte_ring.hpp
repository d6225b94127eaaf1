// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace boards {

/// Bytes from an interrupt to the loop: one writer, one reader, on one core. Each end has an index of its own, which
/// only it writes and which one store changes, so neither has to keep the other out. `Size` is a power of two.
template <uint16_t Size>
class ByteRing
{
public:
    static_assert(Size >= 2 && (Size & (Size - 1)) == 0 && Size <= 0x8000, "a power of two up to 32768");

    /// Interrupt only. False: full, the byte is lost.
    bool put(uint8_t byte)
    {
        const uint16_t end = m_end;
        if (static_cast<uint16_t>(end - m_begin) == Size)
            return false;
        m_bytes[end & (Size - 1)] = byte;
        m_end = static_cast<uint16_t>(end + 1);
        return true;
    }
    bool full() const { return static_cast<uint16_t>(m_end - m_begin) == Size; }

    /// Loop only.
    bool take(uint8_t* byte)
    {
        const uint16_t begin = m_begin;
        if (begin == m_end)
            return false;
        *byte = m_bytes[begin & (Size - 1)];
        m_begin = static_cast<uint16_t>(begin + 1);
        return true;
    }
    bool empty() const { return m_begin == m_end; }

private:
    volatile uint8_t m_bytes[Size] = {};
    volatile uint16_t m_begin = 0;
    volatile uint16_t m_end = 0;
};

} // namespace boards
} // namespace ember
