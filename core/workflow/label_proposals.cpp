// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/label_proposals.h"

#include "core/dataset/segment_edits.h"

#include <map>

namespace ember::workflow {

Result<std::vector<dataset::Segment>> segmentsOfSet(const dataset::Project& project, dataset::RecordingId recording,
                                                    const QString& labelSet)
{
    const QString name = labelSet.isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : labelSet;
    const auto set = project.labels().findSet(name);
    if (!set && set.error().kind == ErrorKind::NotFound)
        return std::vector<dataset::Segment>{};
    if (!set)
        return set.error();
    return project.labels().segments(recording, set->id);
}

Result<std::vector<dataset::Recording>> namedRecordings(const dataset::Project& project, const QStringList& names)
{
    if (names.isEmpty())
        return project.recordings().list();
    std::vector<dataset::Recording> recordings;
    for (const QString& name : names) {
        EMBER_TRY(dataset::Recording recording, project.recordings().find(name));
        recordings.push_back(std::move(recording));
    }
    return recordings;
}

Result<dataset::Edit> acceptProposals(const dataset::Project& project, const std::vector<LabelProposal>& proposals,
                                      const QString& labelSet, bool overLabels)
{
    std::map<dataset::RecordingId, std::vector<const LabelProposal*>> byRecording;
    for (const LabelProposal& proposal : proposals) {
        if (proposal.label.isEmpty())
            return Error(ErrorKind::Usage, QStringLiteral("It is not said which label the stretches get."),
                         QStringLiteral("Choose a label first."));
        byRecording[proposal.recording].push_back(&proposal);
    }
    dataset::EditMacro macro;
    macro.text = proposals.size() == 1 ? QStringLiteral("Label stretch")
                                       : QStringLiteral("Label %1 stretches").arg(proposals.size());
    for (const auto& [recording, wanted] : byRecording) {
        EMBER_TRY(const std::vector<dataset::Segment> segments, segmentsOfSet(project, recording, labelSet));
        std::vector<dataset::LabelledStretch> stretches;
        for (const LabelProposal* proposal : wanted) {
            const dataset::RowInterval rows{proposal->begin, proposal->end};
            std::vector<dataset::RowInterval> parts{rows};
            if (!overLabels && proposal->current.isEmpty())
                parts = dataset::withoutLabelled(parts, segments, 1);
            if (parts.empty())
                continue;
            EMBER_TRY(const dataset::Label label, project.labels().ensureLabel(labelSet, proposal->label));
            for (const dataset::RowInterval& part : parts)
                stretches.push_back({part, label.id});
        }
        for (dataset::Edit& edit : dataset::labelStretches(segments, recording, stretches))
            macro.edits.push_back(std::move(edit));
    }
    if (macro.edits.empty())
        return Error(ErrorKind::Usage, QStringLiteral("There is nothing left to label."),
                     QStringLiteral("Look with other settings."));
    return dataset::Edit(std::move(macro));
}

} // namespace ember::workflow
