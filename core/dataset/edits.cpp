// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/edits.h"

#include "core/dataset/project.h"
#include "core/dataset/rows.h"

#include <algorithm>

namespace ember::dataset {
namespace {

Error nameTaken(const QString& what, const QString& name)
{
    return Error(ErrorKind::Usage, QStringLiteral("There is a %1 '%2' already.").arg(what, name),
                 QStringLiteral("Choose another name."));
}

Error nameMissing(const QString& what)
{
    return Error(ErrorKind::Usage, QStringLiteral("A %1 needs a name.").arg(what));
}

/// Does one kind of edit each; every function returns the inverse. Checks come before changes, so that a refused edit
/// has changed nothing even without the transaction around it.
class Applier
{
public:
    explicit Applier(Project& project)
        : m_project(project)
        , m_database(project.database())
    {}

    Result<Edit> operator()(const AddLabelSet& edit)
    {
        EMBER_CHECK(requireFreeSetName(edit.set.name, {}));
        EMBER_TRY(const LabelSetId id, freeId<LabelSetId>("label_sets", edit.set.id));
        EMBER_CHECK(m_database.change("INSERT INTO label_sets (id, name) VALUES (?, ?)", id, edit.set.name));
        return Edit(RemoveLabelSet{id});
    }

    Result<Edit> operator()(const RemoveLabelSet& edit)
    {
        EMBER_TRY(const LabelSet set, labelSet(edit.id));
        EMBER_TRY(const qint64 labels, m_database.integer("SELECT count(*) FROM labels WHERE label_set = ?", edit.id));
        if (labels > 0)
            return Error(ErrorKind::Usage,
                         QStringLiteral("The label set '%1' still has %2 labels.").arg(set.name).arg(labels),
                         QStringLiteral("Remove its labels first."));
        EMBER_CHECK(m_database.change("DELETE FROM label_sets WHERE id = ?", edit.id));
        return Edit(AddLabelSet{set});
    }

    Result<Edit> operator()(const RenameLabelSet& edit)
    {
        EMBER_TRY(const LabelSet before, labelSet(edit.id));
        EMBER_CHECK(requireFreeSetName(edit.name, edit.id));
        EMBER_CHECK(m_database.change("UPDATE label_sets SET name = ? WHERE id = ?", edit.name, edit.id));
        return Edit(RenameLabelSet{edit.id, before.name});
    }

    Result<Edit> operator()(const AddLabel& edit)
    {
        EMBER_CHECK(labelSet(edit.label.set));
        EMBER_CHECK(requireFreeLabelName(edit.label.set, edit.label.name, {}));
        EMBER_TRY(const LabelId id, freeId<LabelId>("labels", edit.label.id));
        EMBER_CHECK(m_database.change("INSERT INTO labels (id, label_set, name, colour) VALUES (?, ?, ?, ?)", id,
                                      edit.label.set, edit.label.name, edit.label.colour));
        return Edit(RemoveLabel{id});
    }

    Result<Edit> operator()(const RemoveLabel& edit)
    {
        EMBER_TRY(const Label label, m_project.labels().label(edit.id));
        EMBER_TRY(const qint64 uses, m_database.integer("SELECT count(*) FROM segments WHERE label = ?", edit.id));
        if (uses > 0)
            return Error(ErrorKind::Usage,
                         QStringLiteral("The label '%1' is used by %2 segments.").arg(label.name).arg(uses),
                         QStringLiteral("Give them another label first; those of discarded recordings count too."));
        EMBER_CHECK(m_database.change("DELETE FROM labels WHERE id = ?", edit.id));
        return Edit(AddLabel{label});
    }

    Result<Edit> operator()(const RenameLabel& edit)
    {
        EMBER_TRY(const Label before, m_project.labels().label(edit.id));
        EMBER_CHECK(requireFreeLabelName(before.set, edit.name, edit.id));
        EMBER_CHECK(m_database.change("UPDATE labels SET name = ? WHERE id = ?", edit.name, edit.id));
        return Edit(RenameLabel{edit.id, before.name});
    }

