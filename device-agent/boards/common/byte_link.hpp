// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace boards {

/// A serial line as what is built on it sees it: one byte at a time, neither call waits.
class ByteLink
{
public:
    /// False when no byte is there.
    virtual bool read(uint8_t* byte) = 0;
    /// False when the line cannot take one now.
    virtual bool write(uint8_t byte) = 0;

protected:
    ~ByteLink() = default;
};

} // namespace boards
} // namespace ember
