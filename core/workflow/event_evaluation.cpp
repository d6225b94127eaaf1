// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/event_evaluation.h"

#include "core/codegen/host_program.h"
#include "core/dataset/project.h"
#include "core/dataset/windows.h"
#include "core/features/extractor.h"
#include "core/model/evaluator.h"
#include "core/model/graph_builder.h"
#include "core/workflow/class_shares.h"
#include "core/workflow/event_settings.h"
#include "core/workflow/feature_set.h"
#include "core/workflow/model_ref.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace ember::workflow {
namespace {

using learn::EventCase;
using learn::EventScores;
using learn::EventSettings;

struct Subject
{
    ReferredModel model;
    features::Pipeline pipeline;
    QStringList normalLabels; ///< of a detector
    bool detects = false;
    qint32 background = -1;
    QString backgroundName;
};

Result<Subject> loadSubject(const EventRequest& request)
{
    Subject subject;
    EMBER_TRY(subject.model, loadModelRef(request.model));
    const model::Model& model = subject.model.model;
    if (subject.model.projectPath.isEmpty())
        return Error(
            ErrorKind::Usage,
            QStringLiteral("'%1' is of no project, so there are no recordings to run it on.").arg(request.model),
            QStringLiteral("Name a model as PROJECT.ember#NUMBER."));
    const auto json = QJsonDocument::fromJson(model.properties.value(QStringLiteral("emberlab.pipeline")).toUtf8());
    if (model.classNames.isEmpty() || !json.isObject())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("'%1' has no classes or no feature pipeline.").arg(request.model),
                     QStringLiteral("Train a classifier or a detector on the project."));
    EMBER_TRY(subject.pipeline, features::pipelineFromJson(json.object()));
    subject.detects = model.classNames == model::anomalyClasses();
    subject.normalLabels =
        model.properties.value(QStringLiteral("emberlab.normal")).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    EMBER_TRY(subject.backgroundName, backgroundOf(model, request.background));
    if (!subject.backgroundName.isEmpty())
        subject.background = static_cast<qint32>(model.classNames.indexOf(subject.backgroundName));
    return subject;
}

// The groups to run on: those asked for, or those that the model's run held out.
Result<QStringList> chosenGroups(const EventRequest& request, const dataset::Project& project, const Subject& subject,
                                 QStringList& notes)
{
    EMBER_TRY(const dataset::StoredModel stored, project.models().get(subject.model.id));
    QStringList heldOut;
    if (const auto run = project.runs().get(stored.run)) {
        for (const QJsonValue& group : run->validation.value(QStringLiteral("test_groups")).toArray())
            heldOut << group.toString();
    }
    if (request.groups.isEmpty() && heldOut.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("This model was trained on all groups."),
                     QStringLiteral("Train with --validation holdout, so that whole recordings stay unseen, or name "
                                    "groups with --groups."));
    for (const QString& group : request.groups) {
        if (!heldOut.contains(group))
            notes << QStringLiteral("Warning: the model was trained on the group '%1', so its figures flatter.")
                         .arg(group);
    }
    return request.groups.isEmpty() ? heldOut : request.groups;
}

class Collector
{
public:
    Collector(const dataset::Project& project, const Subject& subject, QString labelSet)
        : m_project(project)
        , m_subject(subject)
        , m_labelSet(std::move(labelSet))
    {}

    /// The stretches of the windows, in their order.
    Result<std::vector<EventCase>> collect(const dataset::WindowSet& windows, const std::vector<quint8>& shares)
    {
        const auto classes = static_cast<std::size_t>(m_subject.model.model.classNames.size());
        std::vector<EventCase> cases;
        for (std::size_t i = 0; i < windows.windows.size(); ++i) {
            const dataset::Window& window = windows.windows[i];
            const bool follows = i > 0 && windows.windows[i - 1].recording == window.recording &&
                                 windows.windows[i - 1].begin + windows.spec.hop == window.begin;
            if (!follows) {
                cases.push_back({{window.begin, windows.spec.hop, windows.spec.rows, classes, {}}, {}});
                recordings.push_back(window.recording);
            }
            const auto from = shares.begin() + static_cast<std::ptrdiff_t>(i * classes);
            std::vector<quint8>& to = cases.back().timeline.shares;
            to.insert(to.end(), from, from + static_cast<std::ptrdiff_t>(classes));
        }
        for (std::size_t i = 0; i < cases.size(); ++i)
            EMBER_CHECK(addTruth(recordings[i], cases[i]));
        return cases;
    }

