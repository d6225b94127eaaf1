// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/matrix.h"

#include <optional>

namespace ember::learn {

/// How well the nearest other row tells the class of a row: of all other rows, which is what a random split lets a
/// model do, and of the rows of other groups, which is what new people and devices will be.
struct LeakCheck
{
    double anyRowF1 = 0; ///< macro F1
    double otherGroupF1 = 0;
    std::size_t rows = 0; ///< looked at: a part of many

    /// The features tell whose a row is more than what it is.
    bool isSuspicious() const { return anyRowF1 - otherGroupF1 > 0.3; }
};

/// Nothing for fewer than two groups or classes. Distances are Euclidean over standardised features; takes rows x rows
/// x columns steps for the most rows that are looked at. The same matrix and seed give the same answer.
std::optional<LeakCheck> checkLeak(const Matrix& matrix, quint64 seed);

} // namespace ember::learn
