// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/label_copy.h"

#include "core/dataset/recorded_together.h"
#include "core/dataset/segment_edits.h"
#include "core/workflow/label_proposals.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ember::workflow {
namespace {

QString setName(const QString& name)
{
    return name.trimmed().isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : name.trimmed();
}

/// The labels of the set that is copied to, with those that are still to be made. Their numbers are given out here, so
/// that segments of the same edit can name them.
class TargetLabels
{
public:
    static Result<TargetLabels> open(const dataset::Project& project, const QString& name)
    {
        TargetLabels target;
        dataset::Database& database = project.database();
        EMBER_TRY(target.m_nextLabel, database.integer("SELECT coalesce(max(id), 0) + 1 FROM labels"));
        const auto set = project.labels().findSet(name);
        if (set) {
            target.m_set = set->id;
            EMBER_TRY(target.m_labels, project.labels().labels(set->id));
            return target;
        }
        if (set.error().kind != ErrorKind::NotFound)
            return set.error();
        EMBER_TRY(const qint64 id, database.integer("SELECT coalesce(max(id), 0) + 1 FROM label_sets"));
        target.m_set = dataset::LabelSetId{id};
        target.m_made.push_back(dataset::Edit(dataset::AddLabelSet{{target.m_set, name}}));
        return target;
    }

    dataset::LabelId idFor(const dataset::Label& source)
    {
        int free = 0;
        bool isTaken = false;
        for (const dataset::Label& label : m_labels) {
            if (label.name == source.name)
                return label.id;
            free = std::max(free, label.colour + 1);
            isTaken = isTaken || label.colour == source.colour;
        }
        const dataset::Label made{dataset::LabelId{m_nextLabel++}, m_set, source.name, isTaken ? free : source.colour};
        m_labels.push_back(made);
        m_made.push_back(dataset::Edit(dataset::AddLabel{made}));
        return made.id;
    }

    /// In the order in which they have to happen.
    const std::vector<dataset::Edit>& made() const { return m_made; }

private:
    dataset::LabelSetId m_set;
    std::vector<dataset::Label> m_labels;
    std::vector<dataset::Edit> m_made;
    qint64 m_nextLabel = 1;
};

Result<std::vector<dataset::Recording>> recordingsOf(const dataset::Project& project, const LabelCopyRequest& request)
{
    if (!request.recording.isValid())
        return namedRecordings(project, request.recordings);
    EMBER_TRY(dataset::Recording recording, project.recordings().get(request.recording));
    return std::vector{std::move(recording)};
}

bool isWanted(const LabelCopyRequest& request, const dataset::Segment& segment)
{
    return request.segments.empty() ||
           std::find(request.segments.begin(), request.segments.end(), segment.id) != request.segments.end();
}

/// The parts of the stretches that no segment covers.
std::vector<dataset::LabelledStretch> besideLabelled(const std::vector<dataset::LabelledStretch>& stretches,
                                                     const std::vector<dataset::Segment>& there)
{
    std::vector<dataset::LabelledStretch> free;
    for (const dataset::LabelledStretch& stretch : stretches) {
        for (const dataset::RowInterval& part : dataset::withoutLabelled(std::span(&stretch.rows, 1), there, 1))
            free.push_back({part, stretch.label});
    }
    return free;
}

/// What is to become segments of one recording. Only labels that are used are made.
std::vector<dataset::LabelledStretch> stretchesFor(const LabelCopyRequest& request,
                                                   const std::vector<dataset::Segment>& from,
                                                   const std::vector<dataset::Segment>& there,
                                                   const std::vector<dataset::Label>& labels, TargetLabels& target)
{
    std::vector<dataset::LabelledStretch> stretches;
    for (const dataset::Segment& segment : from) {
        if (isWanted(request, segment))
            stretches.push_back({{segment.begin, segment.end}, segment.label});
    }
    if (!request.overLabels)
        stretches = besideLabelled(stretches, there);
    for (dataset::LabelledStretch& stretch : stretches) {
        const auto source = std::find_if(labels.begin(), labels.end(),
                                         [&stretch](const dataset::Label& one) { return one.id == stretch.label; });
        if (source != labels.end()) // they are read from the same set, so it is there
            stretch.label = target.idFor(*source);
    }
    return stretches;
}

using StreamGroup = std::vector<dataset::Companion>;

/// The group that each recording is in, and its place there.
std::map<dataset::RecordingId, std::pair<const StreamGroup*, const dataset::Companion*>>
placesIn(const std::vector<StreamGroup>& groups)
{
    std::map<dataset::RecordingId, std::pair<const StreamGroup*, const dataset::Companion*>> places;
    for (const StreamGroup& group : groups) {
        for (const dataset::Companion& one : group)
            places.insert({one.recording.id, {&group, &one}});
    }
    return places;
}

/// What every recording gets from those that it was recorded with. Several of them may say the same or something else
/// of the same rows; then the first one counts, so that there are no two segments over each other.
class StreamStretches
{
public:
    explicit StreamStretches(const LabelCopyRequest& request)
        : m_request(request)
    {}

