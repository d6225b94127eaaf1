// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/compare_runs.h"

#include "core/dataset/project.h"
#include "core/workflow/run_predictions.h"

#include <QJsonArray>

#include <algorithm>

namespace ember::workflow {
namespace {

Result<std::vector<ComparedRun>> readRuns(const dataset::Project& project, const CompareRequest& request)
{
    std::vector<ComparedRun> runs;
    EMBER_TRY(const std::vector<dataset::Run> all, project.runs().list());
    for (const dataset::Run& run : all) {
        // Runs that learn numbers have no F1 and stand beside no classifier.
        const bool wanted =
            request.runs.empty()
                ? run.status == dataset::RunStatus::Finished && run.scores.contains(QStringLiteral("f1"))
                : std::find(request.runs.begin(), request.runs.end(), run.id) != request.runs.end();
        if (!wanted)
            continue;
        if (!run.scores.contains(QStringLiteral("f1")))
            return Error(
                ErrorKind::Usage,
                QStringLiteral("%1 has no scores: it is %2.").arg(run.name, dataset::runStatusName(run.status)),
                QStringLiteral("Leave it out."));
        runs.push_back({run, run.scores.value(QStringLiteral("f1")).toDouble(), false, std::nullopt, {}});
    }
    for (const dataset::RunId id : request.runs) {
        if (std::none_of(runs.begin(), runs.end(), [id](const ComparedRun& r) { return r.run.id == id; }))
            return Error(ErrorKind::Usage, QStringLiteral("The project has no run %1.").arg(id.value),
                         QStringLiteral("'emberlab compare' without numbers lists all."));
    }
    // Of equal ones the newest, whose predictions are the most likely to be there.
    std::stable_sort(runs.begin(), runs.end(), [](const ComparedRun& a, const ComparedRun& b) {
        return a.f1 != b.f1 ? a.f1 > b.f1 : a.run.id > b.run.id;
    });
    return runs;
}

int classesOf(const dataset::Run& run)
{
    return static_cast<int>(run.scores.value(QStringLiteral("labels")).toArray().size());
}

bool allBelow(const std::vector<qint32>& classes, int count)
{
    return std::all_of(classes.begin(), classes.end(), [count](qint32 c) { return c >= 0 && c < count; });
}

/// Why two runs cannot be compared row by row; empty when they can.
QString mismatch(const dataset::Run& best, const dataset::Run& run, const RunPredictions& ofBest,
                 const RunPredictions& ofRun)
{
    if (best.datasetHash != run.datasetHash)
        return QStringLiteral("trained on another state of the data");
    if (best.validation != run.validation)
        return QStringLiteral("validated in another way");
    if (best.windows != run.windows)
        return QStringLiteral("trained on other windows");
    if (ofBest.rows != ofRun.rows || ofBest.truth != ofRun.truth)
        return QStringLiteral("validated on other windows");
    if (classesOf(best) != classesOf(run) || !allBelow(ofRun.truth, classesOf(run)) ||
        !allBelow(ofRun.predicted, classesOf(run)) || !allBelow(ofBest.predicted, classesOf(best)))
        return QStringLiteral("its stored predictions are damaged");
    return {};
}

PairedDifference difference(const ComparedRun& best, const ComparedRun& run, const RunPredictions& ofBest,
                            const RunPredictions& ofRun, bool withInterval)
{
    PairedDifference made;
    made.test = learn::mcNemar(ofRun.truth, ofBest.predicted, ofRun.predicted);
    made.f1 = best.f1 - run.f1;
    if (withInterval)
        made.f1Difference95 =
            learn::bootstrapDifference(ofRun.truth, ofBest.predicted, ofRun.predicted, ofRun.groups, classesOf(run.run),
                                       [](const learn::Metrics& m) { return m.macroF1; });
    return made;
}

Result<RunPredictions> storedPredictions(const dataset::Run& run)
{
    const QJsonValue stored = run.scores.value(QStringLiteral("predictions"));
    if (!stored.isObject())
        return Error(ErrorKind::NotFound, QStringLiteral("its predictions were not kept; train it again"));
    return predictionsFromJson(stored.toObject());
}

} // namespace

Result<std::vector<ComparedRun>> compareRuns(const CompareRequest& request, const Hooks& hooks)
{
    EMBER_TRY(const dataset::Project project,
              dataset::Project::open(request.project, dataset::Project::Access::ReadOnly));
    EMBER_TRY(std::vector<ComparedRun> runs, readRuns(project, request));
    if (runs.empty())
        return runs;
    runs.front().isBest = true;
    const Result<RunPredictions> ofBest = storedPredictions(runs.front().run);
    for (std::size_t i = 1; i < runs.size(); ++i) {
        if (hooks.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The comparison was cancelled."));
        ComparedRun& run = runs[i];
        const Result<RunPredictions> ofRun = storedPredictions(run.run);
        if (!ofBest || !ofRun) {
            run.reason =
                !ofRun ? ofRun.error().message : QStringLiteral("of the best run: %1").arg(ofBest.error().message);
            continue;
        }
        run.reason = mismatch(runs.front().run, run.run, *ofBest, *ofRun);
        if (run.reason.isEmpty())
            run.againstBest = difference(runs.front(), run, *ofBest, *ofRun, request.intervals);
    }
    return runs;
}

} // namespace ember::workflow
