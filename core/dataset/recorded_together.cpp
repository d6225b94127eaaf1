// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/recorded_together.h"

#include "core/dataset/project.h"

#include <QHash>

#include <algorithm>
#include <cmath>

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

Result<std::vector<Companion>> recordedTogether(const Project& project, RecordingId id)
{
    EMBER_TRY(const std::vector<Recording> recordings, project.recordings().list());
    QHash<RecordingId, const Recording*> all;
    for (const Recording& recording : recordings)
        all.insert(recording.id, &recording);
    std::vector<Companion> companions;
    if (!all.contains(id)) { // discarded ones are shown too, alone
        EMBER_CHECK(project.recordings().get(id));
        return companions;
    }
    const Anchor own = anchorOf(*all.value(id), all);
    for (const Recording& recording : recordings) {
        const Anchor anchor = anchorOf(recording, all);
        if (recording.id != id && anchor.first == own.first)
            companions.push_back({recording, anchor.after - own.after});
    }
    return companions;
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
