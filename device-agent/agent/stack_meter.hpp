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
    static constexpr uint32_t kPaint = 0xA5C3A5C3u;

    StackMeter(uint8_t* limit, uint8_t* top)
        : m_limit(reinterpret_cast<volatile uint32_t*>(limit))
        , m_top(reinterpret_cast<volatile uint32_t*>(top))
    {}

    /// Paints everything below `stackPointer`. Inlined by force: a frame of its own would lie in what it paints.
    __attribute__((always_inline)) inline void paint(uint8_t* stackPointer)
    {
        if (m_limit == nullptr)
            return;
        remember();
        volatile uint32_t* const end = aligned(stackPointer);
        for (volatile uint32_t* at = m_limit; at < end; ++at)
            *at = kPaint;
    }

    /// Bytes used below `stackPointer` since paint().
    uint32_t usedBelow(uint8_t* stackPointer)
    {
        if (m_limit == nullptr)
            return 0;
        remember();
        volatile uint32_t* const end = aligned(stackPointer);
        volatile uint32_t* const touched = lowestTouched();
        return touched < end ? bytesBetween(touched, end) : 0;
    }

    /// Most bytes used since start-up, which must have painted the stack with kPaint.
    uint32_t highWater()
    {
        if (m_limit != nullptr)
            remember();
        return m_highWater;
    }

private:
    static volatile uint32_t* aligned(uint8_t* at)
    {
        return reinterpret_cast<volatile uint32_t*>(reinterpret_cast<uintptr_t>(at) & ~uintptr_t{3});
    }
    static uint32_t bytesBetween(volatile uint32_t* low, volatile uint32_t* high)
    {
        return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(high) - reinterpret_cast<uintptr_t>(low));
    }

    volatile uint32_t* lowestTouched() const
    {
        volatile uint32_t* at = m_limit;
        while (at < m_top && *at == kPaint)
            ++at;
        return at;
    }

    // Painting again wipes out older traces, so the record is kept here.
    void remember()
    {
        const uint32_t used = bytesBetween(lowestTouched(), m_top);
        if (used > m_highWater)
            m_highWater = used;
    }

    volatile uint32_t* m_limit;
    volatile uint32_t* m_top;
    uint32_t m_highWater = 0;
};

} // namespace agent
} // namespace ember
