// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/label_table.h"

#include "core/dataset/rows.h"

#include <QStringList>

namespace ember::dataset {
namespace {

Result<LabelSet> readSet(const Statement& row)
{
    return LabelSet{row.id<LabelSetId>(0), row.text(1)};
}

Result<Label> readLabel(const Statement& row)
{
    return Label{row.id<LabelId>(0), row.id<LabelSetId>(1), row.text(2), static_cast<int>(row.integer(3))};
}

Result<Segment> readSegment(const Statement& row)
{
    return Segment{row.id<SegmentId>(0), row.id<RecordingId>(1), row.id<LabelId>(2), row.integer(3), row.integer(4)};
}

Result<LabelSetId> ensureSet(Database& database, const QString& name)
{
    EMBER_TRY(const qint64 found, database.integer("SELECT id FROM label_sets WHERE name = ?", name));
    if (found > 0)
        return LabelSetId{found};
    EMBER_CHECK(database.change("INSERT INTO label_sets (name) VALUES (?)", name));
    return LabelSetId{database.lastInsertId()};
}

} // namespace

Result<std::vector<LabelSet>> LabelTable::sets() const
{
    return detail::readAll<LabelSet>(m_database->query("SELECT id, name FROM label_sets ORDER BY id"), readSet);
}

Result<LabelSet> LabelTable::findSet(const QString& name) const
{
    EMBER_TRY(const auto all, sets());
    QStringList names;
    for (const LabelSet& set : all) {
        if (set.name == name)
            return set;
        names << set.name;
    }
    return Error(ErrorKind::NotFound, QStringLiteral("There is no label set '%1' in this project.").arg(name),
                 names.isEmpty() ? QStringLiteral("It has none yet; label a recording first.")
                                 : QStringLiteral("It has: %1.").arg(names.join(QStringLiteral(", "))));
}

Result<std::vector<Label>> LabelTable::labels(LabelSetId set) const
{
    return detail::readAll<Label>(
        m_database->query("SELECT id, label_set, name, colour FROM labels WHERE ?1 IS NULL OR label_set = ?1"
                          " ORDER BY label_set, colour, name",
                          set),
        readLabel);
}

Result<Label> LabelTable::label(LabelId id) const
{
    return detail::readOne<Label>(m_database->query("SELECT id, label_set, name, colour FROM labels WHERE id = ?", id),
                                  readLabel, detail::noSuchRow(QStringLiteral("label"), id.value));
}

Result<std::vector<Segment>> LabelTable::segments() const
{
    return detail::readAll<Segment>(
        m_database->query("SELECT s.id, s.recording, s.label, s.begin_row, s.end_row FROM segments s"
                          " JOIN recordings r ON r.id = s.recording WHERE r.trashed = 0"
                          " ORDER BY s.recording, s.begin_row, s.end_row, s.id"),
        readSegment);
}

Result<std::vector<Segment>> LabelTable::segments(RecordingId recording, LabelSetId set) const
{
    return detail::readAll<Segment>(
        m_database->query("SELECT s.id, s.recording, s.label, s.begin_row, s.end_row FROM segments s"
                          " JOIN labels l ON l.id = s.label"
                          " WHERE s.recording = ?1 AND (?2 IS NULL OR l.label_set = ?2)"
                          " ORDER BY s.begin_row, s.end_row, s.id",
                          recording, set),
        readSegment);
}

Result<Segment> LabelTable::segment(SegmentId id) const
{
    return detail::readOne<Segment>(
        m_database->query("SELECT id, recording, label, begin_row, end_row FROM segments WHERE id = ?", id),
        readSegment, detail::noSuchRow(QStringLiteral("segment"), id.value));
}

Result<Label> LabelTable::ensureLabel(const QString& set, const QString& name)
{
    if (name.trimmed().isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("A label needs a name."));
    EMBER_TRY(Transaction transaction, Transaction::begin(*m_database));
    EMBER_TRY(const LabelSetId setId,
              ensureSet(*m_database, set.isEmpty() ? QString::fromLatin1(kDefaultLabelSet) : set));
    EMBER_TRY(const qint64 found,
              m_database->integer("SELECT id FROM labels WHERE label_set = ? AND name = ?", setId, name));
    LabelId id{found};
    if (!id.isValid()) {
        EMBER_TRY(const qint64 colour,
                  m_database->integer("SELECT coalesce(max(colour) + 1, 0) FROM labels WHERE label_set = ?", setId));
        EMBER_CHECK(
            m_database->change("INSERT INTO labels (label_set, name, colour) VALUES (?, ?, ?)", setId, name, colour));
        id = LabelId{m_database->lastInsertId()};
    }
    EMBER_TRY(const Label made, label(id));
    EMBER_CHECK(transaction.commit());
    return made;
}

} // namespace ember::dataset
