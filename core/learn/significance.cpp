// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/significance.h"

#include <algorithm>
#include <cmath>

namespace ember::learn {

double exactBinomialTwoSided(qint64 a, qint64 b)
{
    const qint64 throws = a + b;
    if (throws <= 0 || a == b)
        return 1;
    // The logarithm of C(n, k) / 2^n, from one k to the next; sums of what is too small to matter are zero.
    const double n = static_cast<double>(throws);
    double logTerm = -n * std::log(2.0);
    double tail = std::exp(logTerm);
    for (qint64 k = 1; k <= std::min(a, b); ++k) {
        logTerm += std::log((n - static_cast<double>(k) + 1) / static_cast<double>(k));
        tail += std::exp(logTerm);
    }
    return std::min(1.0, 2 * tail);
}

McNemar mcNemar(std::span<const qint32> truth, std::span<const qint32> first, std::span<const qint32> second)
{
    McNemar result;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const bool firstRight = first[i] == truth[i];
        const bool secondRight = second[i] == truth[i];
        result.onlyFirst += firstRight && !secondRight;
        result.onlySecond += secondRight && !firstRight;
    }
    result.pValue = exactBinomialTwoSided(result.onlyFirst, result.onlySecond);
    return result;
}

} // namespace ember::learn
