// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recorded_together.h"

#include "core/dataset/project.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <map>

namespace ember::dataset {
namespace {

/// The recording that all of a group are lined up with, and how long after it one began.
struct Anchor
{
    RecordingId first;
    double after = 0;
};

RecordingId linkOf(const Recording& recording)
{
    for (const char* relation : {kRecordedWith, kRecordedBeside}) {
        if (const qint64 id = recording.metadata.value(QLatin1String(relation)).toInteger(); id > 0)
            return RecordingId{id};
    }
    return {};
}

/// Metadata can be edited by hand, so that a chain may end nowhere or in itself.
Anchor anchorOf(const Recording& recording, const QHash<RecordingId, const Recording*>& all)
{
    Anchor anchor{recording.id, 0};
    const Recording* at = &recording;
    for (qsizetype steps = 0; steps <= all.size(); ++steps) {
        const Recording* next = all.value(linkOf(*at));
        const double after = at->metadata.value(QLatin1String(kBeginsAfter)).toDouble();
        if (!next || !std::isfinite(after))
            return anchor;
        anchor.after += after;
        anchor.first = next->id;
        at = next;
    }
    return {recording.id, 0};
}

} // namespace

Result<std::vector<std::vector<Companion>>> recordingGroups(const Project& project)
{
    EMBER_TRY(const std::vector<Recording> recordings, project.recordings().list());
    QHash<RecordingId, const Recording*> all;
    for (const Recording& recording : recordings)
        all.insert(recording.id, &recording);
    std::map<RecordingId, std::vector<Companion>> byAnchor;
    for (const Recording& recording : recordings) {
        const Anchor anchor = anchorOf(recording, all);
        byAnchor[anchor.first].push_back({recording, anchor.after});
    }
    std::vector<std::vector<Companion>> groups;
    for (auto& [anchor, members] : byAnchor) {
        if (members.size() > 1)
            groups.push_back(std::move(members));
    }
    return groups;
}

Result<std::vector<Companion>> recordedTogether(const Project& project, RecordingId id)
{
    EMBER_CHECK(project.recordings().get(id));
    EMBER_TRY(std::vector<std::vector<Companion>> groups, recordingGroups(project));
    for (std::vector<Companion>& group : groups) {
        const auto own =
            std::find_if(group.begin(), group.end(), [id](const Companion& one) { return one.recording.id == id; });
        if (own == group.end())
            continue;
        const double after = own->beginsAfter;
        group.erase(own);
        for (Companion& companion : group)
            companion.beginsAfter -= after;
        return std::move(group);
    }
    return std::vector<Companion>{};
}

Result<Edit> lineUp(const Project& project, RecordingId reference, RecordingId moved, double seconds)
{
    if (!(std::abs(seconds) <= kMostOffsetSeconds))
        return Error(ErrorKind::Usage, QStringLiteral("%1 s is no offset between recordings.").arg(seconds),
                     QStringLiteral("Give at most %1 s, before or after.").arg(kMostOffsetSeconds));
    EMBER_TRY(const std::vector<Companion> companions, recordedTogether(project, reference));
    const auto found = std::find_if(companions.begin(), companions.end(),
                                    [moved](const Companion& one) { return one.recording.id == moved; });
    if (found == companions.end())
        return Error(ErrorKind::Usage, QStringLiteral("These recordings were not made at the same time."),
                     QStringLiteral("Import a file beside a recording to line them up."));
    EMBER_TRY(const Recording own, project.recordings().get(reference));
    // What the reference hangs on cannot be moved without it; then it moves itself the other way.
    bool hangsOn = false;
    for (RecordingId at = linkOf(own); at.isValid() && !hangsOn;) {
        hangsOn = at == moved;
        const auto next = std::find_if(companions.begin(), companions.end(),
                                       [at](const Companion& one) { return one.recording.id == at; });
        at = next == companions.end() ? RecordingId{} : linkOf(next->recording);
    }
    const double change = seconds - found->beginsAfter;
    const Recording& changed = hangsOn ? own : found->recording;
    QJsonObject metadata = changed.metadata;
    const double before = metadata.value(QLatin1String(kBeginsAfter)).toDouble();
    metadata.insert(QLatin1String(kBeginsAfter), hangsOn ? before - change : before + change);
    return Edit(EditMacro{QStringLiteral("Line up recordings"), {Edit(SetMetadata{changed.id, metadata})}});
}

RowInterval movedRows(RowInterval rows, double rateHz, const Companion& to)
{
    const auto rowOf = [&](qint64 row) {
        const double seconds = static_cast<double>(row) / rateHz - to.beginsAfter;
        const double moved = std::round(seconds * to.recording.stream.rateHz);
        return static_cast<qint64>(std::clamp(moved, 0.0, static_cast<double>(to.recording.endRow)));
    };
    return {rowOf(rows.begin), rowOf(rows.end)};
}

} // namespace ember::dataset
