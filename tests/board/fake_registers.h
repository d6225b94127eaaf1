// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>

#include <cstdint>
#include <cstring>
#include <sys/mman.h>

namespace ember::test {

/// Memory where a chip has its registers, so that the code that sets them up can run here. What a chip would answer is
/// written into it before; what the code has set is read afterwards.
class FakeRegisters
{
public:
    FakeRegisters(std::uintptr_t address, std::size_t size)
        : m_size(size)
        , m_memory(::mmap(reinterpret_cast<void*>(address), size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0))
    {}
    ~FakeRegisters()
    {
        if (isThere())
            ::munmap(m_memory, m_size);
    }
    FakeRegisters(const FakeRegisters&) = delete;
    FakeRegisters& operator=(const FakeRegisters&) = delete;

    bool isThere() const { return m_memory != MAP_FAILED; }
    void clear() { std::memset(m_memory, 0, m_size); }

private:
    std::size_t m_size;
    void* m_memory;
};

} // namespace ember::test
