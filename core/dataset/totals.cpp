// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/totals.h"

#include "core/dataset/project.h"
#include "core/dataset/recording_reader.h"

#include <QHash>

#include <algorithm>
#include <map>

namespace ember::dataset {
namespace {

/// Rows that the intervals cover, each once. `rows` are by begin.
qint64 rowsCovered(const std::vector<RowInterval>& rows)
{
    qint64 covered = 0, end = 0;
    for (const RowInterval& interval : rows) {
        covered += std::max<qint64>(0, interval.end - std::max(end, interval.begin));
        end = std::max(end, interval.end);
    }
    return covered;
}

} // namespace

Result<DatasetTotals> totalsOf(const Project& project)
{
    DatasetTotals totals;
    EMBER_TRY(const std::vector<LabelSet> sets, project.labels().sets());
    EMBER_TRY(const std::vector<Label> labels, project.labels().labels());
    QHash<LabelId, std::size_t> place;
    for (const Label& label : labels) {
        const auto set = std::find_if(sets.begin(), sets.end(), [&](const LabelSet& s) { return s.id == label.set; });
        place.insert(label.id, totals.labels.size());
        totals.labels.push_back({set == sets.end() ? QString() : set->name, label, 0, 0, 0});
    }
    EMBER_TRY(const std::vector<Segment> segments, project.labels().segments());
    std::map<RecordingId, std::vector<Segment>> byRecording;
    for (const Segment& segment : segments)
        byRecording[segment.recording].push_back(segment);

    EMBER_TRY(const std::vector<Recording> recordings, project.recordings().list());
    std::map<QString, GroupTotal> groups;
    std::map<QString, std::vector<RecordingId>> byHash;
    for (const Recording& recording : recordings) {
        GroupTotal& group = groups[recording.group.name];
        group.name = recording.group.name;
        ++group.recordings;
        group.seconds += recording.durationSeconds();
        if (!recording.contentHash.isEmpty() && recording.rowCount > 0)
            byHash[recording.contentHash].push_back(recording.id);
        const double rate = recording.stream.rateHz;
        std::map<LabelId, std::vector<RowInterval>> ofLabel;
        std::vector<RowInterval> any;
        for (const Segment& segment : byRecording[recording.id]) {
            ofLabel[segment.label].push_back({segment.begin, segment.end});
            any.push_back({segment.begin, segment.end});
            ++totals.labels[place.value(segment.label)].segments;
        }
        for (const auto& [label, rows] : ofLabel) {
            LabelTotal& total = totals.labels[place.value(label)];
            total.rows += rowsCovered(rows);
            total.seconds += rate > 0 ? static_cast<double>(rowsCovered(rows)) / rate : 0.0;
        }
        group.labelledSeconds += rate > 0 ? static_cast<double>(rowsCovered(any)) / rate : 0.0;
    }
    for (auto& [name, group] : groups)
        totals.groups.push_back(std::move(group));
    for (auto& [hash, same] : byHash) {
        if (same.size() > 1)
            totals.duplicates.push_back(std::move(same));
    }
    return totals;
}

} // namespace ember::dataset
