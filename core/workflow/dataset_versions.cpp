// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/dataset_versions.h"

#include "core/base/quantity.h"

namespace ember::workflow {
namespace {

QString placeText(const dataset::ContentSegment& segment, double rateHz)
{
    if (rateHz <= 0)
        return QStringLiteral("rows %1 to %2").arg(segment.begin).arg(segment.end);
    const auto seconds = [rateHz](qint64 row) { return QString::number(static_cast<double>(row) / rateHz, 'f', 2); };
    return QStringLiteral("%1 to %2 s").arg(seconds(segment.begin), seconds(segment.end));
}

QString segmentText(const dataset::ContentSegment& segment, double rateHz)
{
    return QStringLiteral("%1 (%2) %3").arg(segment.label, segment.set, placeText(segment, rateHz));
}

QString recordingText(const dataset::ContentRecording& recording)
{
    return QStringLiteral("%1: %2 rows, %3")
        .arg(recording.name, formatCount(recording.rows),
             countOf(static_cast<qint64>(recording.segments.size()), QStringLiteral("segment")));
}

void describeChange(const dataset::RecordingChange& change, QStringList& lines)
{
    const double rate = change.after.rateHz;
    lines << QStringLiteral("~ %1").arg(change.after.name);
    if (change.isRenamed())
        lines << QStringLiteral("    was called %1").arg(change.before.name);
    if (change.isRegrouped())
        lines << QStringLiteral("    group: '%1' became '%2'").arg(change.before.group, change.after.group);
    for (const dataset::ContentSegment& segment : change.added)
        lines << QStringLiteral("    + %1").arg(segmentText(segment, rate));
    for (const dataset::ContentSegment& segment : change.removed)
        lines << QStringLiteral("    - %1").arg(segmentText(segment, rate));
    for (const dataset::SegmentChange& one : change.changed)
        lines << QStringLiteral("    ~ %1 became %2").arg(segmentText(one.before, rate), segmentText(one.after, rate));
}

} // namespace

Result<std::vector<DatasetVersion>> datasetVersions(const dataset::Project& project)
{
    EMBER_TRY(const std::vector<dataset::Snapshot> kept, dataset::SnapshotTable(project.database()).list());
    EMBER_TRY(const std::vector<dataset::Run> runs, project.runs().list());
    // While something is being recorded, no version is that of now.
    const auto now = dataset::datasetContent(project);
    const QString hash = now ? dataset::hashOf(*now) : QString();
    std::vector<DatasetVersion> versions;
    for (const dataset::Snapshot& snapshot : kept) {
        DatasetVersion version{snapshot, {}, snapshot.hash == hash};
        for (const dataset::Run& run : runs) {
            if (run.datasetHash == snapshot.hash)
                version.runs << run.name;
        }
        versions.push_back(std::move(version));
    }
    return versions;
}

Result<dataset::DatasetContent> contentOfVersion(const dataset::Project& project, const QString& name)
{
    if (name == QLatin1String("now"))
        return dataset::datasetContent(project);
    const dataset::SnapshotTable versions(project.database());
    QString wanted = name;
    if (name.startsWith(QLatin1String("run:"))) {
        bool isNumber = false;
        const dataset::RunId id{name.mid(4).toLongLong(&isNumber)};
        if (!isNumber)
            return Error(ErrorKind::Usage, QStringLiteral("'%1' names no run.").arg(name),
                         QStringLiteral("Give its number: run:3."));
        EMBER_TRY(const dataset::Run run, project.runs().get(id));
        wanted = run.datasetHash;
    }
    EMBER_TRY(const dataset::Snapshot snapshot, versions.find(wanted));
    return versions.content(snapshot.id);
}

QStringList describe(const dataset::DatasetDiff& diff)
{
    if (diff.isEmpty())
        return {QStringLiteral("Nothing has changed: %1.").arg(countOf(diff.same, QStringLiteral("recording")))};
    QStringList lines;
    for (const dataset::ContentRecording& recording : diff.added)
        lines << QStringLiteral("+ %1").arg(recordingText(recording));
    for (const dataset::ContentRecording& recording : diff.removed)
        lines << QStringLiteral("- %1").arg(recordingText(recording));
    for (const dataset::RecordingChange& change : diff.changed)
        describeChange(change, lines);
    lines << QStringLiteral(
                 "Recordings: %1 added, %2 removed, %3 changed, %4 the same. Segments: %5 added, %6 removed, "
                 "%7 changed.")
                 .arg(diff.added.size())
                 .arg(diff.removed.size())
                 .arg(diff.changed.size())
                 .arg(diff.same)
                 .arg(diff.segmentsAdded())
                 .arg(diff.segmentsRemoved())
                 .arg(diff.segmentsChanged());
    return lines;
}

} // namespace ember::workflow
