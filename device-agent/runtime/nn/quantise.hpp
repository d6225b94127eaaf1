// SPDX-License-Identifier: MIT-0
#pragma once

#include "scale.hpp"

namespace ember {
namespace runtime {
namespace nn {

inline float readReal(const float* at)
{
#if defined(__AVR__)
    return pgm_read_float(at);
#else
    return *at;
#endif
}

inline uint16_t readIndex(const uint16_t* at)
{
#if defined(__AVR__)
    return pgm_read_word(at);
#else
    return *at;
#endif
}

/// A real in steps, rounded half away from zero, plus the zero point, as 8 bits. What is no number becomes the least.
inline int8_t quantised(float steps, int16_t zero)
{
    if (!(steps > -256.0f))
        return -128;
    if (steps >= 256.0f)
        return 127;
    const int16_t cut = static_cast<int16_t>(steps);
    const float rest = steps - static_cast<float>(cut); // exact
    const int16_t value = static_cast<int16_t>(cut + zero + (rest >= 0.5f ? 1 : rest <= -0.5f ? -1 : 0));
    return static_cast<int8_t>(value < -128 ? -128 : value > 127 ? 127 : value);
}

} // namespace nn
} // namespace runtime
} // namespace ember
