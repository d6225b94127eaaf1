// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/split_table.h"

#include "core/dataset/rows.h"

#include <QJsonArray>

namespace ember::dataset {
namespace {

QJsonArray idsToJson(const std::vector<RecordingId>& ids)
{
    QJsonArray array;
    for (const RecordingId id : ids)
        array.append(id.value);
    return array;
}

std::vector<RecordingId> idsFromJson(const QJsonValue& json)
{
    std::vector<RecordingId> ids;
    for (const QJsonValue& value : json.toArray())
        ids.push_back(RecordingId{value.toInteger()});
    return ids;
}

Result<StoredSplit> readSplit(const Statement& row)
{
    const QJsonObject sides = row.json(5);
    return StoredSplit{row.id<SplitId>(0),
                       row.text(1),
                       row.text(2),
                       row.real(3),
                       static_cast<quint64>(row.integer(4)),
                       idsFromJson(sides.value(QStringLiteral("train"))),
                       idsFromJson(sides.value(QStringLiteral("test"))),
                       detail::fromMilliseconds(row.integer(6))};
}

} // namespace

Result<SplitId> SplitTable::put(const StoredSplit& split)
{
    const QJsonObject sides{{QStringLiteral("train"), idsToJson(split.train)},
                            {QStringLiteral("test"), idsToJson(split.test)}};
    EMBER_CHECK(m_database->change(
        "INSERT OR REPLACE INTO splits (name, method, test_share, seed, sides, created_ms) VALUES (?, ?, ?, ?, ?, ?)",
        split.name, split.method, split.testShare, split.seed, sides, detail::toMilliseconds(split.created)));
    return SplitId{m_database->lastInsertId()};
}

Result<StoredSplit> SplitTable::find(const QString& name) const
{
    return detail::readOne<StoredSplit>(
        m_database->query("SELECT id, name, method, test_share, seed, sides, created_ms FROM splits WHERE name = ?",
                          name),
        readSplit,
        Error(ErrorKind::NotFound, QStringLiteral("There is no split '%1' in this project.").arg(name),
              QStringLiteral("Make one with 'emberlab split'.")));
}

Result<std::vector<StoredSplit>> SplitTable::list() const
{
    return detail::readAll<StoredSplit>(
        m_database->query("SELECT id, name, method, test_share, seed, sides, created_ms FROM splits ORDER BY id"),
        readSplit);
}

} // namespace ember::dataset
