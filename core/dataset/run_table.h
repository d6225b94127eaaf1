// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"

#include <QDateTime>

#include <vector>

namespace ember::dataset {

enum class RunStatus
{
    Running,
    Finished,
    Failed,
    Cancelled
};
QString runStatusName(RunStatus status);

/// One training with everything that is needed to repeat it, and what came out.
struct Run
{
    RunId id;
    QString name;    ///< empty: "Run 7", by its number
    QString trainer; ///< "trees.random-forest"
    QJsonObject parameters;
    quint64 seed = 1;
    QJsonObject pipeline;   ///< features::toJson
    QJsonObject windows;    ///< length, hop, label set, minimum share
    QJsonObject validation; ///< method, folds, groups held out
    QJsonObject scores;     ///< f1, accuracy, per class, per group, confusion, intervals
    QJsonObject costs;      ///< by target id: estimate, profile, each with its source
    QString datasetHash;
    RunStatus status = RunStatus::Running;
    QString reason;    ///< why it failed or was cancelled, for a person
    QDateTime created; ///< UTC; set when invalid
    double seconds = 0;
    ModelId model; ///< invalid: none
};

/// Borrowed from Project; same thread.
class RunTable
{
public:
    explicit RunTable(Database& database)
        : m_database(&database)
    {}

    /// Takes all fields but id. A run that is stored as Running and whose program ends is found Failed at next open.
    Result<RunId> add(const Run& run);
    /// Replaces all fields. Error NotFound.
    Status update(const Run& run);
    Result<Run> get(RunId id) const;
    /// Oldest first.
    Result<std::vector<Run>> list() const;
    Status remove(RunId id);

private:
    Database* m_database;
};

} // namespace ember::dataset
