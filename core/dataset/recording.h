// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/ids.h"
#include "core/signal/block_sink.h"
#include "core/signal/stream_spec.h"

#include <QDateTime>
#include <QJsonObject>
#include <QString>

namespace ember::dataset {

enum class GroupKind
{
    Subject,
    Device,
    Session
};

/// The unit that a split must not cut: everything recorded from one person, device or session. Two recordings are of
/// one group when the names are equal. An empty name: none, the recording stands for itself.
struct Group
{
    QString name;
    GroupKind kind = GroupKind::Subject;

    friend bool operator==(const Group&, const Group&) = default;
};

enum class RecordingState
{
    Recording, ///< a writer is at work, in this program or another
    Finished,
    Interrupted, ///< the writer ended without finishing; what it had committed is there
};

/// What a new recording is called and carries before its first row.
struct NewRecording
{
    QString name; ///< empty: "Recording 7", by its number
    signal::StreamSpec stream;
    Group group;
    QJsonObject metadata; ///< free: board, firmware, source file, session ...
};

/// One capture of one stream, without its samples. Rows are numbered from 0 at the first row kept; lost rows have
/// numbers too, so `endRow - rowCount` rows are missing. A value.
struct Recording
{
    RecordingId id;
    QString name;
    signal::StreamSpec stream;
    Group group;
    QJsonObject metadata;
    QDateTime created; ///< UTC
    RecordingState state = RecordingState::Recording;
    bool trashed = false;
    qint64 rowCount = 0; ///< rows stored
    qint64 endRow = 0;   ///< one past the last row number
    signal::Ledger ledger;
    QString contentHash; ///< of stream and samples; empty while recording

    /// endRow at the nominal rate, gaps included; 0 when the rate is unknown.
    double durationSeconds() const { return stream.rateHz > 0 ? static_cast<double>(endRow) / stream.rateHz : 0.0; }
};

/// "subject", "device", "session"; "recording", "finished", "interrupted": as in files and JSON.
QString groupKindName(GroupKind kind);
QString recordingStateName(RecordingState state);

/// Whether samples of both may go into one data set: equal type and channels (a missing unit fits any), and rates
/// within one percent.
bool sameLayout(const signal::StreamSpec& a, const signal::StreamSpec& b);

/// The first thing in which the layouts differ, as half a sentence, a's before b's: "the samples are int16 against
/// float32". Empty when they are the same.
QString layoutDifference(const signal::StreamSpec& a, const signal::StreamSpec& b);

} // namespace ember::dataset