    /// Errors: Usage when a rate is unknown.
    Status add(const dataset::Recording& from, const dataset::Companion& to,
               const std::vector<dataset::Segment>& segments)
    {
        if (from.stream.rateHz <= 0 || to.recording.stream.rateHz <= 0)
            return Error(ErrorKind::Usage,
                         QStringLiteral("'%1' and '%2' cannot be lined up: a rate is not known.")
                             .arg(from.name, to.recording.name),
                         QStringLiteral("Import it again with its rate."));
        std::vector<dataset::LabelledStretch> moved;
        for (const dataset::Segment& segment : segments) {
            if (!isWanted(m_request, segment))
                continue;
            m_sources.insert_or_assign(from.id, from.name);
            const auto rows = dataset::movedRows({segment.begin, segment.end}, from.stream.rateHz, to);
            if (rows.begin < rows.end)
                moved.push_back({rows, segment.label});
        }
        std::vector<dataset::LabelledStretch>& all = m_stretches[to.recording.id];
        std::vector<dataset::Segment> before;
        for (const dataset::LabelledStretch& stretch : all)
            before.push_back({{}, to.recording.id, stretch.label, stretch.rows.begin, stretch.rows.end});
        moved = besideLabelled(moved, before);
        all.insert(all.end(), moved.begin(), moved.end());
        return {};
    }

    /// Two recordings that get each other's labels in place of their own would only swap them.
    Status refuseSourcesWrittenOver() const
    {
        for (const auto& [recording, stretches] : m_stretches) {
            const auto source = m_sources.find(recording);
            if (m_request.overLabels && source != m_sources.end() && !stretches.empty())
                return Error(ErrorKind::Usage,
                             QStringLiteral("The labels of '%1' are to be copied, and others to be copied over them.")
                                 .arg(source->second),
                             QStringLiteral("Name the one recording whose labels count."));
        }
        return {};
    }

    const std::map<dataset::RecordingId, std::vector<dataset::LabelledStretch>>& byRecording() const
    {
        return m_stretches;
    }

private:
    const LabelCopyRequest& m_request;
    std::map<dataset::RecordingId, std::vector<dataset::LabelledStretch>> m_stretches;
    std::map<dataset::RecordingId, QString> m_sources; ///< names of those that something is copied from
};

} // namespace

Result<LabelCopy> copyLabels(const dataset::Project& project, const LabelCopyRequest& request)
{
    const QString from = setName(request.from);
    const QString to = request.to.trimmed();
    if (to.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("It is not said which label set is copied to."),
                     QStringLiteral("Name it; it is made when it does not exist."));
    if (to == from)
        return Error(ErrorKind::Usage, QStringLiteral("The label set '%1' would be copied onto itself.").arg(from),
                     QStringLiteral("Name another one; it is made when it does not exist."));
    EMBER_TRY(const dataset::LabelSet source, project.labels().findSet(from));
    EMBER_TRY(const std::vector<dataset::Label> labels, project.labels().labels(source.id));
    EMBER_TRY(const std::vector<dataset::Recording> recordings, recordingsOf(project, request));
    EMBER_TRY(TargetLabels target, TargetLabels::open(project, to));
    std::vector<dataset::Edit> edits;
    qint64 made = 0;
    for (const dataset::Recording& recording : recordings) {
        EMBER_TRY(const std::vector<dataset::Segment> segments, project.labels().segments(recording.id, source.id));
        EMBER_TRY(const std::vector<dataset::Segment> there, segmentsOfSet(project, recording.id, to));
        const auto stretches = stretchesFor(request, segments, there, labels, target);
        for (dataset::Edit& edit : dataset::labelStretches(there, recording.id, stretches))
            edits.push_back(std::move(edit));
        made += static_cast<qint64>(stretches.size());
    }
    if (made == 0)
        return Error(ErrorKind::Usage, QStringLiteral("There is nothing to copy to the label set '%1'.").arg(to),
                     QStringLiteral("What it has labelled already stays as it is."));
    dataset::EditMacro macro{
        QStringLiteral("Copy %1 to '%2'")
            .arg(made == 1 ? QStringLiteral("a label") : QStringLiteral("%1 labels").arg(made), to),
        target.made()};
    macro.edits.insert(macro.edits.end(), edits.begin(), edits.end());
    return LabelCopy{dataset::Edit(std::move(macro)), made};
}

