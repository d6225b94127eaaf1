// SPDX-License-Identifier: MIT-0
#pragma once

#include "fixed_linear.hpp"
#include "learn.hpp"

namespace ember {
namespace runtime {

// Linear classifiers that learn by passive-aggressive steps (Crammer et al., 2006): a row that the model gets right by
// a margin of one changes nothing; else the weights of its class move towards it, and those of the strongest other
// class away from it, just so far that the margin would be one, each weight by no more than a step. Biases stay.
//
// What is kept is the change of each weight, in the units of the weights. It never exceeds the limit, which bounds the
// change of a score by limit * sum of |x[i]|.

template <typename Weight>
struct WeightLearning
{
    Weight limit;       ///< of the change of one weight
    Weight step;        ///< of one row
    uint8_t marginBits; ///< a margin of one is 2^marginBits in scores
};

inline int32_t changedFeatures(const int8_t* x, const int16_t* change, unsigned count)
{
    int32_t sum = 0;
    for (unsigned i = 0; i < count; ++i)
        sum += int32_t{change[i]} * x[i];
    return sum;
}

inline int64_t changedFeatures(const int16_t* x, const int32_t* change, unsigned count)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < count; ++i)
        sum += static_cast<int64_t>(change[i]) * x[i];
    return sum;
}

/// As linearScores(), with weights that have changed; `change` is [outputs, features].
template <typename Feature, typename Weight>
inline uint16_t changedScores(const LinearShape& shape, const Feature* x, const Weight* weights, const int32_t* biases,
                              const Weight* change, int32_t* scores)
{
    uint16_t winner = 0;
    int64_t most = 0;
    for (uint16_t o = 0; o < shape.outputs; ++o) {
        const size_t row = static_cast<size_t>(o) * shape.features;
        const int64_t sum = static_cast<int64_t>(fromFlash(biases + o)) * (int64_t{1} << shape.scoreShift) +
                            weightedFeatures(x, weights + row, shape.features) +
                            changedFeatures(x, change + row, shape.features);
        if (o == 0 || sum > most) {
            most = sum;
            winner = o;
        }
        const int64_t score = sum >> shape.scoreShift;
        scores[o] = static_cast<int32_t>(score > kMostScore ? kMostScore : score < -kMostScore ? -kMostScore : score);
    }
    return winner;
}

/// value * 2^shift / by, cut at 2^46, so that a product with a feature has 62 bits.
inline int64_t shiftedQuotient(uint32_t value, unsigned shift, uint64_t by)
{
    constexpr uint64_t kMost = uint64_t{1} << 46;
    uint64_t quotient = value;
    unsigned done = 0;
    while (done < shift && quotient < (uint64_t{1} << 62)) {
        quotient <<= 1;
        ++done;
    }
    quotient /= by;
    while (done < shift && quotient < kMost) {
        quotient <<= 1;
        ++done;
    }
    return static_cast<int64_t>(quotient < kMost ? quotient : kMost);
}

template <typename Feature, typename Weight>
inline void moveWeights(const WeightLearning<Weight>& learning, unsigned count, const Feature* x, int64_t rate,
                        Weight* change, bool* cut)
{
    for (unsigned i = 0; i < count; ++i) {
        const int64_t exact = rate * x[i];
        const int64_t rounded = (exact + (int64_t{1} << 15)) >> 16;
        bool bounded = false;
        const int64_t step = withinLimit<int64_t>(rounded, learning.step, &bounded);
        change[i] = static_cast<Weight>(withinLimit<int64_t>(change[i] + step, learning.limit, cut));
    }
}

/// One step. `scores` are those of changedScores() for x.
template <typename Feature, typename Weight>
inline LearnOutcome stepWeights(const WeightLearning<Weight>& learning, const LinearShape& shape, const Feature* x,
                                uint16_t label, const int32_t* scores, Weight* change)
{
    uint16_t rival = label == 0 ? 1 : 0;
    for (uint16_t o = 0; o < shape.outputs; ++o)
        rival = o != label && scores[o] > scores[rival] ? o : rival;
    uint64_t square = 0;
    for (unsigned i = 0; i < shape.features; ++i)
        square += static_cast<uint64_t>(static_cast<int64_t>(x[i]) * x[i]);
    const int64_t loss = (int64_t{1} << learning.marginBits) - (static_cast<int64_t>(scores[label]) - scores[rival]);
    if (loss <= 0 || square == 0)
        return kNothingToLearn;
    // Half the loss for each of the two classes, with 16 bits behind the point.
    const int64_t rate = shiftedQuotient(static_cast<uint32_t>(loss), shape.scoreShift + 15u, square);
    bool cut = false;
    moveWeights(learning, shape.features, x, rate, change + static_cast<size_t>(label) * shape.features, &cut);
    moveWeights(learning, shape.features, x, -rate, change + static_cast<size_t>(rival) * shape.features, &cut);
    return cut ? kLearnedToLimit : kLearned;
}

/// Whether a change that was kept somewhere can be one of this model.
template <typename Weight>
inline bool isSoundChange(size_t weights, Weight limit, const Weight* change)
{
    for (size_t i = 0; i < weights; ++i) {
        if (change[i] > limit || change[i] < -limit)
            return false;
    }
    return true;
}

} // namespace runtime
} // namespace ember
