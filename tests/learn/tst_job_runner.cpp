// SPDX-License-Identifier: GPL-3.0-or-later
// A stranger's code may do anything; the caller gets an error with a reason and goes on.
#include "core/learn/executor.h"
#include "core/model/model_file.h"
#include "tests/learn/small_matrix.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace ember;
using namespace ember::learn;

namespace {

RunnerOptions workerOptions()
{
    RunnerOptions options;
    options.program = QStringLiteral(EMBERLAB_TEST_WORKER);
    options.timeLimitMs = 120'000;
    return options;
}

Result<JobResult> train(const QString& trainer, const RunnerOptions& options = workerOptions(),
                        const ProgressSink& progress = {}, const CancelToken& cancel = {})
{
    TrainingRequest request;
    request.trainer = trainer;
    request.properties = {{QStringLiteral("emberlab.dataset"), QStringLiteral("d1")}};
    return trainInWorker(request, test::smallMatrix(12, 0), options, progress, cancel);
}

void usePlugins(const char* folders)
{
    qputenv("EMBERLAB_PLUGINS", EMBERLAB_TEST_PLUGINS "/misbehaving");
    qputenv("EMBERLAB_PLUGIN_PATH", folders);
}

} // namespace

class TestJobRunner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { usePlugins(EMBERLAB_TEST_PLUGINS "/template"); }

    void aGoodTrainingGivesAModelThatSaysHowItWasMade()
    {
        QList<double> fractions;
        QString detail;
        const auto result = train(QStringLiteral("fixture.good"), workerOptions(), [&](const Progress& p) {
            fractions << p.fraction;
            if (!p.detail.isEmpty())
                detail = p.detail;
        });
        QVERIFY2(result, qPrintable(result ? QString() : result.error().toString()));
        QCOMPARE(result->model.properties.value(QStringLiteral("emberlab.trainer")), QStringLiteral("fixture.good"));
        QCOMPARE(result->model.properties.value(QStringLiteral("emberlab.seed")), QStringLiteral("1"));
        QCOMPARE(result->model.properties.value(QStringLiteral("emberlab.parameters")), QStringLiteral("{}"));
        QCOMPARE(result->model.properties.value(QStringLiteral("emberlab.dataset")), QStringLiteral("d1"));
        QVERIFY(result->seconds >= 0);
        QCOMPARE(fractions, (QList<double>{0.5, 1.0}));
        QCOMPARE(detail, QStringLiteral("accuracy=0.25"));
    }

    void parametersReachTheTrainer()
    {
        TrainingRequest request;
        request.trainer = QStringLiteral("template.one-rule");
        request.parameters = {{QStringLiteral("smoothing"), QStringLiteral("0")}};
        const auto result = trainInWorker(request, test::smallMatrix(12, 0), workerOptions());
        QVERIFY2(result, qPrintable(result ? QString() : result.error().toString()));
        QCOMPARE(result->parameters.value(QStringLiteral("smoothing")).toDouble(), 0.0);
        const auto& trees = std::get<model::TreeEnsemble>(result->model.graph.nodes[0].operation);
        QCOMPARE(trees.leafValues, (std::vector<float>{1, 0, 0, 1}));
        request.parameters = {{QStringLiteral("smothing"), 1}};
        const auto wrong = trainInWorker(request, test::smallMatrix(12, 0), workerOptions());
        QCOMPARE(wrong.error().kind, ErrorKind::Usage);
        QVERIFY(wrong.error().hint.contains(QStringLiteral("smoothing")));
    }

    void everyFailureHasAReason_data()
    {
        QTest::addColumn<QString>("trainer");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("says"); // sanitizers turn signals into exit codes
        QTest::addColumn<QString>("hint");
        const auto row = [](const char* trainer, ErrorKind kind, const char* says, const char* hint) {
            QTest::newRow(trainer) << QString::fromLatin1(trainer) << int(kind) << QString::fromLatin1(says)
                                   << QString::fromLatin1(hint);
        };
        row("fixture.crash", ErrorKind::Failed, "crashed \\(signal 11|exit code", "about to crash");
        row("fixture.throw", ErrorKind::Failed, "crashed \\(signal 6|exit code", "a plugin that throws");
        row("fixture.exit", ErrorKind::Failed, "exit code 0 and without a result", "");
        row("fixture.bad-model", ErrorKind::BadData, "model that does not hold.*child", "plugin");
        row("fixture.other-classes", ErrorKind::BadData, "classes", "plugin");
        row("fixture.regressor", ErrorKind::BadData, "no classifier", "plugin");
        row("fixture.fail", ErrorKind::Usage, "This data cannot be learned from", "Bring other data");
        row("fixture.unknown", ErrorKind::Usage, "no trainer 'fixture.unknown'", "fixture.good");
    }
    void everyFailureHasAReason()
    {
        QFETCH(QString, trainer);
        QFETCH(int, kind);
        QFETCH(QString, says);
        QFETCH(QString, hint);
        const auto result = train(trainer);
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(QRegularExpression(says)), qPrintable(result.error().message));
        QVERIFY2(result.error().hint.contains(hint), qPrintable(result.error().hint));
        QCOMPARE(int(result.error().kind), kind);
    }

    void aWorkerThatIsKilledIsStartedAgain()
    {
        QTemporaryDir folder;
        QFile deaths(folder.filePath(QStringLiteral("deaths")));
        const auto attempt = [&](int times) {
            if (!deaths.open(QIODevice::WriteOnly) || deaths.write(QByteArray(times, 'x')) != times)
                return train(QStringLiteral("no deaths can be written"));
            deaths.close();
            qputenv("EMBERLAB_FIXTURE_DEATHS", deaths.fileName().toLocal8Bit());
            return train(QStringLiteral("fixture.killed"));
        };
        QVERIFY(attempt(1));
        const auto hopeless = attempt(20);
        QVERIFY(!hopeless);
        QVERIFY2(hopeless.error().message.contains(QStringLiteral("signal 9")), qPrintable(hopeless.error().message));
        QCOMPARE(QFileInfo(deaths.fileName()).size(), 17); // once, and two more times
    }

    // As through a batch system: something else starts the worker, and tells signals by exit codes.
    void aLauncherStartsTheWorker()
    {
        QTemporaryDir folder;
        RunnerOptions options = workerOptions();
        options.jobsFolder = folder.path();
        options.launcher = {QStringLiteral("/bin/sh"), QStringLiteral("-c"),
                            QStringLiteral("touch '%1/launched'; \"$@\"; exit $?").arg(folder.path()),
                            QStringLiteral("launcher")};
        const auto result = train(QStringLiteral("fixture.good"), options);
        QVERIFY2(result, qPrintable(result ? QString() : result.error().toString()));
        QVERIFY(QFile::exists(folder.filePath(QStringLiteral("launched"))));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 0); // jobs are cleared away

        QFile deaths(folder.filePath(QStringLiteral("deaths")));
        QVERIFY(deaths.open(QIODevice::WriteOnly) && deaths.write("x") == 1);
        deaths.close();
        qputenv("EMBERLAB_FIXTURE_DEATHS", deaths.fileName().toLocal8Bit());
        QVERIFY(train(QStringLiteral("fixture.killed"), options)); // killed once, and started again
        const auto crashed = train(QStringLiteral("fixture.crash"), options);
        QVERIFY(!crashed);
        QVERIFY2(crashed.error().message.contains(QRegularExpression(QStringLiteral("crashed \\(signal 11|exit code"))),
                 qPrintable(crashed.error().message));
    }

    void aLimitOfTheBatchSystemIsNotTriedAgain()
    {
        QTemporaryDir folder;
        RunnerOptions options = workerOptions();
        options.jobsFolder = folder.path();
        const auto launcher = [&folder](const QString& last) {
            return QStringList{QStringLiteral("/bin/sh"), QStringLiteral("-c"),
                               QStringLiteral("echo started >> '%1/starts'; %2").arg(folder.path(), last),
                               QStringLiteral("launcher")};
        };
        options.launcher =
            launcher(QStringLiteral("echo 'slurmstepd: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE "
                                    "TO TIME LIMIT ***' >&2; exit 143"));
        const auto late = train(QStringLiteral("fixture.good"), options);
        QVERIFY2(late.error().message.contains(QStringLiteral("limit of its time")), qPrintable(late.error().message));
        QFile starts(folder.filePath(QStringLiteral("starts")));
        QVERIFY(starts.open(QIODevice::ReadOnly));
        QCOMPARE(starts.readAll(), QByteArray("started\n"));

        // A launcher is asked before it is killed, so that it can take back what it asked for.
        options.launcher =
            launcher(QStringLiteral("trap \"touch '%1/asked'; exit 143\" TERM; while :; do sleep 0.05; done")
                         .arg(folder.path()));
        options.timeLimitMs = 500;
        QVERIFY(!train(QStringLiteral("fixture.good"), options));
        QVERIFY(QFile::exists(folder.filePath(QStringLiteral("asked"))));
    }

    void executorsAreKnownByName()
    {
        QVERIFY(runnerFor(QStringLiteral("local"))->launcher.isEmpty());
        QCOMPARE(runnerFor(QStringLiteral("fog")).error().kind, ErrorKind::Usage);
        // A tool of that name is all that is looked for.
        QTemporaryDir tools;
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", tools.path().toLocal8Bit());
        const auto none = runnerFor(QStringLiteral("slurm"));
        QVERIFY(QFile::link(QStringLiteral("/bin/true"), QDir(tools.path()).filePath(QStringLiteral("srun"))));
        qputenv("EMBERLAB_STATE", tools.path().toLocal8Bit());
        const auto some = runnerFor(QStringLiteral("slurm"));
        qputenv("PATH", path);
        qunsetenv("EMBERLAB_STATE");
        QCOMPARE(none.error().kind, ErrorKind::MissingTool);
        QVERIFY(some && some->launcher.front().endsWith(QStringLiteral("/srun")));
        QVERIFY(some->jobsFolder.startsWith(tools.path()));
    }

    void aWrongApiNumberIsRefusedWithBothNumbers()
    {
        usePlugins(EMBERLAB_TEST_PLUGINS "/wrong-api");
        const auto result = train(QStringLiteral("empty.good"));
        QCOMPARE(result.error().kind, ErrorKind::Failed);
        QVERIFY2(result.error().message.contains(QStringLiteral("API 999")), qPrintable(result.error().message));
        QVERIFY(result.error().message.contains(QStringLiteral("API %1").arg(plugin::kApiNumber)));
    }

    void aCrashWhileLoadingIsAFailedRun()
    {
        usePlugins(EMBERLAB_TEST_PLUGINS "/crash-when-loaded");
        const auto result = train(QStringLiteral("crash.good"));
        QCOMPARE(result.error().kind, ErrorKind::Failed);
        QVERIFY2(result.error().message.contains(QStringLiteral("crashed")), qPrintable(result.error().message));
        // The same folder list, another plugin: only the one that is needed is loaded.
        QVERIFY(train(QStringLiteral("fixture.good")));
    }

    void aHangIsStopped()
    {
        RunnerOptions options = workerOptions();
        options.timeLimitMs = 1'500;
        const auto result = train(QStringLiteral("fixture.hang"), options);
        QCOMPARE(result.error().kind, ErrorKind::Failed);
        QVERIFY2(result.error().message.contains(QStringLiteral("did not finish within 1.5 s")),
                 qPrintable(result.error().message));
    }

    void runningOutOfMemoryIsSaid()
    {
        RunnerOptions options = workerOptions();
        options.memoryLimitBytes = 600'000'000;
        const auto result = train(QStringLiteral("fixture.allocate"), options);
        QCOMPARE(result.error().kind, ErrorKind::Failed);
        QVERIFY2(result.error().message.contains(QStringLiteral("out of memory (limit 600 MB)")),
                 qPrintable(result.error().message));
    }

    // Whatever a plugin prints is log: it neither forges progress nor breaks the result, and the log stays small.
    void printingIsHarmless()
    {
        QTemporaryDir folder;
        TrainingRequest request;
        request.trainer = QStringLiteral("fixture.print");
        QVERIFY(writeJob(folder.path(), request, test::smallMatrix(12, 0)));
        double largest = 0;
        const auto result =
            runJob(folder.path(), workerOptions(), [&](const Progress& p) { largest = std::max(largest, p.fraction); });
        QVERIFY2(result, qPrintable(result ? QString() : result.error().toString()));
        QVERIFY(largest <= 1);
        QVERIFY(result->log.contains(QStringLiteral("noise 2999")));
        QVERIFY(QFile(folder.filePath(QStringLiteral("log.txt"))).size() <= 64 * 1024);
        QVERIFY(model::loadModel(folder.filePath(QStringLiteral("model.onnx"))));
    }

    void aWorkerThatIsNone()
    {
        RunnerOptions options = workerOptions();
        options.program = QStringLiteral("/bin/echo");
        const auto garbage = train(QStringLiteral("fixture.good"), options);
        QCOMPARE(garbage.error().kind, ErrorKind::Failed);
        QVERIFY(garbage.error().message.contains(QStringLiteral("without a result")));
        QVERIFY2(garbage.error().hint.contains(QStringLiteral("--supervised")), qPrintable(garbage.error().hint));
        options.program = QStringLiteral("/no/such/worker");
        QCOMPARE(train(QStringLiteral("fixture.good"), options).error().kind, ErrorKind::MissingTool);
    }

    void cancelling_data()
    {
        QTest::addColumn<QString>("trainer");
        QTest::newRow("a trainer that listens") << "fixture.polite";
        QTest::newRow("a trainer that does not") << "fixture.hang";
    }
    void cancelling()
    {
        QFETCH(QString, trainer);
        RunnerOptions options = workerOptions();
        options.cancelGraceMs = trainer == QLatin1String("fixture.polite") ? 100'000 : 200;
        CancelSource source;
        QElapsedTimer clock;
        clock.start();
        std::thread canceller([&source] { source.cancel(); });
        const auto result = train(trainer, options, {}, source.token());
        canceller.join();
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QVERIFY(clock.elapsed() < 90'000);
    }

    // A job folder is used again: nothing of the first run may be taken for the second's.
    void anOldResultIsNotANewOne()
    {
        QTemporaryDir folder;
        TrainingRequest request;
        request.trainer = QStringLiteral("fixture.good");
        QVERIFY(writeJob(folder.path(), request, test::smallMatrix(12, 0)));
        QVERIFY(runJob(folder.path(), workerOptions()));
        RunnerOptions none = workerOptions();
        none.program = QStringLiteral("/bin/true");
        QVERIFY(!runJob(folder.path(), none));
    }
};

QTEST_GUILESS_MAIN(TestJobRunner)
#include "tst_job_runner.moc"
