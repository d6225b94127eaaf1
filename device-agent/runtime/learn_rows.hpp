// SPDX-License-Identifier: MIT-0
#pragma once

#include "fixed_neighbours.hpp"
#include "learn.hpp"

namespace ember {
namespace runtime {

// Nearest neighbours that keep rows they are taught, in a bounded store in RAM beside the trained points, which are
// never given up. When the store is full, the class that has most rows in it loses its oldest one (the new row counts
// to its class; of equals the first class): no class is driven out by another, each keeps its newest capacity / classes
// rows.

struct RowStore
{
    uint16_t capacity;
    uint16_t votes; ///< of the k that vote, at most so many are learned rows: what the trained points cannot lose
};

/// Points of a table in flash, and in RAM.
template <typename Point>
struct FlashPoints
{
    const Point* from;
    int32_t at(size_t i) const { return fromFlash(from + i); }
};
template <typename Point>
struct RamPoints
{
    const Point* from;
    int32_t at(size_t i) const { return from[i]; }
};

/// The nearest `most` of `count` points, in the order of their distances, the first of equals first. Returns how many.
template <typename Sum, typename Metric, typename Feature, typename Points, typename Weights>
inline uint16_t nearestOf(Metric, unsigned features, const Feature* x, Points points, uint16_t count, Weights weights,
                          uint16_t most, Sum* nearest, uint16_t* which)
{
    uint16_t found = 0;
    for (uint16_t p = 0; p < count; ++p) {
        Sum distance = 0;
        for (unsigned i = 0; i < features; ++i) {
            const int32_t apart = static_cast<int32_t>(x[i]) - points.at(static_cast<size_t>(p) * features + i);
            distance = static_cast<Sum>(distance + static_cast<Sum>(Metric::of(apart)) * weights[i]);
        }
        uint16_t at = found;
        while (at > 0 && distance < nearest[at - 1])
            --at;
        if (at == most)
            continue;
        found = static_cast<uint16_t>(found + (found < most ? 1 : 0));
        for (uint16_t move = static_cast<uint16_t>(found - 1); move > at; --move) {
            nearest[move] = nearest[move - 1];
            which[move] = which[move - 1];
        }
        nearest[at] = distance;
        which[at] = p;
    }
    return found;
}

/// As nearestVotes(), with the rows of the store among the points: of equally near ones a trained point counts first.
/// `nearest` and `which` have room for k + store.votes elements; `used` rows of the store hold something.
template <typename Sum, typename Metric, typename Feature, typename Point, typename Weights>
inline uint16_t learnedVotes(Metric metric, const NeighbourShape& shape, const RowStore& store, const Feature* x,
                             const Point* points, Weights weights, const uint16_t* labels, const Feature* rows,
                             const uint16_t* rowLabels, uint16_t used, Sum* nearest, uint16_t* which, int32_t* votes)
{
    const uint16_t trained = nearestOf(metric, shape.features, x, FlashPoints<Point>{points}, shape.points, weights,
                                       shape.k, nearest, which);
    Sum* const learnedNearest = nearest + shape.k;
    uint16_t* const learnedWhich = which + shape.k;
    const uint16_t learned = nearestOf(metric, shape.features, x, RamPoints<Feature>{rows}, used, weights, store.votes,
                                       learnedNearest, learnedWhich);
    for (uint16_t c = 0; c < shape.classes; ++c)
        votes[c] = 0;
    uint16_t t = 0;
    uint16_t l = 0;
    while (t + l < shape.k && (t < trained || l < learned)) {
        if (l == learned || (t < trained && nearest[t] <= learnedNearest[l]))
            ++votes[fromFlash(labels + which[t++])];
        else
            ++votes[rowLabels[learnedWhich[l++]]];
    }
    return mostVotes(shape.classes, votes);
}

/// The row of the store that makes room for one of class `label`: the oldest of the class with most rows.
inline uint16_t rowToForget(uint16_t classes, const uint16_t* rowLabels, uint16_t used, uint16_t label)
{
    uint16_t fullest = 0;
    uint16_t most = 0;
    for (uint16_t c = 0; c < classes; ++c) {
        uint16_t count = c == label ? 1 : 0;
        for (uint16_t r = 0; r < used; ++r)
            count = static_cast<uint16_t>(count + (rowLabels[r] == c ? 1 : 0));
        if (count > most) {
            most = count;
            fullest = c;
        }
    }
    for (uint16_t r = 0; r < used; ++r) {
        if (rowLabels[r] == fullest)
            return r;
    }
    return 0; // no row of that class is there yet: all classes have one row at most, and the oldest of all goes
}

/// Adds a row of class `label`; rows lie in the order of their age, the oldest first.
template <typename Feature>
inline LearnOutcome keepRow(unsigned features, uint16_t classes, const RowStore& store, const Feature* x,
                            uint16_t label, Feature* rows, uint16_t* rowLabels, uint16_t* used)
{
    LearnOutcome outcome = kLearned;
    if (*used == store.capacity) {
        outcome = kLearnedOverOldest;
        for (uint16_t r = rowToForget(classes, rowLabels, *used, label); r + 1 < *used; ++r) {
            rowLabels[r] = rowLabels[r + 1];
            for (unsigned i = 0; i < features; ++i)
                rows[static_cast<size_t>(r) * features + i] = rows[(static_cast<size_t>(r) + 1) * features + i];
        }
        --*used;
    }
    for (unsigned i = 0; i < features; ++i)
        rows[static_cast<size_t>(*used) * features + i] = x[i];
    rowLabels[(*used)++] = label;
    return outcome;
}

/// Whether a store that was kept somewhere can be one of this model.
inline bool isSoundStore(const RowStore& store, uint16_t classes, const uint16_t* rowLabels, uint16_t used)
{
    if (used > store.capacity)
        return false;
    for (uint16_t r = 0; r < used; ++r) {
        if (rowLabels[r] >= classes)
            return false;
    }
    return true;
}

} // namespace runtime
} // namespace ember
