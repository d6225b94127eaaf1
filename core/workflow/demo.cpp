// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/demo.h"

#include "core/base/resources.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "core/model/model_file.h"
#include "core/workflow/deploy.h"
#include "core/workflow/expected_answers.h"
#include "core/workflow/record.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>

namespace ember::workflow {
namespace {

constexpr int kHeldOutSubjects = 2;
// Standing up and turning last little more than a second: longer windows would blur them into what comes before and
// after.
constexpr double kWindowSeconds = 1.0;
constexpr double kStrideSeconds = 0.5;
constexpr qint64 kProfileRows = 64;

Result<QStringList> demoFiles()
{
    EMBER_TRY(const QString folder, resourcePath(QStringLiteral("demo-data/human-activity")));
    const QDir directory(folder);
    QStringList files;
    const QStringList names = directory.entryList({QStringLiteral("*.csv")}, QDir::Files, QDir::Name);
    for (const QString& name : names)
        files << directory.filePath(name);
    if (files.size() <= kHeldOutSubjects)
        return Error(ErrorKind::NotFound, QStringLiteral("The demo recordings are missing from '%1'.").arg(folder),
                     QStringLiteral("Reinstall the program."));
    return files;
}

// Progress of one of several equal parts as progress of the whole.
Hooks partOf(const Hooks& hooks, const QString& step, qsizetype part, qsizetype parts)
{
    Hooks inner = hooks;
    inner.progress = [sink = hooks.progress, step, part, parts](const Progress& progress) {
        const double within = progress.fraction < 0 ? 0.0 : progress.fraction;
        report(sink, step, (static_cast<double>(part) + within) / static_cast<double>(parts), progress.detail);
    };
    return inner;
}

TrainRequest trainingFor(const DemoRequest& request, const QString& project, const QStringList& groups)
{
    TrainRequest training;
    training.project = project;
    training.trainer = request.trainer;
    training.seed = request.seed;
    training.name = QStringLiteral("activity");
    training.features.windowSeconds = kWindowSeconds;
    training.features.strideSeconds = kStrideSeconds;
    training.validation.method = ValidationChoice::Method::HoldOut;
    training.validation.testGroups = groups.mid(groups.size() - kHeldOutSubjects);
    return training;
}

Status keepOutputs(const DemoRequest& request, const Deployment& deployment)
{
    if (request.outputDir.isEmpty())
        return {};
    EMBER_CHECK(generateSources(deployment, request.outputDir));
    return model::saveModel(deployment.source.model, QDir(request.outputDir).filePath(QStringLiteral("activity.onnx")));
}

Status deployAndProve(const DemoRequest& request, DemoReport& demo, const Hooks& hooks)
{
    EMBER_TRY(const Deployment deployment, prepareDeployment(demo.training.modelRef, request.board, {}));
    EMBER_TRY(demo.estimate, estimateCost(deployment));
    EMBER_TRY(const DeploymentInputs few, defaultInputs(deployment, kProfileRows, hooks));
    EMBER_TRY(demo.profile, profileCost(deployment, few, hooks));
    EMBER_CHECK(flashModel(deployment, hooks));
    EMBER_TRY(const DeploymentInputs all, defaultInputs(deployment, 0, hooks));
    EMBER_TRY(demo.verify, verifyModel(deployment, all, {}, hooks));
    return keepOutputs(request, deployment);
}

// What an emulated board's sensor gives of the file, in its type and scale: so recordings that are made with such a
// board go with these.
Status addAsSensed(const QString& path, const QString& file)
{
    EMBER_TRY(const FeedFile feed, loadFeed(file));
    dataset::NewRecording about;
    about.name = feed.name;
    about.stream = feed.recording.spec;
    about.group = feed.group;
    EMBER_TRY(const std::unique_ptr<dataset::RecordingWriter> writer, dataset::RecordingWriter::start(path, about));
    signal::SampleBlock block;
    block.rowCount = feed.recording.rowCount();
    block.rows = feed.recording.rows;
    EMBER_CHECK(writer->append(block));
    EMBER_TRY(const dataset::Recording recording, writer->finish());
    EMBER_TRY(dataset::Project project, dataset::Project::open(path));
    EMBER_CHECK(labelRecording(project, recording.id, {}, {}, feed.segments));
    return {};
}

} // namespace

Result<DemoRecordings> recordDemoProject(const QString& project, const QString& board, double speed, const Hooks& hooks)
{
    EMBER_TRY(const QStringList files, demoFiles());
    EMBER_CHECK(dataset::Project::create(project));
    // Whatever somebody flashed last: the demo begins with the plain agent.
    EMBER_TRY(const device::Board target, device::findBoard(board));
    EMBER_TRY(const QString agent, device::shippedImage(target));
    DemoRecordings made;
    for (qsizetype i = 0; i < files.size(); ++i) {
        EMBER_TRY(FeedFile feed, loadFeed(files[i], hooks.cancel));
        RecordRequest request;
        request.project = project;
        request.name = feed.name;
        request.source.board = board;
        request.source.image = agent;
        request.source.speed = speed;
        request.source.feed = std::make_shared<const FeedFile>(std::move(feed));
        const QString step = QStringLiteral("Recording %1 subjects on the emulated board").arg(files.size());
        EMBER_TRY(const RecordOutcome outcome, record(request, partOf(hooks, step, i, files.size())));
        if (outcome.endedBy)
            return outcome.endedBy->context(QStringLiteral("recording %1").arg(request.name));
        if (hooks.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("The demo was cancelled."));
        ++made.recordings;
        made.samples += outcome.recording.rowCount;
        made.lost += outcome.recording.ledger.lostRows();
    }
    return made;
}

Result<DemoReport> runDemo(const DemoRequest& request, const Hooks& hooks)
{
    QElapsedTimer clock;
    clock.start();
    const QTemporaryDir folder;
    DemoReport demo;
    demo.board = request.board;
    demo.project = request.project.isEmpty() ? folder.filePath(QStringLiteral("demo.ember")) : request.project;

    EMBER_TRY(const DemoRecordings recorded, recordDemoProject(demo.project, request.board, request.speed, hooks));
    demo.recordings = recorded.recordings;
    demo.recordedSamples = recorded.samples;
    demo.lostSamples = recorded.lost;

    QStringList groups;
    {
        EMBER_TRY(const dataset::Project project, dataset::Project::open(demo.project));
        EMBER_TRY(const dataset::ProjectInfo info, project.info());
        groups = info.groups;
    }
    EMBER_TRY(demo.training, train(trainingFor(request, demo.project, groups), hooks));
    EMBER_CHECK(deployAndProve(request, demo, hooks));
    demo.seconds = static_cast<double>(clock.elapsed()) * 1e-3;
    return demo;
}

Result<QString> demoProject()
{
    EMBER_TRY(const QString folder, stateDirectory(QStringLiteral("demo")));
    const QString path = QDir(folder).filePath(QStringLiteral("demo.ember"));
    if (QFile::exists(path))
        return path;
    // Filled under another name first: a start that is interrupted must not leave half a demo behind.
    const QString partial = path + QStringLiteral(".partial");
    QFile::remove(partial);
    EMBER_TRY(const QStringList files, demoFiles());
    EMBER_CHECK(dataset::Project::create(partial));
    for (const QString& file : files)
        EMBER_CHECK(addAsSensed(partial, file));
    if (!QFile::rename(partial, path))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be made.").arg(path));
    return path;
}

QJsonObject toJson(const DemoReport& report)
{
    QJsonObject json{
        {QStringLiteral("board"), report.board},
        {QStringLiteral("recordings"), report.recordings},
        {QStringLiteral("recorded_samples"), report.recordedSamples},
        {QStringLiteral("lost_samples"), report.lostSamples},
        {QStringLiteral("windows"), report.training.windows},
        {QStringLiteral("f1"), report.training.validation.metrics.macroF1},
        {QStringLiteral("accuracy"), report.training.validation.metrics.accuracy},
        {QStringLiteral("interval95"),
         QJsonArray{report.training.validation.macroF195.low, report.training.validation.macroF195.high}},
        {QStringLiteral("held_out"), QJsonArray::fromStringList(report.training.testGroups)},
        {QStringLiteral("trainer"), report.training.model.properties.value(QStringLiteral("emberlab.trainer"))},
        {QStringLiteral("model_sha256"), report.training.modelHash},
        {QStringLiteral("estimate"), footprint::toJson(report.estimate)},
        {QStringLiteral("profile"), footprint::toJson(report.profile)},
        {QStringLiteral("verify"), footprint::toJson(report.verify)},
        {QStringLiteral("seconds"), report.seconds},
    };
    return json;
}

} // namespace ember::workflow
