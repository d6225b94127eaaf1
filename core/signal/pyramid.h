// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <cstddef>
#include <span>
#include <vector>

namespace ember::signal {

/// Each level of a pyramid has one bucket for this many of the level below.
constexpr qint64 kPyramidFactor = 16;
/// Levels above the rows themselves that are kept; the topmost has 16^5 = 1 048 576 rows in a bucket.
constexpr int kPyramidLevels = 5;

/// 16^level; level 0 is the rows themselves.
constexpr qint64 rowsPerBucket(int level)
{
    qint64 rows = 1;
    for (int i = 0; i < level; ++i)
        rows *= kPyramidFactor;
    return rows;
}

/// The coarsest level whose buckets are not larger than `wantedRows`: what a plot that has room for one point in
/// `wantedRows` rows should ask for, so that it never gets less detail than it can show.
int levelFor(qint64 wantedRows);

/// Minimum and maximum of every channel in consecutive buckets of equally many rows. Bucket i covers the rows
/// [firstBucket + i, firstBucket + i + 1) x bucketRows: buckets lie on multiples of their size from row 0, never on the
/// range that was asked for, so that neighbouring answers fit together. A value; any thread.
///
/// A bucket without any row (a gap) has count 0 and NaN on both sides. NaN samples are counted but never win.
struct Envelope
{
    qint64 firstBucket = 0;
    qint64 bucketRows = 1;
    std::size_t channels = 0;
    std::vector<quint32> counts; ///< rows present in each bucket
    std::vector<float> minimum;  ///< buckets x channels, in physical units
    std::vector<float> maximum;

    std::size_t buckets() const { return counts.size(); }
    qint64 firstRow() const { return firstBucket * bucketRows; }
    qint64 endRow() const { return (firstBucket + static_cast<qint64>(buckets())) * bucketRows; }
    float minimumAt(std::size_t bucket, std::size_t channel) const { return minimum[bucket * channels + channel]; }
    float maximumAt(std::size_t bucket, std::size_t channel) const { return maximum[bucket * channels + channel]; }
};

/// Empty buckets for the rows [beginRow, endRow), widened to whole buckets.
Envelope emptyEnvelope(qint64 beginRow, qint64 endRow, qint64 bucketRows, std::size_t channels);

/// Counts rows into an envelope that may have content already; rows outside it are left out. `rows` is row-major in
/// physical units and begins with row `firstRow`.
void addRows(Envelope& envelope, qint64 firstRow, std::span<const float> rows);

/// Counts a finer envelope into a coarser one; buckets outside it are left out. Requires equal channels and that the
/// coarser bucket size is a multiple of the finer one.
void addEnvelope(Envelope& envelope, const Envelope& finer);

} // namespace ember::signal
