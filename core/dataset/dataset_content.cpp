// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset_content.h"

#include "core/base/content_hash.h"
#include "core/base/packed.h"
#include "core/dataset/project.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <tuple>

namespace ember::dataset {
namespace {

constexpr qint64 kMostPackedBytes = 512 << 20; ///< of the JSON; some ten million segments

/// Names of a label by id: what a segment means, whatever its numbers are.
struct LabelName
{
    QString set;
    QString label;
};

Result<QHash<LabelId, LabelName>> namesOfLabels(const Project& project)
{
    QHash<LabelSetId, QString> sets;
    EMBER_TRY(const auto allSets, project.labels().sets());
    for (const LabelSet& set : allSets)
        sets.insert(set.id, set.name);
    QHash<LabelId, LabelName> names;
    EMBER_TRY(const auto labels, project.labels().labels());
    for (const Label& label : labels)
        names.insert(label.id, {sets.value(label.set), label.name});
    return names;
}

Result<ContentRecording> contentOf(const Project& project, const Recording& recording,
                                   const QHash<LabelId, LabelName>& names)
{
    if (recording.contentHash.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is being recorded.").arg(recording.name),
                     QStringLiteral("Finish the recording first."));
    ContentRecording content{recording.id,
                             recording.name,
                             recording.contentHash,
                             recording.group.name,
                             recording.endRow,
                             recording.stream.rateHz,
                             {}};
    EMBER_TRY(const auto segments, project.labels().segments(recording.id));
    for (const Segment& segment : segments) {
        const LabelName name = names.value(segment.label);
        content.segments.push_back({segment.begin, segment.end, name.set, name.label});
    }
    std::sort(content.segments.begin(), content.segments.end());
    return content;
}

QJsonObject toJson(const ContentRecording& recording)
{
    QJsonArray segments;
    for (const ContentSegment& segment : recording.segments)
        segments.append(QJsonArray{segment.begin, segment.end, segment.set, segment.label});
    return {{QStringLiteral("id"), recording.id.value}, {QStringLiteral("name"), recording.name},
            {QStringLiteral("hash"), recording.hash},   {QStringLiteral("group"), recording.group},
            {QStringLiteral("rows"), recording.rows},   {QStringLiteral("rate"), recording.rateHz},
            {QStringLiteral("segments"), segments}};
}

ContentRecording recordingFrom(const QJsonObject& json)
{
    ContentRecording recording;
    recording.id = RecordingId{json.value(QStringLiteral("id")).toInteger()};
    recording.name = json.value(QStringLiteral("name")).toString();
    recording.hash = json.value(QStringLiteral("hash")).toString();
    recording.group = json.value(QStringLiteral("group")).toString();
    recording.rows = json.value(QStringLiteral("rows")).toInteger();
    recording.rateHz = json.value(QStringLiteral("rate")).toDouble();
    for (const QJsonValue& value : json.value(QStringLiteral("segments")).toArray()) {
        const QJsonArray fields = value.toArray();
        recording.segments.push_back(
            {fields.at(0).toInteger(), fields.at(1).toInteger(), fields.at(2).toString(), fields.at(3).toString()});
    }
    std::sort(recording.segments.begin(), recording.segments.end());
    return recording;
}

QString hashOf(const ContentRecording& recording)
{
    ContentHash hash;
    hash.add(recording.hash).add(recording.group).add(static_cast<qint64>(recording.segments.size()));
    for (const ContentSegment& segment : recording.segments)
        hash.add(segment.begin).add(segment.end).add(segment.set).add(segment.label);
    return hash.hex();
}

} // namespace

bool operator<(const ContentSegment& a, const ContentSegment& b)
{
    return std::tie(a.begin, a.end, a.set, a.label) < std::tie(b.begin, b.end, b.set, b.label);
}

Result<DatasetContent> datasetContent(const Project& project, const std::vector<RecordingId>& recordings)
{
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(project.database()));
    EMBER_TRY(const auto names, namesOfLabels(project));
    EMBER_TRY(const auto all, project.recordings().list(true));
    DatasetContent content;
    for (const Recording& recording : all) {
        const bool named = std::find(recordings.begin(), recordings.end(), recording.id) != recordings.end();
        if (recordings.empty() ? recording.trashed : !named)
            continue;
        EMBER_TRY(ContentRecording one, contentOf(project, recording, names));
        content.recordings.push_back(std::move(one));
    }
    return content;
}

QString hashOf(const DatasetContent& content)
{
    QStringList hashes;
    for (const ContentRecording& recording : content.recordings)
        hashes << hashOf(recording);
    hashes.sort();
    ContentHash whole;
    for (const QString& hash : hashes)
        whole.add(hash);
    return whole.hex();
}

QByteArray packContent(const DatasetContent& content)
{
    QJsonArray recordings;
    for (const ContentRecording& recording : content.recordings)
        recordings.append(toJson(recording));
    return pack(QJsonDocument(QJsonObject{{QStringLiteral("recordings"), recordings}}).toJson(QJsonDocument::Compact));
}

Result<DatasetContent> unpackContent(const QByteArray& bytes)
{
    const Error bad(ErrorKind::BadData, QStringLiteral("A version of the data set in the project file is damaged."),
                    QStringLiteral("Remove it and keep a new one."));
    const Result<QByteArray> json = unpack(bytes, kMostPackedBytes);
    const QJsonDocument document = json ? QJsonDocument::fromJson(*json) : QJsonDocument();
    if (!document.isObject())
        return bad;
    DatasetContent content;
    for (const QJsonValue& value : document.object().value(QStringLiteral("recordings")).toArray())
        content.recordings.push_back(recordingFrom(value.toObject()));
    return content;
}

} // namespace ember::dataset