Result<LabelCopy> copyLabelsToStreams(const dataset::Project& project, const LabelCopyRequest& request)
{
    EMBER_TRY(const dataset::LabelSet set, project.labels().findSet(setName(request.from)));
    EMBER_TRY(const std::vector<dataset::Recording> recordings, recordingsOf(project, request));
    EMBER_TRY(const std::vector<StreamGroup> groups, dataset::recordingGroups(project));
    const auto places = placesIn(groups);
    StreamStretches wanted(request);
    bool hasCompanions = false;
    for (const dataset::Recording& recording : recordings) {
        const auto place = places.find(recording.id);
        if (place == places.end())
            continue;
        const auto& [group, own] = place->second;
        hasCompanions = true;
        EMBER_TRY(const std::vector<dataset::Segment> segments, project.labels().segments(recording.id, set.id));
        for (const dataset::Companion& one : *group) {
            if (one.recording.id != recording.id)
                EMBER_CHECK(wanted.add(recording, {one.recording, one.beginsAfter - own->beginsAfter}, segments));
        }
    }
    if (!hasCompanions)
        return Error(ErrorKind::Usage, QStringLiteral("No other recording was made at the same time."),
                     QStringLiteral("Record several streams of a board, or import a file beside a recording."));
    EMBER_CHECK(wanted.refuseSourcesWrittenOver());
    dataset::EditMacro macro;
    qint64 made = 0;
    for (const auto& [recording, all] : wanted.byRecording()) {
        EMBER_TRY(const std::vector<dataset::Segment> there, project.labels().segments(recording, set.id));
        const auto stretches = request.overLabels ? all : besideLabelled(all, there);
        made += static_cast<qint64>(stretches.size());
        for (dataset::Edit& edit : dataset::labelStretches(there, recording, stretches))
            macro.edits.push_back(std::move(edit));
    }
    if (made == 0)
        return Error(ErrorKind::Usage, QStringLiteral("There is nothing to copy to the streams recorded with it."),
                     QStringLiteral("What is labelled there already stays as it is."));
    macro.text = QStringLiteral("Copy labels to streams");
    return LabelCopy{dataset::Edit(std::move(macro)), made};
}

Result<LabelComparison> compareLabelSets(const dataset::Project& project, const QString& first, const QString& second,
                                         const QStringList& recordings, double leastSeconds)
{
    if (setName(first) == setName(second))
        return Error(ErrorKind::Usage, QStringLiteral("The label set '%1' agrees with itself.").arg(setName(first)),
                     QStringLiteral("Name two label sets."));
    EMBER_TRY(const dataset::LabelSet a, project.labels().findSet(setName(first)));
    EMBER_TRY(const dataset::LabelSet b, project.labels().findSet(setName(second)));
    EMBER_TRY(const std::vector<dataset::Label> labels, project.labels().labels());
    EMBER_TRY(const std::vector<dataset::Recording> all, namedRecordings(project, recordings));
    LabelComparison comparison;
    for (const dataset::Recording& recording : all) {
        EMBER_TRY(const std::vector<dataset::Segment> one, project.labels().segments(recording.id, a.id));
        EMBER_TRY(const std::vector<dataset::Segment> other, project.labels().segments(recording.id, b.id));
        const auto says = dataset::namedStretches(one, labels);
        const auto saysOther = dataset::namedStretches(other, labels);
        const qint64 least = std::max<qint64>(1, std::llround(leastSeconds * recording.stream.rateHz));
        for (dataset::Disagreement& place : dataset::disagreements(says, saysOther, least))
            comparison.places.push_back({recording.id, std::move(place)});
        dataset::addAgreement(comparison.agreement, says, saysOther);
    }
    return comparison;
}

} // namespace ember::workflow