    Result<Edit> operator()(const RecolourLabel& edit)
    {
        EMBER_TRY(const Label before, m_project.labels().label(edit.id));
        EMBER_CHECK(m_database.change("UPDATE labels SET colour = ? WHERE id = ?", edit.colour, edit.id));
        return Edit(RecolourLabel{edit.id, before.colour});
    }

    Result<Edit> operator()(const AddSegment& edit)
    {
        const Segment& segment = edit.segment;
        EMBER_CHECK(requireValid(segment));
        EMBER_TRY(const SegmentId id, freeId<SegmentId>("segments", segment.id));
        EMBER_CHECK(
            m_database.change("INSERT INTO segments (id, recording, label, begin_row, end_row) VALUES (?, ?, ?, ?, ?)",
                              id, segment.recording, segment.label, segment.begin, segment.end));
        return Edit(RemoveSegment{id});
    }

    Result<Edit> operator()(const RemoveSegment& edit)
    {
        EMBER_TRY(const Segment segment, m_project.labels().segment(edit.id));
        EMBER_CHECK(m_database.change("DELETE FROM segments WHERE id = ?", edit.id));
        return Edit(AddSegment{segment});
    }

    Result<Edit> operator()(const ChangeSegment& edit)
    {
        const Segment& after = edit.segment;
        EMBER_TRY(const Segment before, m_project.labels().segment(after.id));
        EMBER_CHECK(requireValid(after));
        EMBER_CHECK(
            m_database.change("UPDATE segments SET recording = ?, label = ?, begin_row = ?, end_row = ? WHERE id = ?",
                              after.recording, after.label, after.begin, after.end, after.id));
        return Edit(ChangeSegment{before});
    }

    Result<Edit> operator()(const RenameRecording& edit)
    {
        EMBER_TRY(const Recording before, m_project.recordings().get(edit.id));
        if (edit.name.trimmed().isEmpty())
            return nameMissing(QStringLiteral("recording"));
        EMBER_CHECK(m_database.change("UPDATE recordings SET name = ? WHERE id = ?", edit.name, edit.id));
        return Edit(RenameRecording{edit.id, before.name});
    }

    Result<Edit> operator()(const SetGroup& edit)
    {
        EMBER_TRY(const Recording before, m_project.recordings().get(edit.id));
        EMBER_CHECK(m_database.change("UPDATE recordings SET group_name = ?, group_kind = ? WHERE id = ?",
                                      edit.group.name, static_cast<int>(edit.group.kind), edit.id));
        return Edit(SetGroup{edit.id, before.group});
    }

    Result<Edit> operator()(const SetMetadata& edit)
    {
        EMBER_TRY(const Recording before, m_project.recordings().get(edit.id));
        EMBER_CHECK(m_database.change("UPDATE recordings SET metadata = ? WHERE id = ?", edit.metadata, edit.id));
        return Edit(SetMetadata{edit.id, before.metadata});
    }

    Result<Edit> operator()(const TrashRecording& edit)
    {
        EMBER_TRY(const Recording before, m_project.recordings().get(edit.id));
        EMBER_CHECK(m_database.change("UPDATE recordings SET trashed = ? WHERE id = ?", edit.trashed, edit.id));
        return Edit(TrashRecording{edit.id, before.trashed});
    }

    Result<Edit> operator()(const EditMacro& macro)
    {
        EditMacro inverse{macro.text, {}};
        for (const Edit& edit : macro.edits) {
            EMBER_TRY(Edit back, std::visit(*this, edit.what));
            inverse.edits.push_back(std::move(back));
        }
        std::reverse(inverse.edits.begin(), inverse.edits.end());
        return Edit(std::move(inverse));
    }

private:
    Result<LabelSet> labelSet(LabelSetId id)
    {
        return detail::readOne<LabelSet>(
            m_database.query("SELECT id, name FROM label_sets WHERE id = ?", id),
            [](const Statement& row) -> Result<LabelSet> {
                return LabelSet{row.id<LabelSetId>(0), row.text(1)};
            },
            detail::noSuchRow(QStringLiteral("label set"), id.value));
    }

