// SPDX-License-Identifier: MIT-0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace agent {

/// Measures stack use by painting the free part and looking where the paint is gone. Costs time in proportion to the
/// stack, none of it inside a measurement. A null limit turns it off: everything reads 0.
class StackMeter
{
public:
    static constexpr uint32_t kPaint = 0xA5C3A5C3u; ///< the same in both halves
#if defined(__AVR__)
    using Cell = uint16_t; ///< what is looked at at once
#else
    using Cell = uint32_t;
#endif

    constexpr StackMeter(uint8_t* limit, uint8_t* top)
        : m_limit(limit)
        , m_top(top)
    {}

    /// Whether nothing has been written there since.
    static bool isPainted(uint8_t* at)
    {
        return *cell(at) == static_cast<Cell>(kPaint);
    }

    /// Paints everything below `stackPointer`. Inlined by force: a frame of its own would lie in what it paints.
    __attribute__((always_inline)) inline void paint(uint8_t* stackPointer)
    {
        if (m_limit == nullptr)
            return;
        remember();
        volatile Cell* const end = aligned(stackPointer);
        for (volatile Cell* at = cell(m_limit); at < end; ++at)
            *at = static_cast<Cell>(kPaint);
    }

    /// Bytes used below `stackPointer` since paint().
    uintptr_t usedBelow(uint8_t* stackPointer)
    {
        if (m_limit == nullptr)
            return 0;
        remember();
        volatile Cell* const end = aligned(stackPointer);
        volatile Cell* const touched = lowestTouched();
        return touched < end ? bytesBetween(touched, end) : 0;
    }

    /// Most bytes used since start-up, which must have painted the stack with kPaint.
    uintptr_t highWater()
    {
        if (m_limit != nullptr)
            remember();
        return m_highWater;
    }

private:
    static volatile Cell* cell(uint8_t* at)
    {
        return reinterpret_cast<volatile Cell*>(at);
    }
    static volatile Cell* aligned(uint8_t* at)
    {
        return reinterpret_cast<volatile Cell*>(reinterpret_cast<uintptr_t>(at) & ~uintptr_t{3});
    }
    static uintptr_t bytesBetween(volatile Cell* low, volatile Cell* high)
    {
        return reinterpret_cast<uintptr_t>(high) - reinterpret_cast<uintptr_t>(low);
    }

    volatile Cell* lowestTouched() const
    {
        volatile Cell* at = cell(m_limit);
        while (at < cell(m_top) && *at == static_cast<Cell>(kPaint))
            ++at;
        return at;
    }

    // Painting again wipes out older traces, so the record is kept here.
    void remember()
    {
        const uintptr_t used = bytesBetween(lowestTouched(), cell(m_top));
        if (used > m_highWater)
            m_highWater = used;
    }

    uint8_t* m_limit;
    uint8_t* m_top;
    uintptr_t m_highWater = 0;
};

} // namespace agent
} // namespace ember
