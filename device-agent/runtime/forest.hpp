// SPDX-License-Identifier: MIT-0
#pragma once

#include "flash_data.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace runtime {

// Decision forests as byte tables. Integers only: float features are compared by their order-preserving image, votes
// are fixed-point, so every core computes the same votes, bit for bit.
//
// A tree is a run of inner nodes in pre-order; every node is
//
//   head        1 or 2 bytes (shape.headBytes), little-endian:
//                 bit 0  the true child is a leaf
//                 bit 1  the false child is a leaf
//                 bit 2  a missing value (NaN) takes the true side; only in shapes with `missing`
//                 rest   number of the feature
//   threshold   1, 2 or 4 bytes (shape.thresholdBytes), little-endian, signed; true is "feature <= threshold"
//   link        what the two flags ask for:
//                 both leaves   one byte with the true leaf in its low four bits, the false leaf in its high four bits;
//                               15 stands for "see below", and the leaves that said so follow, less 15, as varints,
//                               true first
//                 one leaf      the leaf as a varint; the other child follows
//                 no leaf       varint: bytes to skip to the false child; the true child follows
//
// A varint has seven bits a byte, most significant first, bit 7 set on all but the last. A walk only moves forwards.

/// How wide the fields of a table are. Generated code has a type with constants of these names, so that the kernel
/// folds them; the desktop uses this one.
struct ForestShape
{
    uint8_t headBytes;
    uint8_t thresholdBytes;
    bool missing;
};

/// What one tree adds where its leaf is all of one class; the shares of mixed leaves are in units of it. The largest
/// 16-bit number with that many divisors, so that halves, thirds, ... and twelfths are exact.
constexpr int32_t kFullVote = 55440;

// The integer in which a feature is compared.
inline int32_t comparable(int8_t x)
{
    return x;
}
inline int32_t comparable(int16_t x)
{
    return x;
}
inline int32_t comparable(int32_t x)
{
    return x;
}
/// Keeps the order of floats; both zeros compare alike with every threshold, since thresholds are never -0. NaN is
/// larger than everything, so that it takes the false side.
inline int32_t comparable(float x)
{
    uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    // Negative floats grow with falling bits: flip all but the sign.
    const int32_t key = static_cast<int32_t>(bits ^ ((0u - (bits >> 31)) >> 1));
    const int32_t kMinusInfinity = -0x7F800001;
    return key < kMinusInfinity ? INT32_MAX : key;
}

inline bool isMissing(float x)
{
    return comparable(x) > 0x7F800000;
}
template <typename Integer>
inline bool isMissing(Integer)
{
    return false;
}

template <typename Shape>
inline int32_t readThreshold(const Shape& shape, const uint8_t* at)
{
    if (shape.thresholdBytes == 1)
        return static_cast<int8_t>(readFlash8(at));
    if (shape.thresholdBytes == 2)
        return static_cast<int16_t>(readFlash16(at));
    return static_cast<int32_t>(readFlash32(at));
}

/// Walks one tree, whose first node is at `at`, and returns the leaf. The table must be well formed.
template <typename Shape, typename Feature>
inline unsigned walkTree(const Shape& shape, const uint8_t* at, const Feature* features)
{
    constexpr unsigned kTrueIsLeaf = 1, kBothAreLeaves = 3, kMissingGoesTrue = 4, kLeafFollows = 15;
    for (;;) {
        const unsigned head = shape.headBytes == 1 ? readFlash8(at) : readFlash16(at);
        at += shape.headBytes;
        const int32_t threshold = readThreshold(shape, at);
        at += shape.thresholdBytes;
        const Feature feature = features[head >> (shape.missing ? 3 : 2)];
        bool whenTrue = comparable(feature) <= threshold;
        if (shape.missing && (head & kMissingGoesTrue) != 0 && isMissing(feature))
            whenTrue = true;

        const unsigned leaves = head & kBothAreLeaves;
        if (leaves == 0 && whenTrue) { // on to the next node, over the link
            while ((readFlash8(at++) & 0x80u) != 0) {
            }
            continue;
        }
        if (leaves == kBothAreLeaves) {
            const unsigned pair = readFlash8(at++);
            const unsigned leaf = whenTrue ? pair & 0x0Fu : pair >> 4;
            if (leaf != kLeafFollows)
                return leaf;
            if (!whenTrue && (pair & 0x0Fu) == kLeafFollows) {
                while ((readFlash8(at++) & 0x80u) != 0) {
                }
            }
        }
        uint32_t link = 0;
        uint8_t byte;
        do {
            byte = readFlash8(at++);
            link = (link << 7) | (byte & 0x7Fu);
        } while ((byte & 0x80u) != 0);
        if (leaves == 0)
            at += link;
        else if (leaves == kBothAreLeaves)
            return static_cast<unsigned>(link) + kLeafFollows;
        else if (whenTrue == (leaves == kTrueIsLeaf))
            return static_cast<unsigned>(link);
    }
}

