// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"

#include "core/dataset/recording_store.h"
#include "core/dataset/schema.h"

#include <QFileInfo>

namespace ember::dataset {

Result<Project> Project::create(const QString& path)
{
    EMBER_TRY(Store store, createStore(path));
    return Project(std::move(store.database));
}

Result<Project> Project::open(const QString& path, Access access)
{
    EMBER_TRY(Store store, openStore(path, access == Access::ReadOnly));
    Project project(std::move(store.database));
    project.m_readOnlyReason = store.readOnlyReason;
    if (!project.isReadOnly()) {
        if (const Status repaired = detail::recoverInterrupted(*project.m_database); !repaired)
            return repaired.error().context(QStringLiteral("repairing what an earlier program left"));
    }
    return project;
}

Result<ProjectInfo> Project::info() const
{
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(*m_database));
    ProjectInfo info;
    EMBER_TRY(const auto all, recordings().list());
    for (Recording recording : all) {
        ++info.recordings;
        info.samples += recording.rowCount;
        info.durationSeconds += recording.durationSeconds();
        EMBER_TRY(recording.ledger, detail::ledgerAsFound(*m_database, recording));
        if (recording.ledger.wasInterrupted())
            info.interrupted.push_back(std::move(recording));
    }
    EMBER_TRY(info.segments, m_database->integer("SELECT count(*) FROM segments s JOIN recordings r"
                                                 " ON r.id = s.recording WHERE r.trashed = 0"));
    EMBER_TRY(const auto sets, labels().sets());
    for (const LabelSet& set : sets)
        info.labelSets << set.name;
    EMBER_TRY(const auto groups, recordings().groups());
    for (const Group& group : groups)
        info.groups << group.name;
    EMBER_TRY(info.runs, m_database->integer("SELECT count(*) FROM runs"));
    info.bytes = QFileInfo(path()).size() + QFileInfo(path() + QStringLiteral("-wal")).size();
    return info;
}

Result<qint64> Project::changeCounter() const
{
    return m_database->integer("PRAGMA data_version");
}

} // namespace ember::dataset
