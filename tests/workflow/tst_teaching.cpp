// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/bundle/bundle.h"
#include "core/codegen/bundle/zip_archive.h"
#include "core/codegen/learning/host_learner.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_edits.h"
#include "core/dataset/recording_writer.h"
#include "core/footprint/estimate.h"
#include "core/footprint/profile.h"
#include "core/model/model_file.h"
#include "core/workflow/board_source.h"
#include "core/workflow/bundle.h"
#include "core/workflow/self_test.h"
#include "core/workflow/teaching.h"
#include "tests/codegen/sample_classic.h"
#include "tests/codegen/sample_models.h"
#include "tests/support/missing_tools.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::test;
using namespace ember::workflow;
using codegen::test::ClassicModels;
using codegen::test::ClassicSample;

namespace {

constexpr int kFeatures = ClassicModels::kFeatures;

codegen::Options learningOptions()
{
    codegen::Options options{.featureType = codegen::FeatureType::Int8};
    options.learning = codegen::LearningOptions{.rows = 6, .prior = 2, .memory = 20};
    return options;
}

} // namespace

/// Lessons on the desktop and on emulated boards, with real firmware.
class TestTeaching : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        qputenv("EMBERLAB_STATE", m_folder.filePath(QStringLiteral("state")).toUtf8());
        for (const ClassicSample& sample : codegen::test::learningSamples())
            QVERIFY(model::saveModel(sample.model, pathOf(sample.name)));
    }

    void theDeskSaysWhatIsLearnedAndForgotten_data()
    {
        QTest::addColumn<QString>("sample");
        for (const ClassicSample& sample : codegen::test::learningSamples())
            QTest::newRow(qPrintable(sample.name)) << sample.name;
    }
    /// Every figure against a count of its own.
    void theDeskSaysWhatIsLearnedAndForgotten()
    {
        QFETCH(QString, sample);
        const Deployment deployment = deploymentOf(sample, QStringLiteral("mps2-an386"));
        const TeachingRows rows = rowsFor(deployment, 60);
        const auto report = teachOnDesk(deployment, rows);
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        codegen::HostLearner learner = codegen::HostLearner::make(deployment.program).value();
        const auto right = [&](const LabelledRows& of, int label) {
            qint64 count = 0;
            for (std::size_t i = 0; i < of.size(); ++i)
                count +=
                    (label < 0 || of.labels[i] == label) && learner.run(of.rows[i])->winner == of.labels[i] ? 1 : 0;
            return count;
        };
        const auto classes = static_cast<int>(deployment.program.model().classNames.size());
        std::vector<qint64> before;
        for (int c = 0; c < classes; ++c)
            before.push_back(right(rows.old, c));
        QCOMPARE(report->fresh.before.right, right(rows.fresh, -1));
        qint64 certain = 0;
        for (std::size_t i = 0; i < rows.old.size(); ++i)
            certain += learner.isCertain(rows.old.rows[i]).value() &&
                               learner.run(rows.old.rows[i])->winner == rows.old.labels[i]
                           ? 1
                           : 0;
        QCOMPARE(report->certainRows().right, certain);
        std::vector<qint64> outcomes(5);
        for (std::size_t i = 0; i < rows.lessons.size(); ++i)
            ++outcomes[learner.learn(rows.lessons.rows[i], rows.lessons.labels[i]).value()];
        QCOMPARE(report->outcomes, outcomes);
        QCOMPARE(report->fresh.after.right, right(rows.fresh, -1));
        QCOMPARE(report->freshAfter.back().right, right(rows.fresh, -1));
        QCOMPARE(report->curveLessons.back(), static_cast<qint64>(rows.lessons.size()));
        QVERIFY(report->curveLessons.size() <= TeachingReport::kCurvePoints);
        double worst = -1;
        qint64 oldRows = 0;
        for (int c = 0; c < classes; ++c) {
            const BeforeAndAfter& of = report->oldClasses[static_cast<std::size_t>(c)];
            QCOMPARE(of.before.right, before[static_cast<std::size_t>(c)]);
            QCOMPARE(of.after.right, right(rows.old, c));
            oldRows += of.before.rows;
            if (of.before.rows > 0)
                worst = std::max(worst, of.before.share() - of.after.share());
        }
        QCOMPARE(oldRows, static_cast<qint64>(rows.old.size()));
        QCOMPARE(report->worstLoss(), worst);
        QVERIFY(!report->bound.isEmpty());
    }

    void theBoardLearnsAsTheDesk_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<QString>("sample");
        QTest::addColumn<bool>("keeps");
        const auto add = [](const char* board, const char* sample, bool keeps) {
            QTest::addRow("%s, %s", board, sample)
                << QString::fromLatin1(board) << QString::fromLatin1(sample) << keeps;
        };
        for (const ClassicSample& sample : codegen::test::learningSamples())
            add("mps2-an386", qPrintable(sample.name), false);
        for (const char* sample : {"learning neighbours", "learning bayes", "learning mixture", "learning logistic"}) {
            add("arduino-uno", sample, true);
            add("mps2-m0", sample, false);
            add("microbit", sample, true);
        }
        add("sifive-e", "learning bayes", false);
    }
    void theBoardLearnsAsTheDesk()
    {
        QFETCH(QString, board);
        QFETCH(QString, sample);
        QFETCH(bool, keeps);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const Deployment deployment = deploymentOf(sample, board);
        const TeachingRows rows = rowsFor(deployment, 24);
        const auto desk = teachOnDesk(deployment, rows);
        const auto taught = teachOnBoard(deployment, rows);
        QVERIFY2(taught, taught ? "" : qPrintable(taught.error().toString()));
        QCOMPARE(taught->lessons, static_cast<qint64>(rows.lessons.size()));
        QCOMPARE(taught->otherOutcomes, 0);
        QCOMPARE(taught->rows, static_cast<qint64>(2 * rows.fresh.size() + rows.lessons.size()));
        QCOMPARE(taught->mismatched, 0);
        QCOMPARE(taught->fresh.before.right, desk->fresh.before.right);
        QCOMPARE(taught->fresh.after.right, desk->fresh.after.right);
        QCOMPARE(taught->canKeep, keeps);
        QCOMPARE(taught->restored, keeps);
        QCOMPARE(taught->generation, keeps ? 1 : 0);
        QCOMPARE(taught->mismatchedAfterRestart, 0);
    }

    void whatItCosts_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<QString>("sample");
        for (const char* board : {"mps2-an386", "mps2-m0", "sifive-e", "arduino-uno"}) {
            for (const char* sample :
                 {"learning neighbours", "learning bayes", "learning mixture", "learning logistic"})
                QTest::addRow("%s, %s", board, sample) << QString::fromLatin1(board) << QString::fromLatin1(sample);
        }
    }
    /// RAM to the byte, and flash about.
    void whatItCosts()
    {
        QFETCH(QString, board);
        QFETCH(QString, sample);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const Deployment deployment = deploymentOf(sample, board);
        const auto estimate = estimateCost(deployment);
        const auto inputs = defaultInputs(deployment, 4);
        const auto profile = profileCost(deployment, *inputs);
        QVERIFY2(profile, profile ? "" : qPrintable(profile.error().toString()));
        const auto work = [](const footprint::ModelCost& cost) {
            return cost.cycles.cost ? cost.cycles.cost->value : cost.instructions.cost->value;
        };
        const QString figures = QStringLiteral("estimated, emulated: RAM %1, %2; flash %3, %4; work %5, %6")
                                    .arg(estimate->ramBytes.value)
                                    .arg(profile->ramBytes.value)
                                    .arg(estimate->flashBytes.value)
                                    .arg(profile->flashBytes.value)
                                    .arg(work(*estimate))
                                    .arg(work(*profile));
        qInfo("%s", qPrintable(figures));
        QVERIFY2(std::abs(estimate->ramBytes.value - profile->ramBytes.value) < 0.5, qPrintable(figures));
        QVERIFY2(std::abs(estimate->flashBytes.value - profile->flashBytes.value) < 0.2 * profile->flashBytes.value,
                 qPrintable(figures));
    }

    void theFirmwareTestsItself_data()
    {
        QTest::addColumn<QString>("board");
        QTest::newRow("M4F") << "mps2-an386";
        QTest::newRow("Uno") << "arduino-uno";
    }
    void theFirmwareTestsItself()
    {
        QFETCH(QString, board);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        codegen::Options options{.featureType = codegen::FeatureType::Int8};
        const auto deployment = prepareDeployment(pathOf(QStringLiteral("learning bayes")), board, options);
        QVERIFY(deployment);
        const auto inputs = defaultInputs(*deployment, 12);
        const auto built = runSelfTest(*deployment, SelfTestPlace::Built, {}, *inputs);
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        QCOMPARE(int(built->report.vectors), 12);
        QVERIFY(built->passed());
        QVERIFY(built->firstDifference.isEmpty());
        if (board == QLatin1String("arduino-uno"))
            return; // is flashed through its bootloader: end-to-end tests do it
        // And the image that is flashed carries it too.
        const auto flashed = flashModel(*deployment);
        QVERIFY2(flashed, flashed ? "" : qPrintable(flashed.error().toString()));
        const auto asked = runSelfTest(*deployment, SelfTestPlace::Flashed, {}, {});
        QVERIFY2(asked, asked ? "" : qPrintable(asked.error().toString()));
        QCOMPARE(int(asked->report.vectors), 16);
        QVERIFY(asked->passed());
        // Another model is not there.
        const auto other = prepareDeployment(pathOf(QStringLiteral("learning ridge")), board, options);
        const auto refused = runSelfTest(*other, SelfTestPlace::Flashed, {}, {});
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Usage);
    }

    void tablesAreSplitByClass()
    {
        const Deployment deployment = deploymentOf(QStringLiteral("learning bayes"), QStringLiteral("mps2-an386"));
        const QString table = m_folder.filePath(QStringLiteral("new.csv"));
        QFile file(table);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("a,b,c,d,e,f,label\n");
        for (int i = 0; i < 9; ++i)
            file.write(QStringLiteral("%1,2,3,4,5,6,class %2\n").arg(i).arg(i % 3).toUtf8());
        file.close();
        const auto rows = readTeachingTables(deployment, table, table, QStringLiteral("label"));
        QVERIFY2(rows, rows ? "" : qPrintable(rows.error().toString()));
        QCOMPARE(rows->lessons.size(), std::size_t{6}); // two of the three of each class
        QCOMPARE(rows->fresh.size(), std::size_t{3});
        QCOMPARE(rows->old.size(), std::size_t{9});
        QVERIFY(file.open(QIODevice::Append));
        file.write("1,2,3,4,5,6,nobody\n");
        file.close();
        const auto unknown = readTeachingTables(deployment, table, {}, QStringLiteral("label"));
        QVERIFY(!unknown && unknown.error().message.contains(QStringLiteral("nobody")));
        QVERIFY(!readTeachingGroups(deployment, {}, {QStringLiteral("ann")}, {}));
    }

    /// Centroids know no spread of their classes.
    void theBoundSaysWhatItIsOf()
    {
        const auto boundOf = [&](const char* sample) {
            const Deployment deployment = deploymentOf(QLatin1String(sample), QStringLiteral("mps2-an386"));
            const auto report = teachOnDesk(deployment, rowsFor(deployment, 4));
            return report ? report->bound : report.error().message;
        };
        QVERIFY(boundOf("learning bayes").contains(QStringLiteral("standard deviations of its class")));
        QVERIFY(boundOf("learning mixture").contains(QStringLiteral("standard deviations of its class")));
        QVERIFY(boundOf("learning centroids").contains(QStringLiteral("of all rows")));
        QVERIFY(!boundOf("learning centroids").contains(QStringLiteral("of its class")));
    }

    void askingTheBoardCanBeCancelled()
    {
        if (const QString missing = whatIsMissing(QStringLiteral("mps2-an386")); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const Deployment deployment = deploymentOf(QStringLiteral("learning bayes"), QStringLiteral("mps2-an386"));
        for (const QString& stage : {QStringLiteral("Asking the board"), QStringLiteral("Teaching the board")}) {
            CancelSource source;
            Hooks hooks;
            hooks.cancel = source.token();
            bool seen = false;
            hooks.progress = [&](const Progress& progress) {
                if (progress.step == stage && !std::exchange(seen, true))
                    source.cancel();
            };
            const auto taught = teachOnBoard(deployment, rowsFor(deployment, 10), hooks);
            QVERIFY(seen);
            QVERIFY(!taught);
            QCOMPARE(taught.error().kind, ErrorKind::Cancelled);
        }
    }

    /// Before any compiler runs.
    void whatHasNoRoomIsSaidBefore()
    {
        codegen::Options options = learningOptions();
        options.learning->rows = 400;
        const auto deployment =
            prepareDeployment(pathOf(QStringLiteral("learning neighbours")), QStringLiteral("arduino-uno"), options);
        QVERIFY(deployment);
        const auto taught = teachOnBoard(*deployment, rowsFor(*deployment, 4));
        QVERIFY(!taught && taught.error().message.contains(QStringLiteral("bytes of RAM")));
        const auto tested = runSelfTest(*deployment, SelfTestPlace::Built, {}, *defaultInputs(*deployment, 4));
        QVERIFY(!tested && tested.error().message.contains(QStringLiteral("bytes of RAM")));
    }

    /// A project's model is flashed also where the project has no recordings to make a self-test from.
    void aModelWithoutInputsIsFlashed()
    {
        const QString board = QStringLiteral("mps2-an386");
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        auto deployment = prepareDeployment(windowModelPath(), board, {});
        QVERIFY2(deployment, deployment ? "" : qPrintable(deployment.error().toString()));
        deployment->source.projectPath = m_folder.filePath(QStringLiteral("gone.ember"));
        const auto flashed = flashModel(*deployment);
        QVERIFY2(flashed, flashed ? "" : qPrintable(flashed.error().toString()));
        const auto asked = runSelfTest(*deployment, SelfTestPlace::Flashed, {}, {});
        QVERIFY(!asked);
        QCOMPARE(asked.error().kind, ErrorKind::Unsupported);
        Hooks hooks;
        CancelSource source;
        source.cancel();
        hooks.cancel = source.token();
        QCOMPARE(flashModel(*deployment, hooks).error().kind, ErrorKind::Cancelled);
    }

    /// Where the stored inputs leave too little for the stack, a bundle goes without as a flashed board does, and its
    /// sources are those of its image.
    void aBundlesFirmwareLeavesRoomForTheStack()
    {
        const QString board = QStringLiteral("arduino-uno"); // others reserve their stack as they link
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        Deployment deployment = deploymentOf(QStringLiteral("learning bayes"), board);
        const auto inputs = defaultInputs(deployment, 8);
        const auto glueOf = [&]() -> QByteArray {
            const QString path = m_folder.filePath(QStringLiteral("bundle.zip"));
            const auto written = writeBundle(deployment, codegen::BundleKind::Firmware, *inputs, path);
            QFile file(path);
            if (!written || !file.open(QIODevice::ReadOnly))
                return written ? QByteArray() : written.error().toString().toUtf8();
            QByteArray text;
            for (const codegen::GeneratedFile& one : codegen::filesOfZip(file.readAll()).value())
                text += one.bytes.contains("ModelDescriptor kModel") ? one.bytes : QByteArray();
            return text;
        };
        const QByteArray with = glueOf();
        QVERIFY2(with.contains("SelfTestVectors kSelfTest"), with.constData());
        const QTemporaryDir folder;
        const auto built = buildWithSelfTest(deployment, *inputs, folder.path());
        QVERIFY(built && built->generated.agentParts.selfTest);
        deployment.board.ramBytes = built->image.sizes.ram + 400; // enough to be linked, less than what is left free
        const QByteArray without = glueOf();
        QVERIFY2(without.contains("kModel") && !without.contains("kSelfTest"), without.constData());
    }

    void aConnectedBoardForgetsAndKeeps()
    {
        const QString board = QStringLiteral("microbit");
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const Deployment deployment = deploymentOf(QStringLiteral("learning bayes"), board);
        const auto flashed = flashModel(deployment);
        QVERIFY2(flashed, flashed ? "" : qPrintable(flashed.error().toString()));
        BoardSource source;
        source.board = board;
        const auto link = startBoard(source);
        QVERIFY2(link, link ? "" : qPrintable(link.error().toString()));
        {
            const auto session = device::AgentSession::open(link->address, 30'000, link->transport);
            QVERIFY2(session, session ? "" : qPrintable(session.error().toString()));
            const LabelledRows lessons = rowsFor(deployment, 6).lessons;
            for (quint32 i = 0; i < lessons.size(); ++i) {
                QVERIFY((*session)->runVector(i, device::VectorKind::Features, lessons.rows[i], wire::kWantOutputs));
                QVERIFY((*session)->learn({wire::kLearnLast, lessons.labels[i], 0}));
            }
        }
        const auto told = [&](MemoryChange change) {
            const auto memory = changeBoardMemory({link->address}, change);
            if (!memory)
                qWarning("%s", qPrintable(memory.error().toString()));
            return memory ? *memory : BoardMemory();
        };
        BoardMemory memory = told({});
        QCOMPARE(memory.rows, 3);
        QVERIFY(memory.canKeep && !memory.kept);
        memory = told({.keep = true});
        QCOMPARE(memory.rows, 3);
        QCOMPARE(memory.generation, 1);
        QVERIFY(memory.kept);
        memory = told({.forget = true});
        QCOMPARE(memory.rows, 0);
        QCOMPARE(memory.generation, 1);
        QVERIFY(!memory.kept);
        memory = told({.forget = true, .keep = true});
        QCOMPARE(memory.rows, 0);
        QCOMPARE(memory.generation, 2);
        QVERIFY(memory.kept);
        QVERIFY(!changeBoardMemory({m_folder.filePath(QStringLiteral("no-port"))}, {}));
    }

    /// Recordings go by when they were made, not by their names, and what is taught does not test.
    void groupsAreSplitByTime()
    {
        const auto deployment = prepareDeployment(windowModelPath(), QStringLiteral("mps2-an386"), {});
        QVERIFY(deployment);
        auto project = dataset::Project::create(m_folder.filePath(QStringLiteral("groups.ember")));
        QVERIFY(project);
        constexpr int kRows = 640;
        QRandomGenerator random(6);
        const QByteArray earlier = codegen::test::motionRows(random, kRows);
        addRecording(*project, "zebra", "ann", earlier);
        addRecording(*project, "apple", "ann", codegen::test::motionRows(random, kRows));
        addRecording(*project, "one", "bob", codegen::test::motionRows(random, kRows));
        const auto ann = readTeachingGroups(*deployment, project->path(), {QStringLiteral("ann")}, {});
        QVERIFY2(ann, ann ? "" : qPrintable(ann.error().toString()));
        constexpr int kOfOne = (kRows - kWindowRows) / kHopRows + 1;
        QCOMPARE(ann->lessons.size(), std::size_t{kOfOne});
        QCOMPARE(ann->fresh.size(), std::size_t{kOfOne}); // another recording: none shares a row
        QCOMPARE(ann->old.size(), std::size_t{kOfOne});
        for (int i = 0; i < kOfOne; ++i) {
            const QByteArray window = earlier.mid(i * kHopRows * 6, kWindowRows * 6);
            QCOMPARE(ann->lessons.rows[static_cast<std::size_t>(i)], deployment->program.runWindow(window)->features);
        }
        QVERIFY2(ann->description.contains(QStringLiteral("trained on")), qPrintable(ann->description));
        // Of one recording, the first window behind the lessons shares rows with the last of them.
        const auto bob =
            readTeachingGroups(*deployment, project->path(), {QStringLiteral("bob")}, {QStringLiteral("ann")});
        QVERIFY(bob);
        QCOMPARE(bob->lessons.size(), std::size_t{(kOfOne + 1) / 2});
        QCOMPARE(bob->fresh.size(), std::size_t{kOfOne - (kOfOne + 1) / 2 - 1});
        QVERIFY2(bob->description.contains(QStringLiteral("1 that share")), qPrintable(bob->description));
        QVERIFY(!bob->description.contains(QStringLiteral("trained on")));
    }

private:
    static constexpr int kWindowRows = 64;
    static constexpr int kHopRows = 32;

    QString windowModelPath() const
    {
        using namespace codegen::test;
        const QString path = m_folder.filePath(QStringLiteral("windows.onnx"));
        if (!QFile::exists(path) &&
            !model::saveModel(windowModel(motionPipeline(kWindowRows, kHopRows), motionWindows(1, 30, kWindowRows), 4),
                              path))
            qFatal("the model cannot be written");
        return path;
    }

    /// All of it is of the first class.
    static void addRecording(dataset::Project& project, const char* name, const char* group, const QByteArray& rows)
    {
        dataset::NewRecording about;
        about.name = QLatin1String(name);
        about.group = {QLatin1String(group), dataset::GroupKind::Subject};
        about.stream = codegen::test::motionPipeline(kWindowRows, kHopRows).stream;
        auto writer = dataset::RecordingWriter::start(project.path(), about);
        QVERIFY(writer);
        signal::SampleBlock block;
        block.rowCount = rows.size() / 6;
        block.rows = rows;
        QVERIFY((*writer)->append(block) && (*writer)->finish());
        const auto label = project.labels().ensureLabel({}, QStringLiteral("class 0"));
        QVERIFY(label);
        QVERIFY(dataset::apply(project, dataset::AddSegment{{{}, (*writer)->id(), label->id, 0, block.rowCount}}));
    }

    QString pathOf(const QString& sample) const
    {
        return m_folder.filePath(QString(sample).replace(QLatin1Char(' '), QLatin1Char('_')) + QStringLiteral(".onnx"));
    }
    Deployment deploymentOf(const QString& sample, const QString& board) const
    {
        auto deployment = prepareDeployment(pathOf(sample), board, learningOptions());
        if (!deployment)
            qFatal("%s", qPrintable(deployment.error().toString()));
        return *std::move(deployment);
    }

    /// Old rows are what the model says of them itself; new ones are shifted and called the same.
    static TeachingRows rowsFor(const Deployment& deployment, int count)
    {
        ClassicModels make(5);
        const std::vector<float> old = make.whole(static_cast<std::size_t>(count) * kFeatures, 0, 16);
        TeachingRows rows;
        for (int i = 0; i < count; ++i) {
            std::vector<float> row(old.begin() + i * kFeatures, old.begin() + (i + 1) * kFeatures);
            const QByteArray encoded = deployment.program.encodeFeatures(row).value();
            const quint16 label = deployment.program.runFeatures(encoded)->winner;
            rows.old.rows.push_back(encoded);
            rows.old.labels.push_back(label);
            for (std::size_t f = 0; f < row.size(); ++f)
                row[f] += f % 2 == 0 ? 4.0f : -3.0f;
            LabelledRows& to = i % 2 == 0 ? rows.lessons : rows.fresh;
            to.rows.push_back(deployment.program.encodeFeatures(row).value());
            to.labels.push_back(label);
        }
        return rows;
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTeaching)
#include "tst_teaching.moc"
