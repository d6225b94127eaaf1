// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"
#include "core/dataset/feature_cache.h"
#include "core/dataset/label_table.h"
#include "core/dataset/model_table.h"
#include "core/dataset/recording_table.h"
#include "core/dataset/run_table.h"
#include "core/dataset/split_table.h"

#include <QStringList>

#include <memory>
#include <vector>

namespace ember::dataset {

/// What a project holds, in numbers. Trashed recordings do not count, except in `bytes`.
struct ProjectInfo
{
    qint64 recordings = 0;
    qint64 segments = 0;
    QStringList labelSets;
    QStringList groups;
    qint64 runs = 0;
    qint64 samples = 0; ///< rows, of all recordings
    double durationSeconds = 0;
    qint64 bytes = 0;                   ///< the file, with its write-ahead log
    std::vector<Recording> interrupted; ///< those whose end was cut off; their ledgers say where
};

/// One project file: recordings with labels and groups, runs, models and their proofs. The file is SQLite, so that it
/// can be read without this program; docs/project-file.md has the tables.
///
/// A Project is one connection and belongs to one thread; other threads open their own on path(). Opening it repairs
/// what a killed program left: recordings that were being written become Interrupted, runs Failed.
class Project
{
public:
    enum class Access
    {
        ReadWrite,
        ReadOnly
    };

    /// Errors: Usage when the file exists; Io when it cannot be made (missing folder, no permission, disk full).
    static Result<Project> create(const QString& path);

    /// Errors: NotFound; BadData (not SQLite, not a project, damaged or cut off); Unsupported (made by a newer program
    /// that does not allow older ones to read it); Io (no permission; for ReadWrite also when it cannot be written).
    /// A newer file that allows it opens read-only whatever was asked: see isReadOnly() and readOnlyReason().
    static Result<Project> open(const QString& path, Access access = Access::ReadWrite);

    QString path() const { return m_database->path(); }
    bool isReadOnly() const { return m_database->isReadOnly(); }
    /// For a person; empty when it can be written.
    QString readOnlyReason() const { return m_readOnlyReason; }

    Result<ProjectInfo> info() const;

    RecordingTable recordings() const { return RecordingTable(*m_database); }
    LabelTable labels() const { return LabelTable(*m_database); }
    RunTable runs() const { return RunTable(*m_database); }
    ModelTable models() const { return ModelTable(*m_database); }
    SplitTable splits() const { return SplitTable(*m_database); }
    FeatureCache featureCache() const { return FeatureCache(*m_database); }

    /// A number that changes when another connection (a recorder, another program) has committed; compare with an
    /// earlier answer of the same Project.
    Result<qint64> changeCounter() const;

    Database& database() const { return *m_database; }

private:
    explicit Project(std::unique_ptr<Database> database)
        : m_database(std::move(database))
    {}

    std::unique_ptr<Database> m_database;
    QString m_readOnlyReason;
};

} // namespace ember::dataset
