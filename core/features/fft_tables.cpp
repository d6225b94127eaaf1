// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/fft_tables.h"

#include <algorithm>
#include <cmath>

namespace ember::features {
namespace {

/// Taylor series from term x^first / first!, in steps of two; below 1e-19 beyond the last term for |x| <= pi / 4.
double series(double x, int first)
{
    double sum = 0.0;
    for (int n = first + 18; n >= first; n -= 2)
        sum = 1.0 - sum * x * x / ((n + 1.0) * (n + 2.0));
    return first == 1 ? x * sum : sum;
}

} // namespace

std::vector<float> sineTable(int points)
{
    constexpr double kTwoPi = 6.283185307179586476925;
    const int quarter = points / 4;
    std::vector<float> table(static_cast<std::size_t>(quarter) + 1);
    for (int i = 0; i <= quarter; ++i) {
        const bool low = 2 * i <= quarter; // below pi / 4 the sine, above it the cosine of the rest
        const double angle = kTwoPi * (low ? i : quarter - i) / points;
        table[static_cast<std::size_t>(i)] = static_cast<float>(series(angle, low ? 1 : 0));
    }
    return table;
}

std::vector<quint16> bandEdges(int points, int bands, BandSpacing spacing)
{
    const int bins = points / 2;
    std::vector<quint16> edges(static_cast<std::size_t>(bands) + 1);
    edges[0] = 1;
    for (int b = 1; b <= bands; ++b) {
        const int wanted = spacing == BandSpacing::Linear
                               ? 1 + bins * b / bands
                               : static_cast<int>(std::lround(std::exp2(std::log2(bins + 1.0) * b / bands)));
        // One bin at least for this band and for each band that is still to come.
        const int edge = std::clamp(wanted, edges[static_cast<std::size_t>(b) - 1] + 1, bins + 1 - (bands - b));
        edges[static_cast<std::size_t>(b)] = static_cast<quint16>(edge);
    }
    return edges;
}

} // namespace ember::features
