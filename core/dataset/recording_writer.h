// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"
#include "core/dataset/file_identity.h"
#include "core/dataset/process_identity.h"
#include "core/dataset/recording.h"
#include "core/signal/block_sink.h"

#include <QElapsedTimer>

#include <memory>
#include <optional>
#include <vector>

namespace ember::dataset {

/// Writes one recording while it is being captured. Has its own connection, so it may live on the acquisition thread
/// while the Project is used on another; one thread at a time.
///
/// What was appended is committed at the latest kCommitIntervalMs after the commit before, as long as append() or
/// updateLedger() keep being called, and at once when kCommitBytes are waiting. A killed program therefore loses what
/// came in since; docs promise kMaxLossMs, and the interval leaves room for a slow disk.
///
/// While another program holds the file locked, rows wait in memory, up to `maxPendingBytes` of start(), and nothing is
/// lost unless this program is killed in that time.
class RecordingWriter : public signal::BlockSink
{
public:
    static constexpr int kCommitIntervalMs = 100;
    static constexpr qint64 kCommitBytes = 1 << 20;
    static constexpr qint64 kMaxLossMs = 250;
    static constexpr qint64 kMaxPendingBytes = 64 << 20;
    /// How long finish() waits for a lock in all.
    static constexpr int kFinishTimeoutMs = 60'000;

    /// Adds the recording to the project at `projectPath`. Errors: as Project::open; Usage for a stream without
    /// channels.
    static Result<std::unique_ptr<RecordingWriter>> start(const QString& projectPath, const NewRecording& recording,
                                                          qint64 maxPendingBytes = kMaxPendingBytes);

    /// Without finish() before, commits what is waiting and marks the recording as interrupted.
    ~RecordingWriter() override;

    RecordingId id() const { return m_id; }
    qint64 rowCount() const { return m_rowCount; } ///< rows taken, committed or not
    qint64 endRow() const { return m_endRow; }     ///< row numbers of this recording, from 0

    /// The first block's firstRow becomes row 0 of the recording. Errors: BadData (rows go backwards, bytes do not fit
    /// the stream), Board (the board began anew), Io (disk full, the file was moved or deleted ...), Failed (locked for
    /// so long that too much waits; closed by another program): nothing committed before is lost, and the writer takes
    /// no more.
    Status append(const signal::SampleBlock& block) override;
    Status updateLedger(const signal::Ledger& ledger) override;

    /// Commits everything, seals the recording and computes its content hash. To be called once, at the end. May wait
    /// for kFinishTimeoutMs where another program holds the file locked.
    Result<Recording> finish();

private:
    RecordingWriter(std::unique_ptr<Database> database, std::unique_ptr<Ownership> owner, RecordingId id,
                    signal::StreamSpec stream);

    Status checkBlock(const signal::SampleBlock& block) const;
    void takeIntoPending(const signal::SampleBlock& block, qint64 firstRow);
    Status commitIfDue();
    Status commit();
    Status writePending();
    Status confirmPlace() const;
    Status fail(Error error);

    std::unique_ptr<Database> m_database;
    std::unique_ptr<Ownership> m_owner;
    RecordingId m_id;
    signal::StreamSpec m_stream;
    std::optional<FileIdentity> m_file;         ///< that was opened
    std::vector<signal::SampleBlock> m_pending; ///< contiguous runs, in this recording's row numbers
    qint64 m_pendingBytes = 0;
    std::optional<qint64> m_baseRow; ///< firstRow of the very first block
    qint64 m_rowCount = 0;
    qint64 m_endRow = 0;
    signal::Ledger m_ledger;
    bool m_ledgerChanged = false;
    QElapsedTimer m_sinceCommit; ///< or since it was tried in vain
    qint64 m_maxPendingBytes = kMaxPendingBytes;
    bool m_lockedOut = false; ///< another program held the file when a commit was tried
    std::optional<Error> m_failed;
    bool m_finished = false;
};

} // namespace ember::dataset
