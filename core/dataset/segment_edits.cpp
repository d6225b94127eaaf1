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
