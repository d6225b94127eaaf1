// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset_hash.h"

#include "core/base/content_hash.h"
#include "core/dataset/project.h"
#include "core/dataset/sample_hash.h"

#include <QHash>

#include <algorithm>
#include <tuple>

namespace ember::dataset {
namespace {

/// Names of a label by id: what a segment means, whatever its numbers are.
struct LabelName
{
    QString set;
    QString label;
};

Result<QHash<qint64, LabelName>> labelNames(const Project& project)
{
    QHash<qint64, QString> sets;
    EMBER_TRY(const auto allSets, project.labels().sets());
    for (const LabelSet& set : allSets)
        sets.insert(set.id.value, set.name);
    QHash<qint64, LabelName> names;
    EMBER_TRY(const auto labels, project.labels().labels());
    for (const Label& label : labels)
        names.insert(label.id.value, {sets.value(label.set.value), label.name});
    return names;
}

Result<QString> hashOfRecording(const Project& project, const Recording& recording,
                                const QHash<qint64, LabelName>& names)
{
    if (recording.contentHash.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is being recorded.").arg(recording.name),
                     QStringLiteral("Finish the recording first."));
    EMBER_TRY(const auto segments, project.labels().segments(recording.id));
    using Entry = std::tuple<qint64, qint64, QString, QString>;
    std::vector<Entry> entries;
    for (const Segment& segment : segments) {
        const LabelName name = names.value(segment.label.value);
        entries.emplace_back(segment.begin, segment.end, name.set, name.label);
    }
    std::sort(entries.begin(), entries.end());
    ContentHash hash;
    hash.add(recording.contentHash).add(recording.group.name).add(static_cast<qint64>(entries.size()));
    for (const auto& [begin, end, set, label] : entries)
        hash.add(begin).add(end).add(set).add(label);
    return hash.hex();
}

} // namespace

Result<QString> datasetHash(const Project& project, const std::vector<RecordingId>& recordings)
{
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(project.database()));
    EMBER_TRY(const auto names, labelNames(project));
    EMBER_TRY(auto all, project.recordings().list(true));
    QStringList hashes;
    for (const Recording& recording : all) {
        const bool named = std::find(recordings.begin(), recordings.end(), recording.id) != recordings.end();
        if (recordings.empty() ? recording.trashed : !named)
            continue;
        EMBER_TRY(const QString hash, hashOfRecording(project, recording, names));
        hashes << hash;
    }
    hashes.sort();
    ContentHash whole;
    for (const QString& hash : hashes)
        whole.add(hash);
    return whole.hex();
}

Result<QString> recordingHash(const Project& project, RecordingId id)
{
    EMBER_TRY(const Recording recording, project.recordings().get(id));
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(project.database()));
    return detail::hashSamples(project.database(), id, recording.stream);
}

} // namespace ember::dataset
