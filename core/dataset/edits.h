// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/label_table.h"
#include "core/dataset/recording.h"

#include <QString>

#include <variant>
#include <vector>

namespace ember::dataset {

class Project;

// What a user can do to a project and take back. Each is a value; an id that is not valid means "the next free one".

struct AddLabelSet
{
    LabelSet set;
};
/// Only a set without labels.
struct RemoveLabelSet
{
    LabelSetId id;
};
struct RenameLabelSet
{
    LabelSetId id;
    QString name;
};
struct AddLabel
{
    Label label;
};
/// Only a label without segments.
struct RemoveLabel
{
    LabelId id;
};
struct RenameLabel
{
    LabelId id;
    QString name;
};
struct RecolourLabel
{
    LabelId id;
    int colour = 0;
};
struct AddSegment
{
    Segment segment;
};
struct RemoveSegment
{
    SegmentId id;
};
/// Gives the segment with segment.id new ends, another label or another recording.
struct ChangeSegment
{
    Segment segment;
};
struct RenameRecording
{
    RecordingId id;
    QString name;
};
struct SetGroup
{
    RecordingId id;
    Group group;
};
struct SetMetadata
{
    RecordingId id;
    QJsonObject metadata;
};
/// Puts a recording into the trash, or takes it out. Its samples stay until RecordingTable::emptyTrash().
struct TrashRecording
{
    RecordingId id;
    bool trashed = true;
};

struct Edit;

/// Several edits that happen together or not at all.
struct EditMacro
{
    QString text; ///< "Label 12 recordings"
    std::vector<Edit> edits;
};

struct Edit
{
    using What = std::variant<AddLabelSet, RemoveLabelSet, RenameLabelSet, AddLabel, RemoveLabel, RenameLabel,
                              RecolourLabel, AddSegment, RemoveSegment, ChangeSegment, RenameRecording, SetGroup,
                              SetMetadata, TrashRecording, EditMacro>;
    What what;

    template <typename T>
    Edit(T value)
        : what(std::move(value))
    {}
};

/// Does it in one transaction and returns the edit that takes it back exactly: applying that restores every table byte
/// for byte, and returns this edit again (with the ids that were given out). Errors: NotFound, Usage (ends out of
/// order or outside the recording, a name taken or empty, something still in use); then nothing has changed.
Result<Edit> apply(Project& project, const Edit& edit);

/// What an undo menu says: "Move label", "Discard recording".
QString describe(const Edit& edit);

} // namespace ember::dataset
