// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/edits.h"
#include "core/dataset/recording_reader.h"

#include <optional>
#include <span>
#include <vector>

namespace ember::dataset {

// What labelling by keyboard asks of the segments of one label set of one recording. Pure functions; rows are half-open
// intervals, segments may come in any order and may overlap.

/// The stretches of [0, endRow) that no segment covers, in order.
std::vector<RowInterval> unlabelledStretches(std::span<const Segment> segments, qint64 endRow);

/// The first stretch that begins behind `row`, or the last one that begins before it.
std::optional<RowInterval> nextStretch(std::span<const RowInterval> stretches, qint64 row);
std::optional<RowInterval> previousStretch(std::span<const RowInterval> stretches, qint64 row);

/// The segment in two at `row`, both with its label. Errors: Usage when the row is not inside it.
Result<Edit> splitSegment(const Segment& segment, qint64 row);

/// The segment and the next one with the same label (the first that begins behind its beginning) as one, from the
/// first row of both to the last. What lies between them is labelled too. Errors: Usage when there is none, or when
/// another label of the set lies between.
Result<Edit> mergeWithNext(const Segment& segment, std::span<const Segment> segments);

/// Gives the rows of one recording a label, whatever `segments` (those of its label set there) say of them now: other
/// labels are cut back to the rows beside, and what already has the label and overlaps or touches becomes one with it.
/// Nothing when all the rows have only that label. Intervals may overlap and come in any order.
std::vector<Edit> labelRows(std::span<const Segment> segments, RecordingId recording, LabelId label,
                            std::vector<RowInterval> rows);

/// A stretch and the label that it is to have.
struct LabelledStretch
{
    RowInterval rows;
    LabelId label;
};
/// Makes each stretch a segment of its own; what `segments` (those of the label set there) say of these rows now is cut
/// back to the rows beside. Where stretches overlap, so do the segments; empty ones are passed over.
std::vector<Edit> labelStretches(std::span<const Segment> segments, RecordingId recording,
                                 std::span<const LabelledStretch> stretches);

/// The parts of the stretches that no segment covers; of these, those of at least `leastRows` rows.
std::vector<RowInterval> withoutLabelled(std::span<const RowInterval> stretches, std::span<const Segment> segments,
                                         qint64 leastRows);

/// Edges that a cursor stops at: ends of segments and of gaps, and both ends of the recording; sorted, each once.
std::vector<qint64> edgesOf(std::span<const Segment> segments, std::span<const RowInterval> gaps, qint64 endRow);

/// The row of `targets` (sorted) that is nearest to `row` and at most `reach` away, the earlier of two; `row` itself
/// when there is none.
qint64 snappedRow(qint64 row, std::span<const qint64> targets, qint64 reach);

} // namespace ember::dataset
