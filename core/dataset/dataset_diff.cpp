// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset_diff.h"

#include <algorithm>
#include <functional>
#include <iterator>

namespace ember::dataset {
namespace {

using Segments = std::vector<ContentSegment>;

qint64 segmentsIn(const std::vector<ContentRecording>& recordings)
{
    qint64 count = 0;
    for (const ContentRecording& recording : recordings)
        count += static_cast<qint64>(recording.segments.size());
    return count;
}

/// Takes pairs that `fit` out of both lists; each segment is in one pair at most.
void pairUp(Segments& before, Segments& after, std::vector<SegmentChange>& pairs,
            const std::function<bool(const ContentSegment&, const ContentSegment&)>& fit)
{
    Segments left;
    for (const ContentSegment& old : before) {
        // Sorted by begin, and partners overlap: nothing behind the end of the old one fits.
        const auto end =
            std::find_if(after.begin(), after.end(), [&old](const ContentSegment& s) { return s.begin >= old.end; });
        const auto partner = std::find_if(after.begin(), end, [&](const ContentSegment& s) { return fit(old, s); });
        if (partner == end) {
            left.push_back(old);
            continue;
        }
        pairs.push_back({old, *partner});
        after.erase(partner);
    }
    before = std::move(left);
}

RecordingChange changeOf(const ContentRecording& before, const ContentRecording& after)
{
    RecordingChange change{before, after, {}, {}, {}};
    change.before.segments.clear();
    change.after.segments.clear();
    std::set_difference(after.segments.begin(), after.segments.end(), before.segments.begin(), before.segments.end(),
                        std::back_inserter(change.added));
    std::set_difference(before.segments.begin(), before.segments.end(), after.segments.begin(), after.segments.end(),
                        std::back_inserter(change.removed));
    pairUp(change.removed, change.added, change.changed, [](const ContentSegment& a, const ContentSegment& b) {
        return a.set == b.set && a.begin == b.begin && a.end == b.end;
    });
    pairUp(change.removed, change.added, change.changed, [](const ContentSegment& a, const ContentSegment& b) {
        return a.set == b.set && a.label == b.label && a.begin < b.end && b.begin < a.end;
    });
    return change;
}

/// The partner of a recording among those of the other version that have none yet.
std::vector<ContentRecording>::iterator partnerOf(const ContentRecording& recording,
                                                  std::vector<ContentRecording>& others)
{
    auto best = others.end();
    int bestRank = 0;
    for (auto at = others.begin(); at != others.end(); ++at) {
        if (at->hash != recording.hash)
            continue;
        const int rank = at->id == recording.id ? 3 : at->name == recording.name ? 2 : 1;
        if (rank > bestRank) {
            best = at;
            bestRank = rank;
        }
    }
    return best;
}

} // namespace

qint64 DatasetDiff::segmentsAdded() const
{
    qint64 count = segmentsIn(added);
    for (const RecordingChange& change : changed)
        count += static_cast<qint64>(change.added.size());
    return count;
}

qint64 DatasetDiff::segmentsRemoved() const
{
    qint64 count = segmentsIn(removed);
    for (const RecordingChange& change : changed)
        count += static_cast<qint64>(change.removed.size());
    return count;
}

qint64 DatasetDiff::segmentsChanged() const
{
    qint64 count = 0;
    for (const RecordingChange& change : changed)
        count += static_cast<qint64>(change.changed.size());
    return count;
}

DatasetDiff compareContents(const DatasetContent& before, const DatasetContent& after)
{
    DatasetDiff diff;
    std::vector<ContentRecording> left = before.recordings;
    diff.added = after.recordings;
    // Same id first, so that copies with the same samples do not take each other's partner.
    for (const bool byId : {true, false}) {
        std::vector<ContentRecording> alone;
        for (const ContentRecording& recording : left) {
            const auto partner = partnerOf(recording, diff.added);
            if (partner == diff.added.end() || (byId && partner->id != recording.id)) {
                alone.push_back(recording);
                continue;
            }
            const bool same = partner->name == recording.name && partner->group == recording.group &&
                              partner->segments == recording.segments;
            if (same)
                ++diff.same;
            else
                diff.changed.push_back(changeOf(recording, *partner));
            diff.added.erase(partner);
        }
        left = std::move(alone);
    }
    diff.removed = std::move(left);
    return diff;
}

} // namespace ember::dataset
