// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"
#include "core/dataset/dataset_content.h"

#include <QDateTime>

#include <vector>

namespace ember::dataset {

using SnapshotId = Id<struct SnapshotTag>;

/// A version of the data set that is remembered: which recordings and segments it had, not the samples.
struct Snapshot
{
    SnapshotId id;
    QString name;      ///< unique unless empty; empty: kept because a run was trained on it
    QString hash;      ///< as a run's datasetHash
    QDateTime created; ///< UTC
    qint64 recordings = 0;
    qint64 segments = 0;
};

/// Borrowed from Project::database(); same thread.
class SnapshotTable
{
public:
    explicit SnapshotTable(Database& database)
        : m_database(&database)
    {}

    /// Keeps the content under a name. Without a name, content whose hash is kept already is not kept twice. Errors:
    /// Usage for a name that is taken.
    Result<Snapshot> put(const QString& name, const DatasetContent& content);
    /// Oldest first.
    Result<std::vector<Snapshot>> list() const;
    /// By name, or by the beginning of the hash (of several with one hash the newest). Errors: NotFound with what there
    /// is; Usage when several hashes begin so.
    Result<Snapshot> find(const QString& nameOrHash) const;
    /// Errors: NotFound, BadData.
    Result<DatasetContent> content(SnapshotId id) const;
    Status remove(SnapshotId id);

private:
    Database* m_database;
};

} // namespace ember::dataset