    std::vector<dataset::RecordingId> recordings; ///< one for each case

private:
    Status addTruth(dataset::RecordingId recording, EventCase& one) const
    {
        const learn::Timeline& timeline = one.timeline;
        const qint64 end = timeline.first + static_cast<qint64>(timeline.windows() - 1) * timeline.hop + timeline.rows;
        EMBER_TRY(const dataset::LabelSet set, m_project.labels().findSet(m_labelSet));
        EMBER_TRY(const std::vector<dataset::Segment> segments, m_project.labels().segments(recording, set.id));
        for (const dataset::Segment& segment : segments) {
            EMBER_TRY(const dataset::Label label, m_project.labels().label(segment.label));
            const qint32 klass = classOf(label.name);
            const qint64 from = std::max(segment.begin, timeline.first), to = std::min(segment.end, end);
            if (klass < 0 || klass == m_subject.background || from >= to)
                continue;
            // Segments of one label that touch are one event.
            if (!one.truth.empty() && one.truth.back().label == klass && from - one.truth.back().end <= timeline.hop)
                one.truth.back().end = std::max(one.truth.back().end, to);
            else
                one.truth.push_back({klass, from, to, 0});
        }
        return {};
    }

    qint32 classOf(const QString& label) const
    {
        if (m_subject.detects)
            return m_subject.normalLabels.contains(label) ? 0 : 1;
        return static_cast<qint32>(m_subject.model.model.classNames.indexOf(label));
    }

    const dataset::Project& m_project;
    const Subject& m_subject;
    QString m_labelSet;
};

std::vector<const EventCase*> half(const std::vector<EventCase>& cases, const std::vector<int>& side, int wanted)
{
    std::vector<const EventCase*> part;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        if (wanted < 0 || side[i] == wanted)
            part.push_back(&cases[i]);
    }
    return part;
}

double hoursOf(const std::vector<const EventCase*>& cases, double rate)
{
    double rows = 0;
    for (const EventCase* one : cases)
        rows += static_cast<double>(static_cast<qint64>(one->timeline.windows() - 1) * one->timeline.hop +
                                    one->timeline.rows);
    return rows / rate / 3600;
}

EventScores onlyOf(const EventCase& one, qint32 klass, qint32 background, const EventSettings& settings)
{
    std::vector<learn::Event> said = learn::detectEvents(one.timeline, background, settings), truth = one.truth;
    const auto other = [klass](const learn::Event& event) { return event.label != klass; };
    std::erase_if(said, other);
    std::erase_if(truth, other);
    return learn::matchEvents(truth, said, one.timeline.rows);
}

// Scores every case, with the settings of its side.
void score(const std::vector<EventCase>& cases, const std::vector<int>& side, const Subject& subject,
           const std::array<EventSettings, 2>& settings, EventReport& report)
{
    const QStringList& names = subject.model.model.classNames;
    for (qint32 klass = 0; klass < names.size(); ++klass) {
        if (klass == subject.background)
            continue;
        EventReport::ClassRow row{names[klass], {}};
        for (std::size_t i = 0; i < cases.size(); ++i)
            row.scores.add(onlyOf(cases[i], klass, subject.background, settings[static_cast<std::size_t>(side[i])]));
        report.total.add(row.scores);
        report.classes.push_back(std::move(row));
    }
}

// Settings for each half from the other one; for use, from all.
std::array<EventSettings, 2> chooseSettings(const std::vector<EventCase>& cases, const std::vector<int>& side,
                                            const Subject& subject, const EventRequest& request, EventReport& report)
{
    const auto tuned = [&](int wanted) {
        const std::vector<const EventCase*> part = half(cases, side, wanted);
        const double limit =
            request.falseAlarmsPerHour < 0 ? -1 : request.falseAlarmsPerHour * hoursOf(part, report.rateHz);
        return learn::tuneEvents(part, subject.background, limit);
    };
    report.settings = tuned(-1);
    report.tuned = true;
    return {tuned(1), tuned(0)};
}

