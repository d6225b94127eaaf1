// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/label_suggestions.h"

#include "core/workflow/window_opinions.h"

#include <QHash>

#include <algorithm>
#include <tuple>

namespace ember::workflow {
namespace {

using dataset::RowInterval;

/// Labels of the recording's rows by name.
struct Labelled
{
    RowInterval rows;
    QString label;
};

Result<std::vector<Labelled>> labelledRows(const dataset::Project& project, dataset::RecordingId recording,
                                           const QString& labelSet)
{
    EMBER_TRY(const std::vector<dataset::Segment> segments, segmentsOfSet(project, recording, labelSet));
    QHash<dataset::LabelId, QString> names;
    EMBER_TRY(const std::vector<dataset::Label> labels, project.labels().labels());
    for (const dataset::Label& label : labels)
        names.insert(label.id, label.name);
    std::vector<Labelled> labelled;
    for (const dataset::Segment& segment : segments)
        labelled.push_back({{segment.begin, segment.end}, names.value(segment.label)});
    return labelled;
}

/// Cuts a stretch where what is labelled begins and ends, and says of each part what it is labelled now.
std::vector<Labelled> partsBesideLabels(RowInterval stretch, const QString& label,
                                        const std::vector<Labelled>& labelled)
{
    std::vector<const Labelled*> near;
    std::vector<qint64> cuts{stretch.begin, stretch.end};
    for (const Labelled& one : labelled) {
        if (one.rows.begin >= stretch.end || one.rows.end <= stretch.begin)
            continue;
        near.push_back(&one);
        cuts.push_back(std::max(one.rows.begin, stretch.begin));
        cuts.push_back(std::min(one.rows.end, stretch.end));
    }
    std::sort(cuts.begin(), cuts.end());
    std::vector<Labelled> parts;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const RowInterval part{cuts[i], cuts[i + 1]};
        if (part.begin == part.end)
            continue;
        QString current;
        for (const Labelled* one : near) {
            if (one->rows.begin <= part.begin && one->rows.end >= part.end && current != label)
                current = one->label;
        }
        if (!parts.empty() && parts.back().rows.end == part.begin && parts.back().label == current)
            parts.back().rows.end = part.end;
        else
            parts.push_back({part, current});
    }
    std::erase_if(parts, [&label](const Labelled& part) { return part.label == label; });
    return parts;
}

/// The windows of one recording after the other become proposals.
class Proposer
{
public:
    Proposer(const dataset::Project& project, const SuggestionRequest& request, const dataset::WindowSpec& spec,
             const QStringList& classes)
        : m_project(project)
        , m_request(request)
        , m_spec(spec)
        , m_classes(classes)
    {}

    Status add(dataset::RecordingId recording, std::span<const WindowOpinion> windows)
    {
        EMBER_TRY(const std::vector<Labelled> labelled, labelledRows(m_project, recording, m_request.labelSet));
        for (const OpinionStretch& stretch : joinOpinions(windows, m_spec.rows, m_spec.hop)) {
            const QString label = m_classes.value(stretch.label);
            const bool wanted = m_request.onlyLabel.isEmpty() || m_request.onlyLabel == label;
            if (!wanted || stretch.confidence < m_request.leastConfidence)
                continue;
            for (const Labelled& part : partsBesideLabels(stretch.rows, label, labelled)) {
                const bool disagrees = !part.label.isEmpty();
                const qint64 least = disagrees ? m_spec.rows : std::min(m_spec.hop, m_spec.rows);
                if (part.rows.end - part.rows.begin < least || (disagrees && !m_request.disagreements))
                    continue;
                proposals.push_back({recording, part.rows.begin, part.rows.end, label, stretch.confidence, part.label});
            }
        }
        return {};
    }

    std::vector<LabelProposal> proposals;

private:
    const dataset::Project& m_project;
    const SuggestionRequest& m_request;
    dataset::WindowSpec m_spec;
    QStringList m_classes;
};

} // namespace

std::vector<OpinionStretch> joinOpinions(std::span<const WindowOpinion> windows, qint64 rows, qint64 hop)
{
    std::vector<OpinionStretch> stretches;
    const qint64 lead = std::max<qint64>(0, (rows - hop) / 2);
    double sum = 0;
    qint64 count = 0;
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const WindowOpinion& window = windows[i];
        const bool follows = i > 0 && hop <= rows && windows[i - 1].begin + hop == window.begin;
        const bool leads = i + 1 < windows.size() && hop <= rows && window.begin + hop == windows[i + 1].begin;
        const RowInterval own{follows ? window.begin + lead : window.begin,
                              leads ? window.begin + hop + lead : window.begin + rows};
        if (window.label < 0)
            continue;
        if (follows && !stretches.empty() && stretches.back().label == window.label &&
            stretches.back().rows.end == own.begin) {
            stretches.back().rows.end = own.end;
        } else {
            stretches.push_back({own, window.label, 0});
            sum = 0;
            count = 0;
        }
        sum += window.confidence;
        stretches.back().confidence = sum / static_cast<double>(++count);
    }
    return stretches;
}

Result<Suggestions> suggestLabels(const dataset::Project& project, const SuggestionRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const Opinions opinions, request.source == SuggestionSource::Model
                                           ? opinionsOfModel(project, request, hooks)
                                           : opinionsOfNeighbours(project, request, hooks));
    Suggestions suggestions;
    suggestions.windows = static_cast<qint64>(opinions.windows.size());
    suggestions.unlike = opinions.unlike;
    suggestions.by = opinions.by;
    Proposer proposer(project, request, opinions.spec, opinions.classNames);
    for (std::size_t begin = 0; begin < opinions.windows.size();) {
        std::size_t end = begin;
        std::vector<WindowOpinion> ofOne;
        const dataset::RecordingId recording = opinions.recordings[begin];
        for (; end < opinions.windows.size() && opinions.recordings[end] == recording; ++end)
            ofOne.push_back(opinions.windows[end]);
        EMBER_CHECK(proposer.add(recording, ofOne));
        begin = end;
    }
    suggestions.proposals = std::move(proposer.proposals);
    std::sort(suggestions.proposals.begin(), suggestions.proposals.end(),
              [](const LabelProposal& a, const LabelProposal& b) {
                  return std::tie(a.confidence, a.recording, a.begin) < std::tie(b.confidence, b.recording, b.begin);
              });
    return suggestions;
}

} // namespace ember::workflow
