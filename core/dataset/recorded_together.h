// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/edits.h"
#include "core/dataset/recording.h"
#include "core/dataset/recording_reader.h"

#include <vector>

namespace ember::dataset {

class Project;

// Recordings that were made at the same time: the streams of one board, several boards, a sound beside them. Each has
// rows and a clock of its own; what lines them up is in the metadata of all but the first.

/// The id of the main stream's recording, in the metadata of one of a further stream of the same board or of a file.
constexpr char kRecordedWith[] = "recorded_with";
/// The id of the first board's recording, in the metadata of one of a further board's main stream.
constexpr char kRecordedBeside[] = "recorded_beside";
/// How many seconds after row 0 of that recording row 0 of this one was there (before it where negative).
constexpr char kBeginsAfter[] = "begins_after_s";

/// A recording and where it lies on the time axis of another one.
struct Companion
{
    Recording recording;
    double beginsAfter = 0; ///< seconds from row 0 of the other to row 0 of this one
};

/// All recordings that were made together with others, group by group; discarded ones are left out. `beginsAfter` is
/// counted from the group's first recording, which need not come first: they are in order of their ids. Metadata that
/// names a recording that is gone, or goes in circles, links nothing.
Result<std::vector<std::vector<Companion>>> recordingGroups(const Project& project);

/// What was recorded together with a recording, without itself, by id: its group as recordingGroups() gives it, lined
/// up with it. Nothing for a discarded one. Errors: NotFound.
Result<std::vector<Companion>> recordedTogether(const Project& project, RecordingId id);

/// The same stretch of time in the rows of a recording with another rate, whose row 0 came `beginsAfter` seconds after
/// that of the first; cut to the rows that it has, and empty when it has none there. Rates are not 0.
RowInterval movedRows(RowInterval rows, double rateHz, const Companion& to);

/// More than this is no alignment: it is a mistake.
constexpr double kMostOffsetSeconds = 1e6;

/// The edit after which row 0 of `moved` is `seconds` after row 0 of `reference`, with which it was recorded together.
/// Errors: NotFound; Usage when it was not, or for more than kMostOffsetSeconds.
Result<Edit> lineUp(const Project& project, RecordingId reference, RecordingId moved, double seconds);

} // namespace ember::dataset
