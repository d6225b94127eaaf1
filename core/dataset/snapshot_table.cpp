// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/snapshot_table.h"

#include "core/dataset/rows.h"

#include <QSet>

namespace ember::dataset {
namespace {

constexpr qsizetype kShownHash = 12;

Result<Snapshot> readSnapshot(const Statement& row)
{
    return Snapshot{row.id<SnapshotId>(0), row.text(1),   row.text(2), detail::fromMilliseconds(row.integer(3)),
                    row.integer(4),        row.integer(5)};
}

} // namespace

Result<Snapshot> SnapshotTable::put(const QString& name, const DatasetContent& content)
{
    if (name == QLatin1String("now") || name.startsWith(QLatin1String("run:")))
        return Error(ErrorKind::Usage,
                     QStringLiteral("'%1' cannot be the name of a version: it has a meaning already.").arg(name),
                     QStringLiteral("Choose another name."));
    EMBER_TRY(Transaction transaction, Transaction::begin(*m_database));
    EMBER_TRY(const std::vector<Snapshot> all, list());
    const QString hash = hashOf(content);
    for (const Snapshot& one : all) {
        if (!name.isEmpty() && one.name == name)
            return Error(ErrorKind::Usage, QStringLiteral("There is a version '%1' already.").arg(name),
                         QStringLiteral("Choose another name, or remove that one."));
        if (name.isEmpty() && one.hash == hash)
            return one;
    }
    qint64 segments = 0;
    for (const ContentRecording& recording : content.recordings)
        segments += static_cast<qint64>(recording.segments.size());
    EMBER_CHECK(
        m_database->change("INSERT INTO dataset_versions (name, hash, created_ms, recordings, segments, content)"
                           " VALUES (?, ?, ?, ?, ?, ?)",
                           name, hash, detail::toMilliseconds({}), static_cast<qint64>(content.recordings.size()),
                           segments, packContent(content)));
    const SnapshotId id{m_database->lastInsertId()};
    EMBER_TRY(const Snapshot kept,
              detail::readOne<Snapshot>(
                  m_database->query("SELECT id, name, hash, created_ms, recordings, segments FROM dataset_versions"
                                    " WHERE id = ?",
                                    id),
                  readSnapshot, detail::noSuchRow(QStringLiteral("version"), id.value)));
    EMBER_CHECK(transaction.commit());
    return kept;
}

Result<std::vector<Snapshot>> SnapshotTable::list() const
{
    return detail::readAll<Snapshot>(
        m_database->query("SELECT id, name, hash, created_ms, recordings, segments FROM dataset_versions ORDER BY id"),
        readSnapshot);
}

Result<Snapshot> SnapshotTable::find(const QString& nameOrHash) const
{
    EMBER_TRY(const std::vector<Snapshot> all, list());
    QStringList known;
    QSet<QString> hashes;
    const Snapshot* found = nullptr;
    for (const Snapshot& one : all) {
        if (!one.name.isEmpty() && one.name == nameOrHash)
            return one;
        if (!nameOrHash.isEmpty() && one.hash.startsWith(nameOrHash)) {
            hashes.insert(one.hash);
            found = &one;
        }
        known << (one.name.isEmpty() ? one.hash.left(kShownHash) : one.name);
    }
    if (hashes.size() > 1)
        return Error(ErrorKind::Usage, QStringLiteral("Several versions begin with '%1'.").arg(nameOrHash),
                     QStringLiteral("Give more of the hash."));
    if (found)
        return *found;
    return Error(ErrorKind::NotFound, QStringLiteral("There is no version '%1' of the data set.").arg(nameOrHash),
                 known.isEmpty() ? QStringLiteral("None is kept yet; 'emberlab versions --keep NAME' keeps one.")
                                 : QStringLiteral("There are: %1.").arg(known.join(QStringLiteral(", "))));
}

Result<DatasetContent> SnapshotTable::content(SnapshotId id) const
{
    EMBER_TRY(const QByteArray bytes, detail::readOne<QByteArray>(
                                          m_database->query("SELECT content FROM dataset_versions WHERE id = ?", id),
                                          [](const Statement& row) -> Result<QByteArray> { return row.blob(0); },
                                          detail::noSuchRow(QStringLiteral("version"), id.value)));
    return unpackContent(bytes);
}

Status SnapshotTable::remove(SnapshotId id)
{
    return m_database->change("DELETE FROM dataset_versions WHERE id = ?", id);
}

} // namespace ember::dataset
