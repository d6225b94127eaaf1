// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/recording.h"
#include "core/device/capture.h"
#include "core/formats/decoder.h"
#include "core/workflow/board_source.h"

#include <optional>

namespace ember::workflow {

struct RecordRequest
{
    QString project; ///< path
    BoardSource source;
    /// Names of the streams to record, the main one first; {"all"}: every one; empty: the board's first. Each becomes a
    /// recording of its own.
    QStringList streams;
    double seconds = 0; ///< of the device's clock, to kMaxSeconds; 0: until cancelled or the source ends
    QString name;       ///< of the recording; empty: by its number
    QString label;      ///< for the whole recording; empty: the feed's own labels, if it has any
    QString labelSet;   ///< empty: the default set
    QString group;      ///< empty: the feed's own, if it has one
    QString notes;
    QString rawLog;         ///< new file for the bytes as they came; empty: none
    int reconnectMs = 5000; ///< how long a lost link may stay away before the recording ends
};

/// Lines of other people's firmware that were no rows: as many are kept with a recording's outcome.
constexpr int kKeptLines = 50;

/// A stream that was recorded beside the main one.
struct StreamOutcome
{
    dataset::Recording recording;
    double rateHz = 0; ///< as RecordOutcome has it
    qint64 segments = 0;
    double beginsAfterSeconds = 0; ///< see alignRecording()
};

struct RecordOutcome
{
    dataset::Recording recording;
    std::vector<StreamOutcome> others;    ///< in the order that was asked for
    QString format;                       ///< "agent", or the format that was spoken
    QString formatReason;                 ///< why it was taken for that
    std::vector<formats::TextLine> lines; ///< the first kKeptLines that were no rows, with where they stood
    double rateHz = 0; ///< measured over the recording; the nominal rate where too little came to measure
    qint64 segments = 0;
    qint64 beginNanos = 0;         ///< when row 0 was there, as TakeResult has it
    double beginsAfterSeconds = 0; ///< after the first board's, where several are recorded (recordBoards)
    std::optional<Error> endedBy;  ///< why it ended early; what was recorded until then is in the project
};

/// Records from a board into a project, until the time is over, the source ends, or it is cancelled (which is a normal
/// end). Errors are for recordings that never began; later trouble is in the outcome.
Result<RecordOutcome> record(const RecordRequest& request, const Hooks& hooks = {});

/// Keeps with a recording of a stream beside the main one when its row 0 was there: so many seconds of stream time
/// after row 0 of the recording `main` (before it where negative), by the computer's clock. Metadata "recorded_with"
/// and "begins_after_s".
Status alignRecording(dataset::Project& project, dataset::RecordingId id, dataset::RecordingId main,
                      double beginsAfterSeconds);

/// From row 0 of `main` to that of `other`, in seconds of stream time; `timeScale` as in CaptureOptions. 0 where one
/// has no rows.
double beginsAfter(const device::TakeResult& main, const device::TakeResult& other, double timeScale = 1.0);

/// Copies segments of a feed, or one label over everything, to a finished recording. Returns how many were made.
Result<qint64> labelRecording(dataset::Project& project, dataset::RecordingId id, const QString& labelSet,
                              const QString& label, const std::vector<dataset::ImportedSegment>& segments);

} // namespace ember::workflow
