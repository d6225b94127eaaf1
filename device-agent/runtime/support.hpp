// SPDX-License-Identifier: MIT-0
#pragma once

#include "fixed_power.hpp"
#include "nn/lanes.hpp"

#include <stddef.h>

// Sums modulo 2^32 are meant.
#if defined(__clang__)
#define EMBER_MODULAR __attribute__((no_sanitize("unsigned-integer-overflow")))
#else
#define EMBER_MODULAR
#endif

namespace ember {
namespace runtime {

// Support vector machines with the kernel e^(-gamma d) on whole-number features, in integers. The squared distance d of
// row and vector is |row|^2 + |vector|^2 - 2 row.vector, exactly, in arithmetic modulo 2^32: only d itself must be
// below. Vectors are bytes, features are taken relative to a centre. With weights, d is the sum of weight *
// difference^2.

struct SupportShape
{
    uint16_t features; ///< of the model; vectors are filled up with zeros to whole fours
    uint16_t vectors, classes;
    int16_t mostFeature; ///< without weights: magnitude of a centred feature beyond which it counts as this
    uint32_t farAway;    ///< kernels of distances from here on are zero
    uint8_t distanceShift;
    uint32_t slope;        ///< gamma / ln 2 * 2^(48 - distanceShift)
    uint8_t decisionShift; ///< from sums of coefficient * kernel to decisions
};

/// How a feature counts in distances.
struct FeatureWeight
{
    uint32_t weight;
    int32_t most; ///< magnitude beyond which the centred feature counts as this
};

constexpr unsigned paddedFeatures(unsigned features)
{
    return (features + 3) / 4 * 4;
}

/// Where element i of a row lies: with packed arithmetic the even ones of four come before the odd ones.
inline unsigned rowPlace(unsigned i)
{
#if defined(EMBER_NN_DSP)
    return (i & ~3u) | ((i & 1u) << 1) | ((i >> 1) & 1u);
#else
    return i;
#endif
}

template <typename Feature>
inline int32_t centredFeature(Feature feature, int32_t centre, int32_t most)
{
    // A feature of 32 bits less a centre of 16 may need 33.
    const int64_t x = static_cast<int64_t>(feature) - centre;
    return static_cast<int32_t>(x > most ? most : x < -int64_t{most} ? -int64_t{most} : x);
}

/// Features relative to their centres (null: zeros). Returns the squared length. `row` has paddedFeatures() elements.
template <typename Feature>
EMBER_MODULAR inline uint32_t centredRow(const SupportShape& shape, const Feature* features, const int16_t* centres,
                                         int16_t* row)
{
    uint32_t length = 0;
    for (unsigned i = 0; i < paddedFeatures(shape.features); ++i) {
        int32_t x = 0;
        if (i < shape.features)
            x = centredFeature(features[i], centres ? fromFlash(centres + i) : 0, shape.mostFeature);
        length += static_cast<uint32_t>(x * x);
        row[rowPlace(i)] = static_cast<int16_t>(x);
    }
    return length;
}

/// The same with a weight for each feature: row elements are weight * x. Returns the sum of weight * x^2.
template <typename Feature>
EMBER_MODULAR inline uint32_t weightedRow(const SupportShape& shape, const Feature* features, const int16_t* centres,
                                          const FeatureWeight* weights, uint32_t* row)
{
    uint32_t length = 0;
    for (unsigned i = 0; i < paddedFeatures(shape.features); ++i) {
        row[i] = 0;
        if (i >= shape.features)
            continue;
        const int32_t x =
            centredFeature(features[i], centres ? fromFlash(centres + i) : 0, fromFlash(&weights[i].most));
        row[i] = static_cast<uint32_t>(x) * fromFlash(&weights[i].weight);
        length += row[i] * static_cast<uint32_t>(x);
    }
    return length;
}

inline uint32_t rowTimesVector(const int16_t* row, const int8_t* vector, unsigned padded)
{
    int32_t sum = 0;
#if defined(EMBER_NN_DSP)
    for (unsigned i = 0; i < padded; i += 4) {
        const uint32_t cells = nn::loadWord(vector + i);
        sum = nn::addBoth(nn::loadWord(row + i), nn::signedEven(cells), sum);
        sum = nn::addBoth(nn::loadWord(row + i + 2), nn::signedOdd(cells), sum);
    }
#else
    for (unsigned i = 0; i < padded; i += 4) {
        sum += fromFlash(vector + i) * row[i];
        sum += fromFlash(vector + i + 1) * row[i + 1];
        sum += fromFlash(vector + i + 2) * row[i + 2];
        sum += fromFlash(vector + i + 3) * row[i + 3];
    }
#endif
    return static_cast<uint32_t>(sum);
}

EMBER_MODULAR inline uint32_t rowTimesVector(const uint32_t* row, const int8_t* vector, unsigned padded)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < padded; i += 4) {
        sum += static_cast<uint32_t>(fromFlash(vector + i)) * row[i];
        sum += static_cast<uint32_t>(fromFlash(vector + i + 1)) * row[i + 1];
        sum += static_cast<uint32_t>(fromFlash(vector + i + 2)) * row[i + 2];
        sum += static_cast<uint32_t>(fromFlash(vector + i + 3)) * row[i + 3];
    }
    return sum;
}