std::vector<int> sidesOf(const std::vector<dataset::RecordingId>& recordings)
{
    std::map<dataset::RecordingId, int> order;
    std::vector<int> side;
    for (const dataset::RecordingId recording : recordings) {
        const auto at = order.emplace(recording, static_cast<int>(order.size())).first;
        side.push_back(at->second % 2);
    }
    return side;
}

Result<dataset::WindowSet> windowsOf(const EventRequest& request, const dataset::Project& project,
                                     const Subject& subject, EventReport& report)
{
    EMBER_TRY(const std::vector<dataset::Recording> all, project.recordings().list());
    std::vector<dataset::RecordingId> chosen;
    for (const dataset::Recording& recording : all) {
        if (report.groups.contains(dataset::groupNameOf(recording)) && !recording.trashed)
            chosen.push_back(recording.id);
    }
    if (chosen.empty())
        return Error(ErrorKind::NotFound,
                     QStringLiteral("No recording is of %1.").arg(report.groups.join(QStringLiteral(", "))),
                     QStringLiteral("'emberlab info' lists the groups."));
    report.recordings = static_cast<qint64>(chosen.size());
    dataset::WindowSpec spec;
    spec.rows = subject.pipeline.windowRows;
    spec.hop = request.hopSeconds > 0
                   ? std::max<qint64>(1, std::llround(request.hopSeconds * subject.pipeline.stream.rateHz))
                   : subject.pipeline.hopRows;
    EMBER_TRY(dataset::WindowSet windows, dataset::makeWindows(project, spec, chosen));
    const QString difference = dataset::layoutDifference(subject.pipeline.stream, windows.stream);
    if (!difference.isEmpty())
        return Error(ErrorKind::Usage,
                     QStringLiteral("The model was made for another stream than was recorded: %1.").arg(difference));
    return windows;
}

// What the generated code answers to each window; of a model that there is no code for, what the model itself says.
Result<std::vector<quint8>> sharesOf(const Subject& subject, codegen::Vote vote, const features::FeatureMatrix& matrix,
                                     EventReport& report, const Hooks& hooks)
{
    std::vector<quint8> shares;
    auto lowered = codegen::lower(subject.model.model, {.vote = vote});
    if (!lowered) {
        report.notes << QStringLiteral("No board runs this model, so these are the figures of its floats: %1")
                            .arg(lowered.error().message);
        EMBER_TRY(const model::Evaluation evaluation, model::evaluate(subject.model.model, matrix.values));
        for (const float share : classShares(evaluation))
            shares.push_back(learn::eventShare(static_cast<double>(share)));
        return shares;
    }
    report.asOnBoards = true;
    EMBER_TRY(const codegen::HostProgram program, codegen::HostProgram::make(std::move(*lowered)));
    for (qsizetype window = 0; window < matrix.rows(); ++window) {
        if (hooks.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The evaluation was cancelled."));
        EMBER_TRY(const QByteArray row, program.encodeFeatures(matrix.row(window)));
        EMBER_TRY(const codegen::HostOutput output, program.runFeatures(row));
        const std::vector<quint8> of = codegen::eventShares(program.model(), output);
        shares.insert(shares.end(), of.begin(), of.end());
    }
    return shares;
}

Status save(const Subject& subject, const EventRequest& request, const EventReport& report)
{
    if (request.hopSeconds > 0)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("The code takes a window as often as the model was trained, not at another stride."),
            QStringLiteral("Leave out --stride, or --save."));
    return storeEvents(subject.model, EventChoice{report.settings, report.background}, toJson(report));
}

} // namespace

double EventReport::falseAlarmsPerHour() const
{
    return hours > 0 ? total.spurious / hours : 0;
}

std::optional<double> EventReport::latencySeconds(double quantile) const
{
    if (total.latencies.empty() || rateHz <= 0)
        return std::nullopt;
    std::vector<double> sorted = total.latencies;
    std::sort(sorted.begin(), sorted.end());
    const auto at = static_cast<std::size_t>(std::llround(quantile * static_cast<double>(sorted.size() - 1)));
    return sorted[at] / rateHz;
}

