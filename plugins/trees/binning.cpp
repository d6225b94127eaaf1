// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/binning.h"

#include <algorithm>

namespace ember::trees {
namespace {

struct DistinctValue
{
    float value;
    std::size_t count;
};

std::vector<DistinctValue> distinctValues(std::vector<float> values)
{
    std::sort(values.begin(), values.end());
    std::vector<DistinctValue> distinct;
    for (const float value : values) {
        // -0 and 0 are one value to a comparison, so they are one here.
        if (distinct.empty() || distinct.back().value != value)
            distinct.push_back({value, 0});
        ++distinct.back().count;
    }
    return distinct;
}

// Closes a bin when it has its share of the rows that are left; a value that fills a bin alone does not starve others.
void cutBins(const std::vector<DistinctValue>& distinct, std::size_t rows, int maxBins, BinnedColumn& column)
{
    const bool ownBinEach = distinct.size() <= static_cast<std::size_t>(maxBins);
    std::size_t rowsLeft = rows;
    std::size_t inBin = 0;
    for (std::size_t i = 0; i < distinct.size(); ++i) {
        if (inBin == 0)
            column.low.push_back(distinct[i].value);
        inBin += distinct[i].count;
        const std::size_t binsLeft = static_cast<std::size_t>(maxBins) - column.high.size();
        const bool last = i + 1 == distinct.size();
        const bool full = binsLeft > 1 && inBin * binsLeft >= rowsLeft;
        if (ownBinEach || full || last) {
            column.high.push_back(distinct[i].value);
            rowsLeft -= inBin;
            inBin = 0;
        }
    }
}

BinnedColumn binColumn(const std::vector<float>& values, int maxBins)
{
    BinnedColumn column;
    cutBins(distinctValues(values), values.size(), maxBins, column);
    column.codes.reserve(values.size());
    for (const float value : values) {
        const auto bin = std::lower_bound(column.high.begin(), column.high.end(), value);
        column.codes.push_back(static_cast<quint8>(bin - column.high.begin()));
    }
    return column;
}

} // namespace

BinnedTable binTable(std::span<const float> features, std::size_t columns, int maxBins, const CancelToken& cancel)
{
    BinnedTable table;
    table.rows = features.size() / columns;
    table.columns.reserve(columns);
    std::vector<float> values(table.rows);
    for (std::size_t c = 0; c < columns && !cancel.isCancelled(); ++c) {
        for (std::size_t r = 0; r < table.rows; ++r)
            values[r] = features[r * columns + c];
        table.columns.push_back(binColumn(values, maxBins));
    }
    return table;
}

float thresholdBetween(float a, float b)
{
    const auto middle = static_cast<float>((static_cast<double>(a) + static_cast<double>(b)) / 2);
    return middle < b ? middle : a;
}

} // namespace ember::trees
