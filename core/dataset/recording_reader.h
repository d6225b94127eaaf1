// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"
#include "core/dataset/recording.h"
#include "core/signal/pyramid.h"

#include <vector>

namespace ember::dataset {

class Project;

/// Half-open interval of row numbers.
struct RowInterval
{
    qint64 begin = 0;
    qint64 end = 0;

    friend bool operator==(const RowInterval&, const RowInterval&) = default;
};

/// Rows without a gap between them, in the stream's own type.
struct RowRun
{
    qint64 firstRow = 0;
    qint64 rowCount = 0;
    QByteArray rows;
};

/// Reads the samples of one recording, also while it is being written: every call sees what is committed by then.
/// Borrows the project's connection; same thread, must not outlive the project.
class RecordingReader
{
public:
    /// Error NotFound.
    static Result<RecordingReader> open(const Project& project, RecordingId id);

    const Recording& recording() const { return m_recording; }

    /// The parts without gaps, in order; what lies between them was lost. Reads no samples.
    Result<std::vector<RowInterval>> runs() const;

    /// The rows of [begin, end) that exist, as runs in order. A range beyond the recording is cut.
    Result<std::vector<RowRun>> rows(qint64 begin, qint64 end) const;

    /// The bytes of `count` rows from `begin` on, as Pipeline::extract wants them. Error BadData when there is a gap.
    Result<QByteArray> window(qint64 begin, qint64 count) const;

    /// One channel in physical units, NaN where rows are missing; (end - begin) values.
    Result<std::vector<float>> channel(qint64 begin, qint64 end, std::size_t channel) const;

    /// Minimum and maximum for a plot with room for one point in `wantedRowsPerBucket` rows. The answer says in
    /// bucketRows which size it has: the largest of 1, 16, 256 ... 16^5 that is not above the wanted one. Reads
    /// summaries, and raw rows only for bucket size 1 and for the tail that is being recorded.
    Result<signal::Envelope> envelope(qint64 begin, qint64 end, qint64 wantedRowsPerBucket) const;

private:
    struct StoredBlock
    {
        qint64 firstRow = 0;
        qint64 rowCount = 0;
        QByteArray rows;
    };
    RecordingReader(Database& database, Recording recording);

    Result<std::vector<StoredBlock>> blocksIn(qint64 begin, qint64 end) const;
    Status addRawRows(signal::Envelope& envelope, qint64 begin, qint64 end) const;

    Database* m_database;
    Recording m_recording;
    mutable StoredBlock m_lastBlock; ///< windows overlap, so the same block is wanted again and again
};

} // namespace ember::dataset