Result<EventReport> evaluateEvents(const EventRequest& request, const Hooks& hooks)
{
    EventReport report;
    if (request.settings)
        EMBER_CHECK(learn::checkEventSettings(*request.settings));
    EMBER_TRY(const Subject subject, loadSubject(request));
    EMBER_TRY(const dataset::Project project,
              dataset::Project::open(subject.model.projectPath, dataset::Project::Access::ReadOnly));
    EMBER_TRY(report.groups, chosenGroups(request, project, subject, report.notes));
    report.rateHz = subject.pipeline.stream.rateHz;
    EMBER_TRY(const dataset::WindowSet windows, windowsOf(request, project, subject, report));
    EMBER_TRY(const std::vector<QByteArray> bytes, windowBytes(project, windows, hooks));
    const std::vector<QByteArrayView> views(bytes.begin(), bytes.end());
    features::BatchOptions options;
    options.cancel = hooks.cancel;
    options.progress = hooks.progress;
    EMBER_TRY(const features::FeatureMatrix matrix, features::extractAll(subject.pipeline, views, options));
    EMBER_TRY(const std::vector<quint8> shares, sharesOf(subject, request.vote, matrix, report, hooks));

    const QString labelSet =
        request.labelSet.isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : request.labelSet;
    Collector collector(project, subject, labelSet);
    EMBER_TRY(const std::vector<EventCase> cases, collector.collect(windows, shares));
    const std::vector<int> side = sidesOf(collector.recordings);
    report.hours = hoursOf(half(cases, side, -1), report.rateHz);
    const bool canTune = std::count(side.begin(), side.end(), 1) > 0;
    if (!request.settings && !canTune)
        report.notes << QStringLiteral("One recording is too little to choose settings and test them; the usual ones "
                                       "were taken.");
    report.background = subject.backgroundName;
    report.settings = request.settings.value_or(kUsualEvents);
    std::array<EventSettings, 2> settings = {report.settings, report.settings};
    if (!request.settings && canTune)
        settings = chooseSettings(cases, side, subject, request, report);
    score(cases, side, subject, settings, report);
    if (request.save) {
        EMBER_CHECK(save(subject, request, report));
    }
    return report;
}

namespace {

QJsonObject scoresJson(const EventScores& scores)
{
    return {{QStringLiteral("happened"), scores.happened},     {QStringLiteral("found"), scores.found},
            {QStringLiteral("missed"), scores.missed()},       {QStringLiteral("duplicates"), scores.duplicates},
            {QStringLiteral("spurious"), scores.spurious},     {QStringLiteral("recall"), scores.recall()},
            {QStringLiteral("precision"), scores.precision()}, {QStringLiteral("f1"), scores.f1()}};
}

} // namespace

QJsonObject toJson(const EventReport& report)
{
    QJsonArray classes;
    for (const EventReport::ClassRow& row : report.classes) {
        QJsonObject json = scoresJson(row.scores);
        json.insert(QStringLiteral("label"), row.label);
        classes.append(json);
    }
    const auto seconds = [&report](double quantile) {
        const auto value = report.latencySeconds(quantile);
        return value ? QJsonValue(*value) : QJsonValue();
    };
    QJsonObject events = scoresJson(report.total);
    events.insert(QStringLiteral("false_alarms_per_hour"), report.falseAlarmsPerHour());
    events.insert(QStringLiteral("latency_s"),
                  QJsonObject{{QStringLiteral("median"), seconds(0.5)}, {QStringLiteral("p95"), seconds(0.95)}});
    return {{QStringLiteral("events"), events},
            {QStringLiteral("per_class"), classes},
            {QStringLiteral("hours"), report.hours},
            {QStringLiteral("recordings"), report.recordings},
            {QStringLiteral("groups"), QJsonArray::fromStringList(report.groups)},
            {QStringLiteral("settings"), toJson(report.settings)},
            {QStringLiteral("background"), report.background},
            {QStringLiteral("as_on_boards"), report.asOnBoards},
            {QStringLiteral("tuned"), report.tuned},
            {QStringLiteral("notes"), QJsonArray::fromStringList(report.notes)}};
}

} // namespace ember::workflow