    Status requireFreeSetName(const QString& name, LabelSetId self)
    {
        const QString what = QStringLiteral("label set");
        if (name.trimmed().isEmpty())
            return nameMissing(what);
        EMBER_TRY(const qint64 taken, m_database.integer("SELECT id FROM label_sets WHERE name = ?", name));
        return taken != 0 && taken != self.value ? Status(nameTaken(what, name)) : Status();
    }

    Status requireFreeLabelName(LabelSetId set, const QString& name, LabelId self)
    {
        const QString what = QStringLiteral("label");
        if (name.trimmed().isEmpty())
            return nameMissing(what);
        EMBER_TRY(const qint64 taken,
                  m_database.integer("SELECT id FROM labels WHERE label_set = ? AND name = ?", set, name));
        return taken != 0 && taken != self.value ? Status(nameTaken(what, name)) : Status();
    }

    Status requireValid(const Segment& segment)
    {
        EMBER_CHECK(m_project.labels().label(segment.label));
        EMBER_TRY(const Recording recording, m_project.recordings().get(segment.recording));
        if (segment.begin < 0 || segment.begin >= segment.end || segment.end > recording.endRow)
            return Error(ErrorKind::Usage,
                         QStringLiteral("A segment from row %1 to %2 does not lie within recording '%3' of %4 rows.")
                             .arg(segment.begin)
                             .arg(segment.end)
                             .arg(recording.name)
                             .arg(recording.endRow));
        return {};
    }

    // A removed row comes back under its own number, so that edits that name it stay right.
    template <typename IdType>
    Result<IdType> freeId(const char* table, IdType wanted)
    {
        const QByteArray name(table);
        if (!wanted.isValid()) {
            EMBER_TRY(const qint64 next, m_database.integer("SELECT coalesce(max(id), 0) + 1 FROM " + name));
            return IdType{next};
        }
        EMBER_TRY(const qint64 taken, m_database.integer("SELECT count(*) FROM " + name + " WHERE id = ?", wanted));
        if (taken > 0)
            return Error(ErrorKind::Usage, QStringLiteral("Number %1 is in use already.").arg(wanted.value));
        return wanted;
    }

    Project& m_project;
    Database& m_database;
};

struct Describer
{
    QString operator()(const AddLabelSet&) const { return QStringLiteral("Add label set"); }
    QString operator()(const RemoveLabelSet&) const { return QStringLiteral("Remove label set"); }
    QString operator()(const RenameLabelSet&) const { return QStringLiteral("Rename label set"); }
    QString operator()(const AddLabel& edit) const { return QStringLiteral("Add label '%1'").arg(edit.label.name); }
    QString operator()(const RemoveLabel&) const { return QStringLiteral("Remove label"); }
    QString operator()(const RenameLabel& edit) const { return QStringLiteral("Rename label to '%1'").arg(edit.name); }
    QString operator()(const RecolourLabel&) const { return QStringLiteral("Change label colour"); }
    QString operator()(const AddSegment&) const { return QStringLiteral("Add segment"); }
    QString operator()(const RemoveSegment&) const { return QStringLiteral("Remove segment"); }
    QString operator()(const ChangeSegment&) const { return QStringLiteral("Change segment"); }
    QString operator()(const RenameRecording& edit) const
    {
        return QStringLiteral("Rename recording to '%1'").arg(edit.name);
    }
    QString operator()(const SetGroup& edit) const { return QStringLiteral("Set group to '%1'").arg(edit.group.name); }
    QString operator()(const SetMetadata&) const { return QStringLiteral("Change recording notes"); }
    QString operator()(const TrashRecording& edit) const
    {
        return edit.trashed ? QStringLiteral("Discard recording") : QStringLiteral("Restore recording");
    }
    QString operator()(const EditMacro& macro) const { return macro.text; }
};

} // namespace

Result<Edit> apply(Project& project, const Edit& edit)
{
    EMBER_TRY(Transaction transaction, Transaction::begin(project.database()));
    EMBER_TRY(Edit inverse, std::visit(Applier(project), edit.what));
    EMBER_CHECK(transaction.commit());
    return inverse;
}

QString describe(const Edit& edit)
{
    return std::visit(Describer(), edit.what);
}

} // namespace ember::dataset
