// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/checks.h"

#include "core/dataset/label_checks.h"
#include "core/dataset/project.h"
#include "core/dataset/sample_checks.h"

#include <QHash>

#include <algorithm>

namespace ember::dataset {
namespace {

/// The same samples twice, and recordings that cannot go into one data set.
void checkAgainstEachOther(const std::vector<Recording>& recordings, std::vector<Finding>& findings)
{
    QHash<QString, const Recording*> seen;
    for (const Recording& recording : recordings) {
        if (recording.contentHash.isEmpty())
            continue;
        const Recording* first = seen.value(recording.contentHash, nullptr);
        if (!first) {
            seen.insert(recording.contentHash, &recording);
            continue;
        }
        const bool leaks = first->group.name != recording.group.name;
        findings.push_back({leaks ? Severity::Error : Severity::Warning, QStringLiteral("duplicate"),
                            QStringLiteral("The samples are those of '%1'%2. Discard one of them.")
                                .arg(first->name, leaks ? QStringLiteral(", under another group, so a split would not "
                                                                         "keep them together")
                                                        : QString()),
                            recording.id, recording.name, 0, recording.endRow});
    }
    for (const Recording& recording : recordings) {
        const QString difference = layoutDifference(recording.stream, recordings.front().stream);
        if (!difference.isEmpty())
            findings.push_back(
                {Severity::Info, QStringLiteral("layout"),
                 QStringLiteral("It does not fit to '%1', so they cannot be windows of one data set: %2.")
                     .arg(recordings.front().name, difference),
                 recording.id, recording.name, 0, 0});
    }
}

} // namespace

QString severityName(Severity severity)
{
    switch (severity) {
    case Severity::Info:
        return QStringLiteral("info");
    case Severity::Warning:
        return QStringLiteral("warning");
    case Severity::Error:
        return QStringLiteral("error");
    }
    return {};
}

Result<std::vector<Finding>> checkProject(const Project& project, const ProgressSink& progress,
                                          const CancelToken& cancel)
{
    EMBER_TRY(const std::vector<Recording> recordings, project.recordings().list());
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < recordings.size(); ++i) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The check was cancelled."));
        report(progress, QStringLiteral("Checking"), static_cast<double>(i) / static_cast<double>(recordings.size()),
               recordings[i].name);
        EMBER_CHECK(detail::checkSamples(project, recordings[i], findings));
    }
    EMBER_CHECK(detail::checkLabels(project, recordings, findings));
    if (!recordings.empty())
        checkAgainstEachOther(recordings, findings);
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return findings;
}

} // namespace ember::dataset
