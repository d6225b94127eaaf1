// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/event_proof.h"

#include "core/dataset/project.h"
#include "core/dataset/windows.h"
#include "core/device/agent_messages.h"
#include "core/footprint/board_run.h"
#include "core/workflow/feature_set.h"
#include "device-agent/runtime/events.hpp"

#include <algorithm>

namespace ember::workflow {
namespace {

constexpr device::RequestOptions kPatient{120'000, 1};
constexpr int kStream = 0; // the one that the model works on

/// Windows that follow each other.
struct Stretch
{
    std::vector<QByteArray> windows;
    QByteArray rows; ///< the same rows, each once
};

/// What begins or ends. Ordered as it is told: by row, then by class.
struct Change
{
    qint64 endRow = 0;
    int label = 0;
    bool begins = false;

    friend bool operator==(const Change&, const Change&) = default;
};

struct Answers
{
    std::vector<device::InferenceResult> results;
    std::vector<Change> changes;
};

Result<dataset::WindowSet> windowsOf(const Deployment& deployment, const dataset::Project& project,
                                     const QStringList& groups, qint64 maxWindows)
{
    const features::Pipeline& pipeline = *deployment.program.model().pipeline;
    dataset::WindowSpec spec;
    spec.rows = pipeline.windowRows;
    spec.hop = pipeline.hopRows;
    EMBER_TRY(dataset::WindowSet set, dataset::makeWindows(project, spec));
    for (const QString& group : groups) {
        if (!set.groupNames.contains(group))
            return Error(ErrorKind::NotFound, QStringLiteral("No windows are of the group '%1'.").arg(group),
                         QStringLiteral("Groups with windows: %1.").arg(set.groupNames.join(QStringLiteral(", "))));
    }
    std::erase_if(set.windows, [&](const dataset::Window& window) {
        return !groups.isEmpty() && !groups.contains(set.groupNames[window.group]);
    });
    if (maxWindows > 0 && static_cast<qint64>(set.windows.size()) > maxWindows)
        set.windows.resize(static_cast<std::size_t>(maxWindows));
    if (set.windows.empty())
        return Error(ErrorKind::NotFound, QStringLiteral("The project has no recording as long as a window."),
                     QStringLiteral("Record for longer than %1 rows.").arg(spec.rows));
    return set;
}

Result<std::vector<Stretch>> stretchesOf(const Deployment& deployment, const QStringList& groups, qint64 maxWindows,
                                         const Hooks& hooks)
{
    EMBER_TRY(const dataset::Project project,
              dataset::Project::open(deployment.source.projectPath, dataset::Project::Access::ReadOnly));
    EMBER_TRY(const dataset::WindowSet set, windowsOf(deployment, project, groups, maxWindows));
    EMBER_TRY(std::vector<QByteArray> bytes, windowBytes(project, set, hooks));
    const qsizetype rowBytes = deployment.program.windowBytes() / set.spec.rows;
    std::vector<Stretch> stretches;
    for (std::size_t i = 0; i < set.windows.size(); ++i) {
        const dataset::Window& window = set.windows[i];
        const bool follows = i > 0 && set.windows[i - 1].recording == window.recording &&
                             set.windows[i - 1].begin + set.spec.hop == window.begin;
        if (!follows)
            stretches.emplace_back();
        QByteArray& rows = stretches.back().rows;
        // Rows that no window has are of no interest to anybody.
        if (follows && set.spec.hop > set.spec.rows)
            rows.append((set.spec.hop - set.spec.rows) * rowBytes, '\0');
        const qint64 fresh = follows ? std::min(set.spec.hop, set.spec.rows) : set.spec.rows;
        rows.append(bytes[i].last(fresh * rowBytes));
        stretches.back().windows.push_back(std::move(bytes[i]));
    }
    return stretches;
}

/// What the desktop says to a stretch: outputs and class of each window, and what begins and ends.
Result<Answers> onDesk(const Deployment& deployment, const Stretch& stretch)
{
    const codegen::LoweredModel& model = deployment.program.model();
    const codegen::LoweredEvents& events = *model.events;
    learn::EventDetector detector(static_cast<std::size_t>(model.classNames.size()),
                                  events.background == runtime::kNoEvent ? -1 : events.background, settingsOf(events));
    Answers answers;
    qint64 endRow = model.pipeline->windowRows;
    for (const QByteArray& window : stretch.windows) {
        EMBER_TRY(const codegen::HostOutput output, deployment.program.runWindow(window));
        answers.results.push_back({endRow, output.winner, output.outputs, 0, 0});
        const std::vector<quint8>& phases = detector.take(codegen::eventShares(model, output));
        for (std::size_t label = 0; label < phases.size(); ++label) {
            if (phases[label] == runtime::kEventBegins || phases[label] == runtime::kEventEnds)
                answers.changes.push_back({endRow, static_cast<int>(label), phases[label] == runtime::kEventBegins});
        }
        endRow += model.pipeline->hopRows;
    }
    return answers;
}

/// What the board says to the same rows, given to it in the place of its sensor.
Result<Answers> onBoard(device::AgentSession& session, const Stretch& stretch, signal::SampleType outputType)
{
    Answers answers;
    Status fault;
    session.setFrameHandler([&](const device::Frame& frame, qint64) {
        if (frame.type() == wire::MessageType::Inference) {
            const auto result = device::parseInference(frame.payload, 0, outputType);
            if (result)
                answers.results.push_back(*result);
            else
                fault = result.error();
        } else if (frame.type() == wire::MessageType::Event) {
            const auto notice = device::parseEvent(frame.payload);
            if (notice)
                answers.changes.push_back({notice->endRow, notice->label, notice->begins});
            else
                fault = notice.error();
        }
    });
    const auto run = [&]() -> Status {
        EMBER_CHECK(session.start(kStream, wire::kStartInference, kPatient));
        EMBER_CHECK(session.inject(kStream, 0, stretch.rows, kPatient));
        return session.stop(kStream, kPatient);
    };
    const Status done = run();
    session.setFrameHandler({});
    EMBER_CHECK(done);
    EMBER_CHECK(fault);
    return answers;
}

QString changeText(const Change& change, const QStringList& names)
{
    return QStringLiteral("'%1' %2 at row %3")
        .arg(names.value(change.label), change.begins ? QStringLiteral("begins") : QStringLiteral("ends"))
        .arg(change.endRow);
}

void note(EventProof& proof, const QString& difference)
{
    if (proof.firstDifference.isEmpty())
        proof.firstDifference = QStringLiteral("stretch %1: %2").arg(proof.stretches).arg(difference);
}

void compareResults(const Answers& desk, const Answers& board, EventProof& proof)
{
    const auto differs = [](const device::InferenceResult& a, const device::InferenceResult& b) {
        // A board that has no room for the outputs in a frame leaves them out; the class is there always.
        return a.endRow != b.endRow || a.winner != b.winner || (b.outputs.count() > 0 && a.outputs != b.outputs);
    };
    if (board.results.size() > desk.results.size()) {
        proof.otherWindows += static_cast<qint64>(board.results.size() - desk.results.size());
        note(proof, QStringLiteral("answers to windows that the desktop does not have"));
    }
    for (std::size_t i = 0; i < desk.results.size(); ++i) {
        if (i < board.results.size() && !differs(desk.results[i], board.results[i]))
            continue;
        ++proof.otherWindows;
        note(proof, i < board.results.size()
                        ? QStringLiteral("another answer to the window before row %1").arg(desk.results[i].endRow)
                        : QStringLiteral("no answer to the window before row %1").arg(desk.results[i].endRow));
    }
}

void compareChanges(const Answers& desk, const Answers& board, const QStringList& names, EventProof& proof)
{
    const auto missing = [&](const std::vector<Change>& from, const std::vector<Change>& in, const char* where) {
        for (const Change& change : from) {
            if (std::find(in.begin(), in.end(), change) != in.end())
                continue;
            ++proof.otherChanges;
            note(proof, QStringLiteral("%1 only on the %2").arg(changeText(change, names), QLatin1String(where)));
        }
    };
    missing(desk.changes, board.changes, "desktop");
    missing(board.changes, desk.changes, "board");
    if (desk.changes.size() != board.changes.size() && proof.otherChanges == 0) {
        ++proof.otherChanges;
        note(proof, QStringLiteral("something was told twice"));
    }
}

} // namespace

Result<EventProof> proveEvents(const Deployment& deployment, const QStringList& groups, qint64 maxWindows,
                               const Hooks& hooks)
{
    const codegen::LoweredModel& model = deployment.program.model();
    if (!model.events)
        return Error(ErrorKind::Usage, QStringLiteral("This code tells no events."),
                     QStringLiteral("Ask for them with --events, or choose settings with 'emberlab evaluate --events "
                                    "--save'."));
    if (deployment.source.projectPath.isEmpty() || !model.pipeline)
        return Error(ErrorKind::Usage, QStringLiteral("There are no recordings that could be streamed into the board."),
                     QStringLiteral("Name a model of a project as PROJECT.ember#NUMBER."));
    EMBER_TRY(const std::vector<Stretch> stretches, stretchesOf(deployment, groups, maxWindows, hooks));
    EMBER_CHECK(checkDeployment(deployment));
    EMBER_TRY(const std::unique_ptr<footprint::BoardRun> run,
              footprint::BoardRun::start(deployment.program, deployment.board, {hooks.progress, hooks.cancel}));
    EventProof proof;
    proof.board = deployment.board.id;
    for (const Stretch& stretch : stretches) {
        if (hooks.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The comparison of events was cancelled."));
        report(hooks.progress, QStringLiteral("Streaming recordings into the board"),
               static_cast<double>(proof.stretches) / static_cast<double>(stretches.size()),
               QStringLiteral("%1 of %2 stretches").arg(proof.stretches).arg(stretches.size()));
        ++proof.stretches;
        EMBER_TRY(const Answers desk, onDesk(deployment, stretch));
        EMBER_TRY(const Answers board, onBoard(run->session(), stretch, model.outputType));
        proof.windows += static_cast<qint64>(desk.results.size());
        proof.events +=
            std::count_if(desk.changes.begin(), desk.changes.end(), [](const Change& c) { return c.begins; });
        compareResults(desk, board, proof);
        compareChanges(desk, board, model.classNames, proof);
    }
    return proof;
}

QJsonObject toJson(const EventProof& proof)
{
    return {{QStringLiteral("stretches"), proof.stretches},
            {QStringLiteral("windows"), proof.windows},
            {QStringLiteral("other_windows"), proof.otherWindows},
            {QStringLiteral("events"), proof.events},
            {QStringLiteral("other_changes"), proof.otherChanges},
            {QStringLiteral("first_difference"), proof.firstDifference},
            {QStringLiteral("source"), footprint::costSourceName(proof.source)}};
}

} // namespace ember::workflow
