// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/segment_edits.h"

#include <algorithm>

namespace ember::dataset {
namespace {

std::vector<Segment> byBegin(std::span<const Segment> segments)
{
    std::vector<Segment> sorted(segments.begin(), segments.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Segment& a, const Segment& b) { return a.begin < b.begin; });
    return sorted;
}

/// Sorted, and what overlaps or touches as one.
std::vector<RowInterval> joined(std::vector<RowInterval> rows)
{
    std::sort(rows.begin(), rows.end(), [](const RowInterval& a, const RowInterval& b) { return a.begin < b.begin; });
    std::vector<RowInterval> made;
    for (const RowInterval& interval : rows) {
        if (interval.begin >= interval.end)
            continue;
        if (!made.empty() && interval.begin <= made.back().end)
            made.back().end = std::max(made.back().end, interval.end);
        else
            made.push_back(interval);
    }
    return made;
}

/// What is left of the segment beside `rows`, which are joined().
void cutBack(const Segment& segment, const std::vector<RowInterval>& rows, std::vector<Edit>& edits)
{
    std::vector<RowInterval> left;
    qint64 begin = segment.begin;
    for (const RowInterval& interval : rows) {
        if (interval.end <= begin || interval.begin >= segment.end)
            continue;
        if (interval.begin > begin)
            left.push_back({begin, interval.begin});
        begin = std::max(begin, interval.end);
    }
    if (begin == segment.begin && left.empty())
        return;
    if (begin < segment.end)
        left.push_back({begin, segment.end});
    if (left.empty()) {
        edits.push_back(Edit(RemoveSegment{segment.id}));
        return;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        Segment part = segment;
        part.begin = left[i].begin;
        part.end = left[i].end;
        part.id = i == 0 ? segment.id : SegmentId{};
        edits.push_back(i == 0 ? Edit(ChangeSegment{part}) : Edit(AddSegment{part}));
    }
}

} // namespace

std::vector<RowInterval> unlabelledStretches(std::span<const Segment> segments, qint64 endRow)
{
    std::vector<RowInterval> stretches;
    qint64 covered = 0;
    for (const Segment& segment : byBegin(segments)) {
        const qint64 begin = std::min(segment.begin, endRow);
        if (begin > covered)
            stretches.push_back({covered, begin});
        covered = std::max(covered, segment.end);
    }
    if (covered < endRow)
        stretches.push_back({covered, endRow});
    return stretches;
}

std::optional<RowInterval> nextStretch(std::span<const RowInterval> stretches, qint64 row)
{
    for (const RowInterval& stretch : stretches) {
        if (stretch.begin > row)
            return stretch;
    }
    return std::nullopt;
}

std::optional<RowInterval> previousStretch(std::span<const RowInterval> stretches, qint64 row)
{
    for (std::size_t i = stretches.size(); i-- > 0;) {
        if (stretches[i].begin < row)
            return stretches[i];
    }
    return std::nullopt;
}

Result<Edit> splitSegment(const Segment& segment, qint64 row)
{
    if (row <= segment.begin || row >= segment.end)
        return Error(ErrorKind::Usage, QStringLiteral("A label is split at a row inside it."),
                     QStringLiteral("Move the cursor into the label."));
    Segment first = segment;
    first.end = row;
    Segment second = segment;
    second.id = {};
    second.begin = row;
    return Edit(EditMacro{QStringLiteral("Split label"), {Edit(ChangeSegment{first}), Edit(AddSegment{second})}});
}

Result<Edit> mergeWithNext(const Segment& segment, std::span<const Segment> segments)
{
    for (const Segment& next : byBegin(segments)) {
        if (next.id == segment.id || next.begin < segment.begin)
            continue;
        if (next.label != segment.label)
            return Error(ErrorKind::Usage, QStringLiteral("The next label is another one."),
                         QStringLiteral("Only neighbours with the same label become one."));
        Segment merged = segment;
        merged.end = std::max(segment.end, next.end);
        return Edit(
            EditMacro{QStringLiteral("Merge labels"), {Edit(RemoveSegment{next.id}), Edit(ChangeSegment{merged})}});
    }
    return Error(ErrorKind::Usage, QStringLiteral("There is no label behind this one."));
}

