// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "core/footprint/estimate.h"
#include "core/footprint/profile.h"
#include "core/model/model_file.h"
#include "core/workflow/event_proof.h"
#include "tests/codegen/sample_models.h"
#include "tests/support/missing_tools.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::test;
using namespace ember::workflow;

namespace {

constexpr int kWindowRows = 16;
constexpr int kLongRows = 3000; // of the two recordings
constexpr int kShortRows = 700;

} // namespace

/// Real firmware that tells events, on emulated boards, with recordings streamed into it.
class TestEventProof : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        qputenv("EMBERLAB_STATE", m_folder.filePath(QStringLiteral("state")).toUtf8());
        auto project = dataset::Project::create(m_folder.filePath(QStringLiteral("motion.ember")));
        QVERIFY(project);
        QRandomGenerator random(6);
        addRecording(*project, "one", codegen::test::motionRows(random, kLongRows));
        addRecording(*project, "two", codegen::test::motionRows(random, kShortRows));
    }

    void theBoardTellsWhatTheDesktopTells_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<int>("hop");
        QTest::newRow("mps2-an386, overlapping") << QStringLiteral("mps2-an386") << 8;
        QTest::newRow("mps2-m0, with gaps") << QStringLiteral("mps2-m0") << 20;
        QTest::newRow("sifive-e, one after the other") << QStringLiteral("sifive-e") << 16;
        QTest::newRow("arduino-uno, overlapping") << QStringLiteral("arduino-uno") << 8;
    }
    void theBoardTellsWhatTheDesktopTells()
    {
        QFETCH(QString, board);
        QFETCH(int, hop);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const Deployment deployment = deploymentOn(board, hop, true);
        const auto proof = proveEvents(deployment, {}, 0);
        QVERIFY2(proof, proof ? "" : qPrintable(proof.error().toString()));
        QVERIFY2(proof->passed(), qPrintable(proof->firstDifference));
        QCOMPARE(proof->stretches, 2);
        QCOMPARE(proof->windows, (kLongRows - kWindowRows) / hop + 1 + (kShortRows - kWindowRows) / hop + 1);
        QVERIFY2(proof->events > 3, qPrintable(QString::number(proof->events)));
        const auto part = proveEvents(deployment, {QStringLiteral("recording: two")}, 10);
        QVERIFY(part && part->passed());
        QCOMPARE(part->windows, 10);
        QVERIFY(!proveEvents(deploymentOn(board, hop, false), {}, 0));
        QVERIFY(!proveEvents(deployment, {QStringLiteral("nobody")}, 0));
    }

    void theEstimateKnowsWhatEventsCost_data()
    {
        QTest::addColumn<QString>("board");
        for (const char* board : {"mps2-an386", "mps2-m0", "sifive-e", "arduino-uno"})
            QTest::newRow(board) << QString::fromLatin1(board);
    }
    void theEstimateKnowsWhatEventsCost()
    {
        QFETCH(QString, board);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        // What events add, each by formula and as built.
        const auto costs = [&](bool events) {
            const Deployment deployment = deploymentOn(board, 8, events);
            const DeploymentInputs inputs = defaultInputs(deployment, 20).value();
            const auto profile = profileCost(deployment, inputs);
            if (!profile)
                qFatal("%s", qPrintable(profile.error().toString()));
            return std::pair(estimateCost(deployment).value(), *profile);
        };
        const auto [plainEstimate, plain] = costs(false);
        const auto [estimate, telling] = costs(true);
        const auto work = [](const footprint::ModelCost& cost) {
            return cost.cycles.cost ? cost.cycles.cost->value : cost.instructions.cost->value;
        };
        const double flash = telling.flashBytes.value - plain.flashBytes.value;
        const double estimatedFlash = estimate.flashBytes.value - plainEstimate.flashBytes.value;
        const double ram = telling.ramBytes.value - plain.ramBytes.value;
        const double estimatedRam = estimate.ramBytes.value - plainEstimate.ramBytes.value;
        const QString text = QStringLiteral("flash %1, estimated %2; RAM %3, estimated %4; work %5, estimated %6")
                                 .arg(flash)
                                 .arg(estimatedFlash)
                                 .arg(ram)
                                 .arg(estimatedRam)
                                 .arg(work(telling) - work(plain))
                                 .arg(work(estimate) - work(plainEstimate));
        qInfo("%s: %s", qPrintable(board), qPrintable(text));
        QCOMPARE(ram, estimatedRam);
        QVERIFY2(std::abs(flash - estimatedFlash) < 0.15 * flash, qPrintable(text));
        QVERIFY2(std::abs(work(telling) - work(plain) - work(estimate) + work(plainEstimate)) < 0.02 * work(plain),
                 qPrintable(text));
    }

private:
    /// A forest on the project's recordings, with 4 classes of which the first is no event.
    Deployment deploymentOn(const QString& board, int hop, bool events) const
    {
        using namespace codegen::test;
        const QString path = m_folder.filePath(QStringLiteral("windows%1.onnx").arg(hop));
        if (!QFile::exists(path) &&
            !model::saveModel(windowModel(motionPipeline(kWindowRows, hop), motionWindows(1, 30, kWindowRows), 4),
                              path))
            qFatal("the model cannot be written");
        codegen::Options options;
        if (events)
            options.events = codegen::EventOptions{3, 2, 1, 90, 60, QStringLiteral("class 0")};
        auto deployment = prepareDeployment(path, board, options);
        if (!deployment)
            qFatal("%s", qPrintable(deployment.error().toString()));
        deployment->source.projectPath = m_folder.filePath(QStringLiteral("motion.ember"));
        return *std::move(deployment);
    }

    static void addRecording(dataset::Project& project, const char* name, const QByteArray& rows)
    {
        dataset::NewRecording about;
        about.name = QLatin1String(name);
        about.stream = codegen::test::motionPipeline(kWindowRows, kWindowRows).stream;
        auto writer = dataset::RecordingWriter::start(project.path(), about);
        QVERIFY(writer);
        signal::SampleBlock block;
        block.rowCount = rows.size() / 6;
        block.rows = rows;
        QVERIFY((*writer)->append(block) && (*writer)->finish());
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestEventProof)
#include "tst_event_proof.moc"
