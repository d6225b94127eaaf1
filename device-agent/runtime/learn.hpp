// SPDX-License-Identifier: MIT-0
#pragma once

#include <stdint.h>

namespace ember {
namespace runtime {

// What all models that learn on the board have in common. What was learned lies in RAM beside the trained tables, which
// never change: forgetting it all gives the trained model back, to the last bit.

/// What became of a row. The numbers are part of the generated API and of the link.
enum LearnOutcome : uint8_t
{
    kLearnRefused = 0,      ///< no such class
    kLearned = 1,           ///< what was learned changed
    kLearnedOverOldest = 2, ///< it took the place of an older row
    kLearnedToLimit = 3,    ///< as far as the limit of what may change allows
    kNothingToLearn = 4     ///< the model says so already
};

inline uint16_t countedUp(uint16_t count)
{
    return count < 0xFFFF ? static_cast<uint16_t>(count + 1) : count;
}

/// Rounded to the nearest, halves away from zero, so that neither direction is favoured. `by` is positive.
inline int32_t roundedQuotient(int32_t value, int32_t by)
{
    const int32_t half = by / 2;
    return (value < 0 ? value - half : value + half) / by;
}

/// `value` within -limit to limit; `*cut` becomes true when it was not.
template <typename Number>
inline Number withinLimit(Number value, Number limit, bool* cut)
{
    if (value <= limit && value >= -limit)
        return value;
    *cut = true;
    return value > limit ? limit : -limit;
}

} // namespace runtime
} // namespace ember