// What a leaf adds to the votes; generated code and the desktop wrap one of these in a type with `add(leaf, votes)`.

/// Each tree has one vote; leaf n is one for target n.
inline void addHardVote(unsigned leaf, int32_t* votes)
{
    ++votes[leaf];
}

/// Class shares where every leaf is all of one class.
inline void addFullVote(unsigned leaf, int32_t* votes)
{
    votes[leaf] += kFullVote;
}

/// Class shares. Leaf n below `targets` is a full vote for target n and stored nowhere. The others are sorted by how
/// many targets they share between: first those of two, then of three, and so on; `counts` tells how many there are of
/// each, u16. A leaf of k targets is stored as k - 1 times {u8 target, u16 share}, then the u8 target that gets the
/// rest.
inline void addShares(const uint8_t* table, const uint8_t* counts, uint16_t targets, unsigned leaf, int32_t* votes)
{
    if (leaf < targets) {
        addFullVote(leaf, votes);
        return;
    }
    unsigned index = leaf - targets;
    unsigned size = 4;
    for (unsigned n = readFlash16(counts); index >= n; n = readFlash16(counts)) {
        index -= n;
        table += static_cast<size_t>(n) * size;
        size += 3;
        counts += 2;
    }
    table += static_cast<size_t>(index) * size;
    int32_t rest = kFullVote;
    for (const uint8_t* last = table + size - 1; table != last; table += 3) {
        const int32_t share = readFlash16(table + 1);
        votes[readFlash8(table)] += share;
        rest -= share;
    }
    votes[readFlash8(table)] += rest;
}

/// Any values: leaf n is `targets` signed 32-bit numbers, little-endian, at byte n * targets * 4.
inline void addValues(const uint8_t* table, uint16_t targets, unsigned leaf, int32_t* votes)
{
    table += static_cast<size_t>(leaf) * targets * 4;
    for (uint16_t t = 0; t < targets; ++t, table += 4)
        votes[t] += static_cast<int32_t>(readFlash32(table));
}

inline void clearVotes(int32_t* votes, uint16_t count)
{
    for (uint16_t i = 0; i < count; ++i) {
        votes[i] = 0;
        // Keeps compilers from making a call of memset of it, which in small libraries goes byte by byte.
        __asm__("" : : : "memory");
    }
}

/// Index of the largest vote; the first of equals.
inline uint16_t winnerOf(const int32_t* votes, uint16_t count)
{
    uint16_t best = 0;
    for (uint16_t i = 1; i < count; ++i) {
        if (votes[i] > votes[best])
            best = i;
    }
    return best;
}

/// Adds the votes of all trees. `rootBytes` (2 or 4) is the width of an entry of `roots`, which are byte offsets into
/// `nodes`.
template <typename Shape, typename Leaves, typename Feature>
inline void addForest(const Shape& shape, const uint8_t* nodes, const uint8_t* roots, uint8_t rootBytes,
                      uint16_t treeCount, const Leaves& leaves, const Feature* features, int32_t* votes)
{
    for (uint16_t tree = 0; tree < treeCount; ++tree, roots += rootBytes) {
        const uint32_t root = rootBytes == 2 ? readFlash16(roots) : readFlash32(roots);
        leaves.add(walkTree(shape, nodes + root, features), votes);
    }
}

// For trees written as code. Thresholds are constants, never NaN and never -0, so that most of this is computed by the
// compiler.

/// x <= threshold; false for NaN. Compared as integers where floats would be library calls, and where fast mathematics
/// would forget about NaN.
__attribute__((always_inline)) inline bool atMost(float x, float threshold)
{
#if (defined(__ARM_ARCH) && !defined(__ARM_FP)) || defined(__FAST_MATH__)
    uint32_t bits;
    uint32_t limit;
    __builtin_memcpy(&bits, &x, sizeof bits);
    __builtin_memcpy(&limit, &threshold, sizeof limit);
    const uint32_t kMinusInfinity = 0xFF800000u; // what lies above it is NaN
    if ((limit >> 31) == 0)
        return static_cast<int32_t>(bits) <= static_cast<int32_t>(limit) && bits <= kMinusInfinity;
    return bits >= limit && bits <= kMinusInfinity;
#else
    return x <= threshold;
#endif
}

/// x <= threshold; true for NaN.
inline bool atMostOrMissing(float x, float threshold)
{
    return atMost(x, threshold) || isMissing(x);
}

} // namespace runtime
} // namespace ember
