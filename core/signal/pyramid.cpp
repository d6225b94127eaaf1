// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/pyramid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::signal {
namespace {

qint64 floorDivide(qint64 value, qint64 divisor)
{
    const qint64 quotient = value / divisor;
    return value % divisor < 0 ? quotient - 1 : quotient;
}

// A bucket starts as NaN and fmin/fmax prefer a number, so the first value wins whatever its sign, and NaN samples and
// empty buckets fall away without a branch.
void widen(Envelope& envelope, std::size_t bucket, std::size_t channel, float low, float high)
{
    const std::size_t at = bucket * envelope.channels + channel;
    envelope.minimum[at] = std::fmin(envelope.minimum[at], low);
    envelope.maximum[at] = std::fmax(envelope.maximum[at], high);
}

} // namespace

int levelFor(qint64 wantedRows)
{
    int level = 0;
    while (level < kPyramidLevels && rowsPerBucket(level + 1) <= wantedRows)
        ++level;
    return level;
}

Envelope emptyEnvelope(qint64 beginRow, qint64 endRow, qint64 bucketRows, std::size_t channels)
{
    Envelope envelope;
    envelope.bucketRows = std::max<qint64>(bucketRows, 1);
    envelope.firstBucket = floorDivide(beginRow, envelope.bucketRows);
    envelope.channels = channels;
    if (endRow <= beginRow)
        return envelope;
    const qint64 endBucket = floorDivide(endRow - 1, envelope.bucketRows) + 1;
    const auto buckets = static_cast<std::size_t>(endBucket - envelope.firstBucket);
    envelope.counts.assign(buckets, 0);
    envelope.minimum.assign(buckets * channels, std::numeric_limits<float>::quiet_NaN());
    envelope.maximum.assign(buckets * channels, std::numeric_limits<float>::quiet_NaN());
    return envelope;
}

void addRows(Envelope& envelope, qint64 firstRow, std::span<const float> rows)
{
    if (envelope.channels == 0)
        return;
    const auto rowCount = static_cast<qint64>(rows.size() / envelope.channels);
    const qint64 begin = std::max(firstRow, envelope.firstRow());
    const qint64 end = std::min(firstRow + rowCount, envelope.endRow());
    for (qint64 row = begin; row < end; ++row) {
        const auto bucket = static_cast<std::size_t>(row / envelope.bucketRows - envelope.firstBucket);
        const float* sample = rows.data() + static_cast<std::size_t>(row - firstRow) * envelope.channels;
        ++envelope.counts[bucket];
        for (std::size_t channel = 0; channel < envelope.channels; ++channel)
            widen(envelope, bucket, channel, sample[channel], sample[channel]);
    }
}

void addEnvelope(Envelope& envelope, const Envelope& finer)
{
    if (finer.channels != envelope.channels || envelope.bucketRows % finer.bucketRows != 0)
        return;
    const qint64 ratio = envelope.bucketRows / finer.bucketRows;
    for (std::size_t from = 0; from < finer.buckets(); ++from) {
        const qint64 to = floorDivide(finer.firstBucket + static_cast<qint64>(from), ratio) - envelope.firstBucket;
        if (to < 0 || to >= static_cast<qint64>(envelope.buckets()))
            continue;
        const auto bucket = static_cast<std::size_t>(to);
        envelope.counts[bucket] += finer.counts[from];
        for (std::size_t channel = 0; channel < envelope.channels; ++channel)
            widen(envelope, bucket, channel, finer.minimumAt(from, channel), finer.maximumAt(from, channel));
    }
}

} // namespace ember::signal
