// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"

#include <QDateTime>

#include <vector>

namespace ember::dataset {

/// A split that was decided once, so that later runs use the same sides.
struct StoredSplit
{
    SplitId id;
    QString name;   ///< unique; adding one of the same name replaces it
    QString method; ///< "group", "recording", "time"
    double testShare = 0.25;
    quint64 seed = 1;
    std::vector<RecordingId> train;
    std::vector<RecordingId> test; ///< for "time" every recording is on both sides
    QDateTime created;             ///< UTC; set when invalid
};

/// Borrowed from Project; same thread.
class SplitTable
{
public:
    explicit SplitTable(Database& database)
        : m_database(&database)
    {}

    Result<SplitId> put(const StoredSplit& split);
    /// Error NotFound.
    Result<StoredSplit> find(const QString& name) const;
    Result<std::vector<StoredSplit>> list() const;

private:
    Database* m_database;
};

} // namespace ember::dataset
