// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"
#include "core/dataset/recording.h"

#include <vector>

namespace ember::dataset {

/// The recordings of a project, without their samples (RecordingReader, RecordingWriter) and without undoable changes
/// (edits.h). Borrowed from Project; same thread.
class RecordingTable
{
public:
    explicit RecordingTable(Database& database)
        : m_database(&database)
    {}

    /// In the order they were made. Trashed ones are left out unless asked for.
    Result<std::vector<Recording>> list(bool withTrashed = false) const;
    /// Error NotFound.
    Result<Recording> get(RecordingId id) const;
    /// Error NotFound, or Usage when two have the name.
    Result<Recording> find(const QString& name) const;
    /// Distinct group names of recordings that are not trashed, sorted.
    Result<std::vector<Group>> groups() const;
    /// Deletes trashed recordings with samples and segments, for good; returns how many.
    Result<qint64> emptyTrash();

private:
    Database* m_database;
};

} // namespace ember::dataset
