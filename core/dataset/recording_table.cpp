// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_table.h"

#include "core/dataset/rows.h"
#include "core/signal/json.h"

namespace ember::dataset {
namespace {

constexpr const char* kSelectOne =
    "SELECT id, name, stream, group_name, group_kind, metadata, created_ms, state, trashed, row_count, end_row, ledger,"
    " content_hash FROM recordings WHERE id = ?";
constexpr const char* kSelectAll =
    "SELECT id, name, stream, group_name, group_kind, metadata, created_ms, state, trashed, row_count, end_row, ledger,"
    " content_hash FROM recordings WHERE trashed <= ? ORDER BY id";
constexpr const char* kSelectNamed =
    "SELECT id, name, stream, group_name, group_kind, metadata, created_ms, state, trashed, row_count, end_row, ledger,"
    " content_hash FROM recordings WHERE name = ? AND trashed = 0 ORDER BY id";

Result<Recording> readRecording(const Statement& row)
{
    Recording recording;
    recording.id = row.id<RecordingId>(0);
    recording.name = row.text(1);
    auto stream = signal::streamSpecFromJson(row.json(2));
    if (!stream)
        return stream.error().context(QStringLiteral("reading recording '%1'").arg(recording.name));
    recording.stream = std::move(stream).value();
    recording.group = Group{row.text(3), static_cast<GroupKind>(row.integer(4))};
    recording.metadata = row.json(5);
    recording.created = detail::fromMilliseconds(row.integer(6));
    recording.state = static_cast<RecordingState>(row.integer(7));
    recording.trashed = row.integer(8) != 0;
    recording.rowCount = row.integer(9);
    recording.endRow = row.integer(10);
    recording.ledger = signal::ledgerFromJson(row.json(11));
    recording.contentHash = row.text(12);
    return recording;
}

} // namespace

Result<std::vector<Recording>> RecordingTable::list(bool withTrashed) const
{
    return detail::readAll<Recording>(m_database->query(kSelectAll, withTrashed), readRecording);
}

Result<Recording> RecordingTable::get(RecordingId id) const
{
    return detail::readOne<Recording>(m_database->query(kSelectOne, id), readRecording,
                                      detail::noSuchRow(QStringLiteral("recording"), id.value));
}

Result<Recording> RecordingTable::find(const QString& name) const
{
    EMBER_TRY(auto found, detail::readAll<Recording>(m_database->query(kSelectNamed, name), readRecording));
    if (found.empty())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no recording '%1' in this project.").arg(name),
                     QStringLiteral("'emberlab info' lists what there is."));
    if (found.size() > 1)
        return Error(ErrorKind::Usage, QStringLiteral("%1 recordings have the name '%2'.").arg(found.size()).arg(name),
                     QStringLiteral("Rename one of them, or use the number."));
    return std::move(found.front());
}

Result<std::vector<Group>> RecordingTable::groups() const
{
    return detail::readAll<Group>(
        m_database->query("SELECT group_name, min(group_kind) FROM recordings WHERE trashed = 0 AND group_name <> ''"
                          " GROUP BY group_name ORDER BY group_name"),
        [](const Statement& row) -> Result<Group> {
            return Group{row.text(0), static_cast<GroupKind>(row.integer(1))};
        });
}

Result<qint64> RecordingTable::emptyTrash()
{
    // 0: one that is being written stays until its writer is done.
    EMBER_CHECK(m_database->change("DELETE FROM recordings WHERE trashed <> 0 AND state <> 0"));
    return m_database->changedRows();
}

} // namespace ember::dataset
