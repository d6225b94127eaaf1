// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"

#include <QtGlobal>

#include <span>
#include <vector>

namespace ember::trees {

/// Features as small codes: the order of values is kept, values in one bin are not told apart any more. With at most
/// 255 distinct values every one has its own bin, and a search over bins is a search over values.
struct BinnedColumn
{
    std::vector<quint8> codes; ///< one per row
    std::vector<float> low;    ///< smallest value in each bin, ascending
    std::vector<float> high;   ///< largest value in each bin

    int bins() const { return static_cast<int>(low.size()); }
};

struct BinnedTable
{
    std::size_t rows = 0;
    std::vector<BinnedColumn> columns;
};

constexpr int kMaxBins = 255;

/// Bins of about equal population where there are more distinct values than bins. `features` is rows x columns,
/// row-major, finite. Requires columns > 0 and 1 <= maxBins <= 255. Stops between columns when cancelled; the table is
/// then of no use.
BinnedTable binTable(std::span<const float> features, std::size_t columns, int maxBins = kMaxBins,
                     const CancelToken& cancel = {});

/// A threshold t with a <= t < b, in the middle where float32 has a number there. Requires a < b.
float thresholdBetween(float a, float b);

} // namespace ember::trees
