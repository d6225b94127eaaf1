// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recording_edits.h"

#include "core/base/quantity.h"

#include <QJsonArray>

#include <functional>

namespace ember::dataset {
namespace {

const QString kTags = QStringLiteral("tags");

Error wordMissing(const QString& what)
{
    return Error(ErrorKind::Usage, QStringLiteral("A %1 needs a name.").arg(what));
}

Result<Edit> together(const QString& text, std::vector<Edit> edits)
{
    if (edits.empty())
        return Error(ErrorKind::Usage, QStringLiteral("Nothing would change."));
    const QString count = countOf(static_cast<qint64>(edits.size()), QStringLiteral("recording"));
    return Edit(EditMacro{text.arg(count), std::move(edits)});
}

/// Gives each recording the metadata that `change` makes of its own.
Result<Edit> changeMetadata(std::span<const Recording> recordings, const QString& text,
                            const std::function<QJsonObject(const Recording&)>& change)
{
    std::vector<Edit> edits;
    for (const Recording& recording : recordings) {
        QJsonObject metadata = change(recording);
        if (metadata != recording.metadata)
            edits.push_back(Edit(SetMetadata{recording.id, std::move(metadata)}));
    }
    return together(text, std::move(edits));
}

QJsonObject withTags(const Recording& recording, QStringList tags)
{
    QJsonObject metadata = recording.metadata;
    tags.sort();
    if (tags.isEmpty())
        metadata.remove(kTags);
    else
        metadata.insert(kTags, QJsonArray::fromStringList(tags));
    return metadata;
}

} // namespace

QStringList tagsOf(const Recording& recording)
{
    QStringList tags;
    for (const QJsonValue& value : recording.metadata.value(kTags).toArray()) {
        if (!value.toString().isEmpty())
            tags << value.toString();
    }
    tags.sort();
    tags.removeDuplicates();
    return tags;
}

Result<Edit> addTag(std::span<const Recording> recordings, const QString& tag)
{
    const QString word = tag.trimmed();
    if (word.isEmpty())
        return wordMissing(QStringLiteral("tag"));
    return changeMetadata(recordings, QStringLiteral("Tag %1"), [&word](const Recording& recording) {
        const QStringList tags = tagsOf(recording);
        return tags.contains(word) ? recording.metadata : withTags(recording, tags + QStringList{word});
    });
}

Result<Edit> removeTag(std::span<const Recording> recordings, const QString& tag)
{
    const QString word = tag.trimmed();
    return changeMetadata(recordings, QStringLiteral("Take the tag from %1"), [&word](const Recording& recording) {
        QStringList tags = tagsOf(recording);
        return tags.removeAll(word) > 0 ? withTags(recording, tags) : recording.metadata;
    });
}

Result<Edit> setGroupOf(std::span<const Recording> recordings, const QString& name)
{
    std::vector<Edit> edits;
    for (const Recording& recording : recordings) {
        if (recording.group.name != name.trimmed())
            edits.push_back(Edit(SetGroup{recording.id, {name.trimmed(), recording.group.kind}}));
    }
    return together(QStringLiteral("Group %1"), std::move(edits));
}

Result<Edit> setField(std::span<const Recording> recordings, const QString& key, const QString& value)
{
    const QString name = key.trimmed();
    if (name.isEmpty() || name == kTags)
        return wordMissing(QStringLiteral("field"));
    return changeMetadata(recordings, QStringLiteral("Set a field of %1"), [&](const Recording& recording) {
        QJsonObject metadata = recording.metadata;
        if (value.isEmpty())
            metadata.remove(name);
        else
            metadata.insert(name, value);
        return metadata;
    });
}

Result<Edit> setTrashed(std::span<const Recording> recordings, bool trashed)
{
    std::vector<Edit> edits;
    for (const Recording& recording : recordings) {
        if (recording.trashed != trashed)
            edits.push_back(Edit(TrashRecording{recording.id, trashed}));
    }
    return together(trashed ? QStringLiteral("Discard %1") : QStringLiteral("Restore %1"), std::move(edits));
}

QStringList fieldsOf(std::span<const Recording> recordings)
{
    QStringList fields;
    for (const Recording& recording : recordings) {
        for (auto at = recording.metadata.constBegin(); at != recording.metadata.constEnd(); ++at) {
            if (!at->isArray() && !at->isObject() && !at->isNull() && !fields.contains(at.key()))
                fields << at.key();
        }
    }
    fields.sort();
    return fields;
}

} // namespace ember::dataset
