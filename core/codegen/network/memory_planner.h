// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <span>
#include <vector>

namespace ember::codegen {

/// A piece of memory that is needed from step `first` to step `last`, both included. Bytes are a multiple of the
/// alignment that offsets shall have.
struct Buffer
{
    qint64 bytes = 0;
    int first = 0;
    int last = 0;
};

struct ArenaPlan
{
    std::vector<qint64> offsets; ///< as many as buffers
    qint64 bytes = 0;
    qint64 lowerBound = 0; ///< most bytes alive in one step: no plan needs less
    bool optimal = false;  ///< proven: at the bound, or all orders were looked at

    /// What is at most lost to an optimal plan.
    qint64 gap() const { return optimal ? 0 : bytes - lowerBound; }
};

// Beyond this only the greedy plan is made.
constexpr std::size_t kMaxSearchedBuffers = 30;

/// Places buffers so that those alive together do not overlap and the whole is small: the largest first at the lowest
/// place that is free, then branch and bound over the orders in which buffers are put on top of each other, up to a
/// number of steps after which the gap is what remains. Deterministic.
ArenaPlan planArena(std::span<const Buffer> buffers);

} // namespace ember::codegen