std::vector<Edit> labelRows(std::span<const Segment> segments, RecordingId recording, LabelId label,
                            std::vector<RowInterval> rows)
{
    rows = joined(std::move(rows));
    std::vector<Edit> edits;
    std::vector<RowInterval> wanted = rows;
    for (const Segment& segment : segments) {
        if (segment.label == label)
            wanted.push_back({segment.begin, segment.end});
        else
            cutBack(segment, rows, edits);
    }
    for (const RowInterval& whole : joined(std::move(wanted))) {
        const auto within = [&whole](qint64 begin, qint64 end) { return begin >= whole.begin && end <= whole.end; };
        if (std::none_of(rows.begin(), rows.end(), [&](const RowInterval& r) { return within(r.begin, r.end); }))
            continue;
        // The first that is there already grows; the others become part of it.
        std::optional<Segment> kept;
        for (const Segment& segment : segments) {
            if (segment.label != label || !within(segment.begin, segment.end))
                continue;
            if (kept)
                edits.push_back(Edit(RemoveSegment{segment.id}));
            else
                kept = segment;
        }
        if (!kept)
            edits.push_back(Edit(AddSegment{{{}, recording, label, whole.begin, whole.end}}));
        else if (kept->begin != whole.begin || kept->end != whole.end)
            edits.push_back(Edit(ChangeSegment{{kept->id, recording, label, whole.begin, whole.end}}));
    }
    return edits;
}

std::vector<Edit> labelStretches(std::span<const Segment> segments, RecordingId recording,
                                 std::span<const LabelledStretch> stretches)
{
    std::vector<RowInterval> rows;
    for (const LabelledStretch& stretch : stretches)
        rows.push_back(stretch.rows);
    rows = joined(std::move(rows));
    std::vector<Edit> edits;
    for (const Segment& segment : segments)
        cutBack(segment, rows, edits);
    for (const LabelledStretch& stretch : stretches) {
        if (stretch.rows.begin < stretch.rows.end)
            edits.push_back(Edit(AddSegment{{{}, recording, stretch.label, stretch.rows.begin, stretch.rows.end}}));
    }
    return edits;
}

std::vector<RowInterval> withoutLabelled(std::span<const RowInterval> stretches, std::span<const Segment> segments,
                                         qint64 leastRows)
{
    std::vector<RowInterval> labelled;
    for (const Segment& segment : segments)
        labelled.push_back({segment.begin, segment.end});
    labelled = joined(std::move(labelled));
    std::vector<RowInterval> free;
    const auto keep = [&](qint64 begin, qint64 end) {
        if (end > begin && end - begin >= leastRows)
            free.push_back({begin, end});
    };
    for (const RowInterval& stretch : stretches) {
        qint64 begin = stretch.begin;
        auto at = std::lower_bound(labelled.begin(), labelled.end(), begin,
                                   [](const RowInterval& rows, qint64 row) { return rows.end <= row; });
        for (; at != labelled.end() && at->begin < stretch.end; ++at) {
            keep(begin, at->begin);
            begin = at->end;
        }
        keep(begin, stretch.end);
    }
    return free;
}

qint64 snappedRow(qint64 row, std::span<const qint64> targets, qint64 reach)
{
    const auto above = std::lower_bound(targets.begin(), targets.end(), row);
    qint64 best = row;
    qint64 apart = reach + 1;
    if (above != targets.begin() && row - *std::prev(above) < apart) {
        best = *std::prev(above);
        apart = row - best;
    }
    return above != targets.end() && *above - row < apart ? *above : best;
}

std::vector<qint64> edgesOf(std::span<const Segment> segments, std::span<const RowInterval> gaps, qint64 endRow)
{
    std::vector<qint64> edges{0, endRow};
    for (const Segment& segment : segments)
        edges.insert(edges.end(), {segment.begin, segment.end});
    for (const RowInterval& gap : gaps)
        edges.insert(edges.end(), {gap.begin, gap.end});
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    return edges;
}

} // namespace ember::dataset