/// e^(-gamma d) as a share of 65535. `powers` has kPowerSteps + 1 elements: 65535 * 2^(-i / 64).
inline uint16_t kernelOf(const SupportShape& shape, uint32_t distance, const uint16_t* powers)
{
    if (distance >= shape.farAway)
        return 0;
    const auto exponent =
        static_cast<uint32_t>((static_cast<uint64_t>(distance << shape.distanceShift) * shape.slope) >> 32);
    return powerOfHalf(exponent, powers);
}

/// Kernels of a row with all vectors; lengths are their squared lengths.
template <typename Element>
EMBER_MODULAR inline void supportKernels(const SupportShape& shape, const Element* row, uint32_t length,
                                         const int8_t* vectors, const uint32_t* lengths, const uint16_t* powers,
                                         uint16_t* kernels)
{
    const unsigned padded = paddedFeatures(shape.features);
    for (unsigned v = 0; v < shape.vectors; ++v, vectors += padded) {
        const uint32_t product = rowTimesVector(row, vectors, padded);
        kernels[v] = kernelOf(shape, length + fromFlash(lengths + v) - 2u * product, powers);
    }
}

inline int64_t weightedKernels(const uint16_t* kernels, const int16_t* coefficients, unsigned count)
{
    int64_t sum = 0;
    for (unsigned v = 0; v < count; ++v)
        sum += fromFlash(coefficients + v) * static_cast<int32_t>(kernels[v]);
    return sum;
}

/// What the machine says to each pair of classes i < j, in libsvm's layout: coefficients are [classes - 1, vectors];
/// vectors lie class after class, that of class c from firsts[c] to before firsts[c + 1].
inline void supportDecisions(const SupportShape& shape, const uint16_t* kernels, const int16_t* coefficients,
                             const uint16_t* firsts, const int32_t* rho, int32_t* decisions)
{
    for (unsigned i = 0; i + 1 < shape.classes; ++i) {
        const unsigned ownFirst = fromFlash(firsts + i);
        const unsigned ownCount = fromFlash(firsts + i + 1) - ownFirst;
        for (unsigned j = i + 1; j < shape.classes; ++j) {
            const unsigned otherFirst = fromFlash(firsts + j);
            const unsigned otherCount = fromFlash(firsts + j + 1) - otherFirst;
            const int64_t sum =
                weightedKernels(kernels + ownFirst,
                                coefficients + static_cast<size_t>(j - 1) * shape.vectors + ownFirst, ownCount) +
                weightedKernels(kernels + otherFirst,
                                coefficients + static_cast<size_t>(i) * shape.vectors + otherFirst, otherCount);
            *decisions++ = static_cast<int32_t>(sum >> shape.decisionShift) + fromFlash(rho++);
        }
    }
}

/// Scores from all vectors, one for each of `count` rows of coefficients [count, vectors]; returns the one with the
/// largest, the first of equals.
inline uint16_t kernelScores(const SupportShape& shape, const uint16_t* kernels, const int16_t* coefficients,
                             unsigned count, const int32_t* rho, int32_t* scores)
{
    uint16_t winner = 0;
    for (uint16_t c = 0; c < count; ++c, coefficients += shape.vectors) {
        scores[c] = static_cast<int32_t>(weightedKernels(kernels, coefficients, shape.vectors) >> shape.decisionShift) +
                    fromFlash(rho + c);
        winner = scores[c] > scores[winner] ? c : winner;
    }
    return winner;
}

/// One score as the decision of a detector, and its opposite; returns 0 for a normal row, else 1.
inline uint16_t kernelDetector(const SupportShape& shape, const uint16_t* kernels, const int16_t* coefficients,
                               const int32_t* rho, int32_t* scores)
{
    kernelScores(shape, kernels, coefficients, 1, rho, scores);
    scores[1] = -scores[0];
    return scores[0] >= 0 ? 0 : 1;
}

/// The class with the most pairs, the first of equals. A positive decision is one for the first of the pair.
inline uint16_t supportWinner(unsigned classes, const int32_t* decisions)
{
    unsigned best = 0;
    unsigned most = 0;
    for (unsigned c = 0; c < classes; ++c) {
        unsigned votes = 0;
        const int32_t* decision = decisions;
        for (unsigned i = 0; i < classes; ++i) {
            for (unsigned j = i + 1; j < classes; ++j)
                votes += (*decision++ > 0 ? i : j) == c ? 1u : 0u;
        }
        if (votes > most) {
            most = votes;
            best = c;
        }
    }
    return static_cast<uint16_t>(best);
}

} // namespace runtime
} // namespace ember
