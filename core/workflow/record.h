// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/recorded_together.h"
#include "core/dataset/recording.h"
#include "core/dataset/recording_writer.h"
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
    double timeScale = 1.0;        ///< seconds of stream time for one of the computer's clock, as in CaptureOptions
    double beginsAfterSeconds = 0; ///< after the first board's, where several are recorded (recordBoards)
    /// Why it ended early, or what could not be done with it afterwards (sealing, labels); what was recorded is in the
    /// project.
    std::optional<Error> endedBy;
};

/// Records from a board into a project, until the time is over, the source ends, or it is cancelled (which is a normal
/// end). Errors are for recordings that never began; later trouble is in the outcome.
Result<RecordOutcome> record(const RecordRequest& request, const Hooks& hooks = {});

/// Keeps with a recording beside another one when its row 0 was there: so many seconds of stream time after row 0 of
/// the recording `main` (before it where negative), by the computer's clock. Metadata `relation`
/// (dataset::kRecordedWith or dataset::kRecordedBeside) and dataset::kBeginsAfter.
Status alignRecording(dataset::Project& project, dataset::RecordingId id, const char* relation,
                      dataset::RecordingId main, double beginsAfterSeconds);

/// From one recording's row 0 to another's in seconds of stream time, both as TakeResult::beginNanos; `timeScale` as in
/// CaptureOptions. 0 where one has no rows.
double beginsAfter(qint64 mainNanos, qint64 otherNanos, double timeScale = 1.0);

/// Keeps an error as what ended a recording, unless something did before.
void noteEnd(std::optional<Error>& endedBy, const Error& error, const QString& doing);

/// Seals a recording and gives what is in the project of it. What goes wrong is noted in `endedBy`; the recording then
/// stays as far as it was written. `project` may be null: then what the writer knows must do.
dataset::Recording finishRecording(const dataset::Project* project, dataset::RecordingWriter& writer,
                                   std::optional<Error>& endedBy);

/// Copies segments of a feed, or one label over everything, to a finished recording. Returns how many were made.
Result<qint64> labelRecording(dataset::Project& project, dataset::RecordingId id, const QString& labelSet,
                              const QString& label, const std::vector<dataset::ImportedSegment>& segments);

} // namespace ember::workflow
