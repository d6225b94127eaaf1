// SPDX-License-Identifier: MIT-0
#pragma once

#include "flash_data.hpp"

namespace ember {
namespace runtime {

/// Parts of one, as bits: 2^(-i / 64).
constexpr unsigned kPowerSteps = 64;

/// 2^-(exponent / 65536) as a share of 65535, for exponents below 16 * 65536. `powers` has kPowerSteps + 1 elements:
/// 65535 * 2^(-i / 64), with straight lines between them.
inline uint16_t powerOfHalf(uint32_t exponent, const uint16_t* powers)
{
    const unsigned step = (exponent >> 10) & (kPowerSteps - 1);
    const uint32_t power = fromFlash(powers + step);
    const uint32_t next = fromFlash(powers + step + 1);
    const uint32_t between = power - (((power - next) * (exponent & 0x3FFu)) >> 10);
    return static_cast<uint16_t>(between >> (exponent >> 16));
}

} // namespace runtime
} // namespace ember
