// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset_content.h"

#include <vector>

namespace ember::dataset {

/// A segment that is in both versions, but not the same.
struct SegmentChange
{
    ContentSegment before;
    ContentSegment after;

    friend bool operator==(const SegmentChange&, const SegmentChange&) = default;
};

/// A recording that is in both versions with other names or segments.
struct RecordingChange
{
    ContentRecording before; ///< without its segments
    ContentRecording after;  ///< without its segments
    std::vector<ContentSegment> added;
    std::vector<ContentSegment> removed;
    std::vector<SegmentChange> changed;

    bool isRenamed() const { return before.name != after.name; }
    bool isRegrouped() const { return before.group != after.group; }
};

struct DatasetDiff
{
    std::vector<ContentRecording> added;
    std::vector<ContentRecording> removed;
    std::vector<RecordingChange> changed;
    qint64 same = 0; ///< recordings

    bool isEmpty() const { return added.empty() && removed.empty() && changed.empty(); }
    /// Segments, those of recordings that came or went included.
    qint64 segmentsAdded() const;
    qint64 segmentsRemoved() const;
    qint64 segmentsChanged() const;
};

/// From one version to another. Recordings are the same when their samples are; of several with the same samples those
/// with the same id go together, then those with the same name. A segment has changed when its rows have another label
/// of the same set, or when the nearest that overlaps it has its label and other ends; what has no such partner was
/// added or removed.
DatasetDiff compareContents(const DatasetContent& before, const DatasetContent& after);

} // namespace ember::dataset
