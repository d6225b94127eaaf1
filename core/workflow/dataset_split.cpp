// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/dataset_split.h"

#include "core/dataset/windows.h"

#include <QHash>
#include <QSet>

namespace ember::workflow {
namespace {

using dataset::Fold;
using dataset::SplitItem;

/// Segments of the label set; a recording without any stands as a whole, without a label.
Result<std::vector<SplitItem>> itemsOf(const dataset::Project& project,
                                       const std::vector<dataset::Recording>& recordings, const QString& labelSet)
{
    const auto set =
        project.labels().findSet(labelSet.isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : labelSet);
    if (!set && !labelSet.isEmpty())
        return set.error();
    QHash<dataset::LabelId, qint32> classes;
    std::vector<SplitItem> items;
    for (const dataset::Recording& recording : recordings) {
        std::vector<dataset::Segment> segments;
        if (set) {
            EMBER_TRY(segments, project.labels().segments(recording.id, set->id));
        }
        for (const dataset::Segment& segment : segments) {
            const qint32 label = classes.value(segment.label, static_cast<qint32>(classes.size()));
            classes.insert(segment.label, label);
            items.push_back({dataset::groupNameOf(recording), recording.id.value, segment.begin, segment.end, label});
        }
        if (segments.empty())
            items.push_back({dataset::groupNameOf(recording), recording.id.value, 0, recording.endRow, -1});
    }
    return items;
}

QSet<qint64> recordingsOf(const std::vector<SplitItem>& items, const std::vector<qsizetype>& side)
{
    QSet<qint64> ids;
    for (const qsizetype index : side)
        ids.insert(items[static_cast<std::size_t>(index)].recording);
    return ids;
}

double secondsOf(const std::vector<SplitItem>& items, const std::vector<qsizetype>& side,
                 const QHash<qint64, double>& rates)
{
    double seconds = 0;
    for (const qsizetype index : side) {
        const SplitItem& item = items[static_cast<std::size_t>(index)];
        if (const double rate = rates.value(item.recording); rate > 0)
            seconds += static_cast<double>(item.end - item.begin) / rate;
    }
    return seconds;
}

// Every recording is on both sides; where it is cut is decided for the windows, when there are any.
Result<SplitReport> splitByTime(const dataset::Project& project, const std::vector<dataset::Recording>& recordings,
                                dataset::StoredSplit stored)
{
    if (!(stored.testShare > 0 && stored.testShare < 1))
        return Error(ErrorKind::Usage,
                     QStringLiteral("A test share of %1 leaves one side empty.").arg(stored.testShare),
                     QStringLiteral("Give a share between 0 and 1, such as 0.25."));
    SplitReport report;
    report.name = stored.name;
    QSet<QString> groups;
    for (const dataset::Recording& recording : recordings) {
        stored.train.push_back(recording.id);
        groups.insert(dataset::groupNameOf(recording));
        report.trainSeconds += recording.durationSeconds() * (1 - stored.testShare);
        report.testSeconds += recording.durationSeconds() * stored.testShare;
    }
    stored.test = stored.train;
    EMBER_CHECK(project.splits().put(stored));
    report.train = report.test = static_cast<qint64>(stored.train.size());
    report.trainGroups = QStringList(groups.cbegin(), groups.cend());
    report.trainGroups.sort();
    report.testGroups = report.trainGroups;
    return report;
}

} // namespace

Result<SplitReport> splitProject(const SplitRequest& request)
{
    EMBER_TRY(dataset::Project project, dataset::Project::open(request.project));
    EMBER_TRY(const std::vector<dataset::Recording> recordings, project.recordings().list());
    EMBER_TRY(const std::vector<SplitItem> items, itemsOf(project, recordings, request.labelSet));
    dataset::StoredSplit stored;
    stored.name = request.name;
    stored.method = dataset::splitMethodName(request.method);
    stored.testShare = request.testShare;
    stored.seed = request.seed;
    stored.created = QDateTime::currentDateTimeUtc();
    SplitReport report;
    report.name = request.name;
    QHash<qint64, double> rates;
    for (const dataset::Recording& recording : recordings)
        rates.insert(recording.id.value, recording.stream.rateHz);

    if (request.method == dataset::SplitMethod::Time)
        return splitByTime(project, recordings, std::move(stored));
    EMBER_TRY(const Fold fold, dataset::holdOut(items, request.method, request.testShare, request.seed));
    const QSet<qint64> train = recordingsOf(items, fold.train);
    const QSet<qint64> test = recordingsOf(items, fold.test);
    for (const dataset::Recording& recording : recordings) {
        if (train.contains(recording.id.value))
            stored.train.push_back(recording.id);
        if (test.contains(recording.id.value))
            stored.test.push_back(recording.id);
    }
    EMBER_CHECK(project.splits().put(stored));
    report.train = static_cast<qint64>(stored.train.size());
    report.test = static_cast<qint64>(stored.test.size());
    report.trainSeconds = secondsOf(items, fold.train, rates);
    report.testSeconds = secondsOf(items, fold.test, rates);
    report.trainGroups = fold.trainGroups;
    report.testGroups = fold.testGroups;
    return report;
}

Result<Fold> storedFold(const dataset::Project& project, const QString& name, const std::vector<SplitItem>& items)
{
    EMBER_TRY(const dataset::StoredSplit stored, project.splits().find(name));
    EMBER_TRY(const dataset::SplitMethod method, dataset::splitMethodFromName(stored.method));
    if (method == dataset::SplitMethod::Time)
        return dataset::holdOut(items, method, stored.testShare, stored.seed);
    QSet<qint64> test;
    QSet<qint64> known;
    for (const dataset::RecordingId id : stored.test)
        test.insert(id.value);
    for (const dataset::RecordingId id : stored.train)
        known.insert(id.value);
    QSet<QString> testGroups;
    for (const SplitItem& item : items) {
        if (test.contains(item.recording))
            testGroups.insert(item.group);
    }
    Fold fold;
    fold.mixesGroups = method != dataset::SplitMethod::Group;
    QSet<QString> trainSide;
    QSet<QString> testSide;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool isNew = !known.contains(items[i].recording) && !test.contains(items[i].recording);
        const bool isTest = isNew ? testGroups.contains(items[i].group) : test.contains(items[i].recording);
        (isTest ? fold.test : fold.train).push_back(static_cast<qsizetype>(i));
        (isTest ? testSide : trainSide).insert(items[i].group);
    }
    fold.trainGroups = QStringList(trainSide.cbegin(), trainSide.cend());
    fold.testGroups = QStringList(testSide.cbegin(), testSide.cend());
    fold.trainGroups.sort();
    fold.testGroups.sort();
    if (fold.train.empty() || fold.test.empty())
        return Error(ErrorKind::Usage, QStringLiteral("One side of the split '%1' is empty.").arg(name),
                     QStringLiteral("Split again: emberlab split --project ..."));
    return fold;
}

} // namespace ember::workflow
