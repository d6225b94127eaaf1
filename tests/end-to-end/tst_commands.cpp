// SPDX-License-Identifier: GPL-3.0-or-later
// The commands as people script against them: every field that the command line promises, and the lines of the README.
#include "core/dataset/project.h"
#include "core/signal/npy.h"
#include "tests/support/program.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::test;

namespace {

const QString kBoard = QStringLiteral("mps2-an386");
const QString kRoot = QStringLiteral(EMBERLAB_TEST_DATA "/../..");

QString demoFile(int subject)
{
    return QStringLiteral("%1/resources/demo-data/human-activity/s%2.csv")
        .arg(kRoot)
        .arg(subject, 2, 10, QLatin1Char('0'));
}

QByteArray missingFields(const QJsonObject& object, const QStringList& wanted)
{
    QStringList missing;
    for (const QString& field : wanted) {
        if (!object.contains(field))
            missing << field;
    }
    return missing.join(QLatin1Char(' ')).toUtf8();
}

} // namespace

#define VERIFY_FIELDS(object, ...)                                                                                     \
    QVERIFY2(missingFields(object, QStringLiteral(__VA_ARGS__).split(QLatin1Char(' '))).isEmpty(),                     \
             "missing: " + missingFields(object, QStringLiteral(__VA_ARGS__).split(QLatin1Char(' '))))

class TestCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_project = m_folder.filePath(QStringLiteral("p.ember"));
        const ProgramRun made = runJson({QStringLiteral("new"), m_project});
        QVERIFY2(made.exitCode == 0, made.said());
        VERIFY_FIELDS(made.result(), "path");
        QStringList arguments{QStringLiteral("import"), QStringLiteral("--project"), m_project};
        for (int subject = 1; subject <= 4; ++subject)
            arguments << demoFile(subject);
        const ProgramRun imported = runJson(arguments << QStringLiteral("/nowhere/x.csv"));
        QVERIFY2(imported.exitCode == 0, imported.said());
        const QJsonArray files = imported.result().value(QStringLiteral("imported")).toArray();
        QCOMPARE(files.size(), 4);
        VERIFY_FIELDS(files.first().toObject(), "file format recordings samples segments warnings");
        const QJsonArray skipped = imported.result().value(QStringLiteral("skipped")).toArray();
        QCOMPARE(skipped.size(), 1);
        VERIFY_FIELDS(skipped.first().toObject(), "file reason");
        const ProgramRun trained =
            runJson({QStringLiteral("train"), QStringLiteral("--project"), m_project, QStringLiteral("--trainer"),
                     QStringLiteral("trees.random-forest"), QStringLiteral("--set"), QStringLiteral("trees=5"),
                     QStringLiteral("--validation"), QStringLiteral("group-kfold:2")});
        QVERIFY2(trained.exitCode == 0, trained.said());
        VERIFY_FIELDS(trained.result(), "run model f1 accuracy per_class confusion interval95");
        QVERIFY(trained.result().value(QStringLiteral("f1")).toDouble() > 0.4);
        m_model = trained.result().value(QStringLiteral("model")).toString();
        QCOMPARE(m_model, m_project + QStringLiteral("#1"));
    }

    void trainedNetworksInIntegersRunOnBoards()
    {
        const QString tables = QStringLiteral(EMBERLAB_TEST_DATA) + QStringLiteral("/tables");
        const QString model = m_folder.filePath(QStringLiteral("cnn.onnx"));
        QStringList train{
            QStringLiteral("train"),          QStringLiteral("--table"), tables + QStringLiteral("/digits_train.csv"),
            QStringLiteral("--label-column"), QStringLiteral("label"),   QStringLiteral("--trainer"),
            QStringLiteral("neural.cnn"),     QStringLiteral("--out"),   model};
        for (const char* setting : {"shape=1x8x8", "filters=8,12", "epochs=3", "quantise=int8"})
            train << QStringLiteral("--set") << QString::fromLatin1(setting);
        const ProgramRun trained = runJson(train);
        QVERIFY2(trained.exitCode == 0, trained.said());
        for (const char* board : {"mps2-an386", "mps2-m0"}) {
            const QStringList where{model, QStringLiteral("--target"), QString::fromLatin1(board)};
            const ProgramRun verified =
                runJson(QStringList{QStringLiteral("verify")} + where +
                        QStringList{QStringLiteral("--input"),
                                    QStringLiteral(EMBERLAB_TEST_DATA "/models/digits_test_X_int32.npy"),
                                    QStringLiteral("--feature-type"), QStringLiteral("int16")});
            QVERIFY2(verified.exitCode == 0, verified.said());
            QCOMPARE(verified.result().value(QStringLiteral("rows")).toInteger(), 450);
            QVERIFY(verified.result().value(QStringLiteral("bit_exact")).toBool());
            const ProgramRun estimated = runJson(QStringList{QStringLiteral("estimate")} + where);
            QVERIFY2(estimated.exitCode == 0, estimated.said());
            QVERIFY(estimated.result().value(QStringLiteral("instructions")).toDouble() > 1000);
        }
    }

    void listsHaveTheirFields()
    {
        const ProgramRun boards = runJson({QStringLiteral("boards")});
        const QJsonArray all = boards.result().value(QStringLiteral("boards")).toArray();
        QVERIFY2(all.size() >= 4, boards.said());
        VERIFY_FIELDS(all.first().toObject(),
                      "id name cpu clock_hz flash_bytes ram_bytes fpu emulated available missing_tool");
        const ProgramRun ports = runJson({QStringLiteral("ports")});
        QVERIFY2(ports.result().value(QStringLiteral("ports")).isArray(), ports.said());
        const ProgramRun plugins = runJson({QStringLiteral("plugins")});
        VERIFY_FIELDS(plugins.result().value(QStringLiteral("plugins")).toArray().first().toObject(),
                      "id version kinds state error");
        VERIFY_FIELDS(plugins.result().value(QStringLiteral("trainers")).toArray().first().toObject(),
                      "id tasks input parameters");
        const ProgramRun info = runJson({QStringLiteral("info"), QStringLiteral("--project"), m_project});
        VERIFY_FIELDS(info.result(), "recordings segments label_sets groups runs samples duration_s bytes");
        QCOMPARE(info.result().value(QStringLiteral("runs")).toInteger(), 1);
        QCOMPARE(info.result().value(QStringLiteral("groups")).toArray().size(), 4);
    }

    void theDatasetCommandsHaveTheirFields()
    {
        const ProgramRun check = runJson({QStringLiteral("check"), QStringLiteral("--project"), m_project});
        QVERIFY2(check.exitCode == 0, check.said());
        for (const QJsonValue& finding : check.result().value(QStringLiteral("findings")).toArray())
            VERIFY_FIELDS(finding.toObject(), "severity code message recording");
        const ProgramRun split = runJson({QStringLiteral("split"), QStringLiteral("--project"), m_project,
                                          QStringLiteral("--by"), QStringLiteral("group"), QStringLiteral("--test"),
                                          QStringLiteral("0.25"), QStringLiteral("--seed"), QStringLiteral("3")});
        QVERIFY2(split.exitCode == 0, split.said());
        VERIFY_FIELDS(split.result(), "train test groups_train groups_test");
        const QJsonArray tested = split.result().value(QStringLiteral("groups_test")).toArray();
        QCOMPARE(tested.size() + split.result().value(QStringLiteral("groups_train")).toArray().size(), 4);

        // The split that was decided is the one that training uses.
        const ProgramRun trained =
            runJson({QStringLiteral("train"), QStringLiteral("--project"), m_project, QStringLiteral("--trainer"),
                     QStringLiteral("trees.decision-tree"), QStringLiteral("--validation"), QStringLiteral("split")});
        QVERIFY2(trained.exitCode == 0, trained.said());
        QStringList scored;
        for (const QJsonValue& group : trained.result().value(QStringLiteral("per_group")).toArray())
            scored << group.toObject().value(QStringLiteral("group")).toString();
        QStringList wanted;
        for (const QJsonValue& group : tested)
            wanted << group.toString();
        QCOMPARE(scored, wanted);

        const QString out = m_folder.filePath(QStringLiteral("exported"));
        const ProgramRun exported =
            runJson({QStringLiteral("export"), QStringLiteral("--project"), m_project, QStringLiteral("--format"),
                     QStringLiteral("edge-impulse"), QStringLiteral("--out"), out});
        QVERIFY2(exported.exitCode == 0, exported.said());
        QVERIFY(exported.result().value(QStringLiteral("files")).toArray().size() > 4);
        const ProgramRun unknown =
            runJson({QStringLiteral("export"), QStringLiteral("--project"), m_project, QStringLiteral("--format"),
                     QStringLiteral("fax"), QStringLiteral("--out"), out});
        QCOMPARE(unknown.exitCode, 2);
        QVERIFY2(unknown.said().contains("edge-impulse"), unknown.said());
    }

    void featuresAreWrittenAsOtherToolsReadThem()
    {
        const QString matrix = m_folder.filePath(QStringLiteral("x.npy"));
        const QString labels = m_folder.filePath(QStringLiteral("y.csv"));
        const ProgramRun run = runJson(
            {QStringLiteral("features"), QStringLiteral("--project"), m_project, QStringLiteral("--preset"),
             QStringLiteral("motion"), QStringLiteral("--window"), QStringLiteral("2s"), QStringLiteral("--stride"),
             QStringLiteral("1s"), QStringLiteral("--out"), matrix, QStringLiteral("--labels"), labels});
        QVERIFY2(run.exitCode == 0, run.said());
        VERIFY_FIELDS(run.result(), "windows features names blocks");
        const qint64 windows = run.result().value(QStringLiteral("windows")).toInteger();
        const qint64 features = run.result().value(QStringLiteral("features")).toInteger();
        QVERIFY(windows > 100);
        QCOMPARE(run.result().value(QStringLiteral("names")).toArray().size(), features);
        for (const QJsonValue& block : run.result().value(QStringLiteral("blocks")).toArray())
            QCOMPARE(block.toObject().value(QStringLiteral("source")).toString(), QStringLiteral("estimated"));
        const auto array = signal::readNpy(matrix);
        QVERIFY(array);
        QCOMPARE(array->shape, (std::vector<qint64>{windows, features}));
        QFile csv(labels);
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), windows + 1);
    }

    void theDeployCommandsHaveTheirFields()
    {
        const QStringList target{QStringLiteral("--target"), kBoard};
        const ProgramRun estimate = runJson(QStringList{QStringLiteral("estimate"), m_model} + target);
        VERIFY_FIELDS(estimate.result(), "flash_bytes ram_bytes instructions cycles energy_uj source");
        QCOMPARE(estimate.result().value(QStringLiteral("source")).toString(), QStringLiteral("estimated"));

        const QString out = m_folder.filePath(QStringLiteral("code"));
        const ProgramRun generate =
            runJson(QStringList{QStringLiteral("generate"), m_model, QStringLiteral("--out"), out} + target);
        QVERIFY2(generate.exitCode == 0, generate.said());
        VERIFY_FIELDS(generate.result(), "files flash_const_bytes ram_bytes");
        QVERIFY(QFileInfo::exists(QDir(out).filePath(QStringLiteral("p.cpp"))));

        const ProgramRun profile = runJson(
            QStringList{QStringLiteral("profile"), m_model, QStringLiteral("--rows"), QStringLiteral("8")} + target);
        QVERIFY2(profile.exitCode == 0, profile.said());
        VERIFY_FIELDS(profile.result(),
                      "flash_bytes flash_code_bytes flash_const_bytes ram_bytes stack_bytes instructions "
                      "instructions_max cycles stages source");
        QCOMPARE(profile.result().value(QStringLiteral("source")).toString(), QStringLiteral("emulated"));
        // The project knows it from now on.
        const ProgramRun compared = runJson(
            QStringList{QStringLiteral("compare"), QStringLiteral("--project"), m_project, QStringLiteral("1")} +
            target);
        QCOMPARE(compared.result()
                     .value(QStringLiteral("runs"))
                     .toArray()
                     .first()
                     .toObject()
                     .value(QStringLiteral("costs"))
                     .toObject()
                     .value(kBoard)
                     .toObject()
                     .value(QStringLiteral("profile"))
                     .toObject()
                     .value(QStringLiteral("instructions")),
                 profile.result().value(QStringLiteral("instructions")));

        const ProgramRun verify = runJson(
            QStringList{QStringLiteral("verify"), m_model, QStringLiteral("--rows"), QStringLiteral("20")} + target);
        QVERIFY2(verify.exitCode == 0, verify.said());
        VERIFY_FIELDS(verify.result(), "rows bit_exact mismatched max_abs_diff label_flips instructions source");
        QCOMPARE(verify.result().value(QStringLiteral("rows")).toInteger(), 20);

        const ProgramRun flash =
            runJson({QStringLiteral("flash"), QStringLiteral("--board"), kBoard, QStringLiteral("--model"), m_model});
        QVERIFY2(flash.exitCode == 0, flash.said());
        VERIFY_FIELDS(flash.result(), "tool bytes seconds verified");
        QVERIFY(flash.result().value(QStringLiteral("verified")).toBool());
    }

    void runsAreComparedOnTheSameWindows()
    {
        const auto train = [this](const QStringList& more) {
            return runJson(QStringList{QStringLiteral("train"), QStringLiteral("--project"), m_project,
                                       QStringLiteral("--validation"), QStringLiteral("group-kfold:2")} +
                           more);
        };
        const ProgramRun weak = train({QStringLiteral("--trainer"), QStringLiteral("trees.decision-tree"),
                                       QStringLiteral("--set"), QStringLiteral("max-depth=1")});
        QVERIFY2(weak.exitCode == 0, weak.said());
        const ProgramRun other =
            train({QStringLiteral("--trainer"), QStringLiteral("trees.decision-tree"), QStringLiteral("--window"),
                   QStringLiteral("1s"), QStringLiteral("--set"), QStringLiteral("max-depth=1")});
        QVERIFY2(other.exitCode == 0, other.said());

        const auto number = [](const ProgramRun& run) {
            return QString::number(run.result().value(QStringLiteral("run")).toInteger());
        };
        const ProgramRun compared =
            runJson({QStringLiteral("compare"), QStringLiteral("--project"), m_project, QStringLiteral("--target"),
                     QStringLiteral("mps2-an385"), QStringLiteral("1"), number(weak), number(other)});
        QVERIFY2(compared.exitCode == 0, compared.said());
        const QJsonArray runs = compared.result().value(QStringLiteral("runs")).toArray();
        QCOMPARE(runs.size(), 3);
        QJsonObject ofWeak, ofOther;
        for (const QJsonValue& run : runs) {
            VERIFY_FIELDS(run.toObject(), "run trainer f1 accuracy interval95 costs p_value");
            QVERIFY(!run.toObject().contains(QStringLiteral("predictions")));
            const QJsonObject cost = run.toObject()
                                         .value(QStringLiteral("costs"))
                                         .toObject()
                                         .value(QStringLiteral("mps2-an385"))
                                         .toObject()
                                         .value(QStringLiteral("estimate"))
                                         .toObject();
            QVERIFY(cost.value(QStringLiteral("flash_bytes")).toDouble() > 500);
            if (run.toObject().value(QStringLiteral("run")) == weak.result().value(QStringLiteral("run")))
                ofWeak = run.toObject();
            if (run.toObject().value(QStringLiteral("run")) == other.result().value(QStringLiteral("run")))
                ofOther = run.toObject();
        }
        QCOMPARE(runs.first().toObject().value(QStringLiteral("run")).toInteger(), 1);
        QVERIFY(runs.first().toObject().value(QStringLiteral("best")).toBool());
        // One question does not tell five activities apart.
        const double p = ofWeak.value(QStringLiteral("p_value")).toDouble(-1);
        QVERIFY2(p > 0 && p <= 1, qPrintable(QString::number(p)));
        QVERIFY(ofWeak.value(QStringLiteral("only_best_right")).toInteger() >
                ofWeak.value(QStringLiteral("only_this_right")).toInteger());
        QVERIFY(ofWeak.value(QStringLiteral("f1_difference95")).toArray().first().toDouble() > 0);
        QVERIFY(ofOther.value(QStringLiteral("p_value")).isNull());
        QVERIFY2(ofOther.value(QStringLiteral("p_value_reason")).toString().contains(QStringLiteral("other windows")),
                 qPrintable(ofOther.value(QStringLiteral("p_value_reason")).toString()));
        QCOMPARE(
            runJson({QStringLiteral("compare"), QStringLiteral("--project"), m_project, QStringLiteral("99")}).exitCode,
            2);
    }

    void tuningFindsTheSameTrialsHoweverManyRunAtOnce()
    {
        // A copy, for what one project has tried is not tried again.
        const QString copy = m_folder.filePath(QStringLiteral("copy.ember"));
        QVERIFY(QFile::copy(m_project, copy));
        const auto tune = [](const QString& project, const char* jobs) {
            return runJson({QStringLiteral("tune"), QStringLiteral("--project"), project, QStringLiteral("--target"),
                            kBoard, QStringLiteral("--trials"), QStringLiteral("4"), QStringLiteral("--trainers"),
                            QStringLiteral("trees.decision-tree,trees.extra-trees"), QStringLiteral("--max-flash"),
                            QStringLiteral("5kB"), QStringLiteral("--validation"), QStringLiteral("group-kfold:2"),
                            QStringLiteral("--jobs"), QLatin1String(jobs)});
        };
        const ProgramRun alone = tune(m_project, "1");
        const ProgramRun together = tune(copy, "2");
        QVERIFY2(alone.exitCode == 0, alone.said());
        QVERIFY2(together.exitCode == 0, together.said());
        VERIFY_FIELDS(alone.result(), "runs pareto");
        const QJsonArray a = alone.result().value(QStringLiteral("runs")).toArray();
        const QJsonArray b = together.result().value(QStringLiteral("runs")).toArray();
        QCOMPARE(a.size(), 4);
        QCOMPARE(b.size(), 4);
        bool overBudget = false;
        for (int i = 0; i < 4; ++i) {
            const QJsonObject x = a[i].toObject(), y = b[i].toObject();
            VERIFY_FIELDS(x, "trial run trainer parameters f1 interval95 cost within_budget pareto");
            for (const char* field : {"trainer", "parameters", "f1", "within_budget", "pareto"})
                QCOMPARE(x.value(QLatin1String(field)), y.value(QLatin1String(field)));
            const double flash =
                x.value(QStringLiteral("cost")).toObject().value(QStringLiteral("flash_bytes")).toDouble();
            QCOMPARE(x.value(QStringLiteral("within_budget")).toBool(), flash <= 5000);
            overBudget = overBudget || flash > 5000;
        }
        QVERIFY(overBudget); // the default extra trees
        // Asked again, it goes on where it was: nothing is left to do.
        const QJsonArray again = tune(m_project, "1").result().value(QStringLiteral("runs")).toArray();
        QCOMPARE(again.size(), 4);
        for (int i = 0; i < 4; ++i) {
            QVERIFY(!a[i].toObject().value(QStringLiteral("reused")).toBool());
            QVERIFY(again[i].toObject().value(QStringLiteral("reused")).toBool());
            for (const char* field : {"run", "f1", "interval95", "cost"})
                QCOMPARE(again[i].toObject().value(QLatin1String(field)), a[i].toObject().value(QLatin1String(field)));
        }
        QVERIFY(!alone.result().value(QStringLiteral("pareto")).toArray().isEmpty());
        QCOMPARE(runJson({QStringLiteral("tune"), QStringLiteral("--project"), m_project, QStringLiteral("--target"),
                          kBoard, QStringLiteral("--trainers"), QStringLiteral("trees.none")})
                     .exitCode,
                 2);
    }

    void expectedAnswersDecideTheExitCode()
    {
        // A tree on one feature: below zero it is class 3, above it class 7.
        const QString table = m_folder.filePath(QStringLiteral("t.csv"));
        QFile csv(table);
        QVERIFY(csv.open(QIODevice::WriteOnly));
        csv.write("x,label\n");
        std::vector<float> rows;
        std::vector<qint32> labels;
        for (int i = -10; i < 10; ++i) {
            csv.write(QByteArray::number(i + 0.5) + (i < 0 ? ",3\n" : ",7\n"));
            rows.push_back(static_cast<float>(i) + 0.5f);
            labels.push_back(i < 0 ? 3 : 7);
        }
        csv.close();
        const QString model = m_folder.filePath(QStringLiteral("t.onnx"));
        const ProgramRun trained =
            runJson({QStringLiteral("train"), QStringLiteral("--table"), table, QStringLiteral("--label-column"),
                     QStringLiteral("label"), QStringLiteral("--trainer"), QStringLiteral("trees.decision-tree"),
                     QStringLiteral("--out"), model});
        QVERIFY2(trained.exitCode == 0, trained.said());
        const qint64 count = static_cast<qint64>(rows.size());
        const auto write = [this](const char* name, const signal::NpyArray& array) {
            const QString path = m_folder.filePath(QLatin1String(name));
            return signal::writeNpy(path, array) ? path : QString();
        };
        const QString input = write("x.npy", signal::NpyArray::of(std::span<const float>(rows), {count, 1}));
        const auto verify = [&](const QString& expected) {
            return runJson({QStringLiteral("verify"), model, QStringLiteral("--target"), kBoard,
                            QStringLiteral("--input"), input, QStringLiteral("--expect"), expected});
        };
        const ProgramRun right = verify(write("y.npy", signal::NpyArray::of(std::span<const qint32>(labels), {count})));
        QVERIFY2(right.exitCode == 0, right.said());
        const QJsonObject expect = right.result().value(QStringLiteral("expect")).toObject();
        VERIFY_FIELDS(expect, "mismatched max_abs_diff label_flips");
        QCOMPARE(expect.value(QStringLiteral("label_flips")).toInteger(-1), 0);

        labels[4] = 7;
        const ProgramRun wrong = verify(write("z.npy", signal::NpyArray::of(std::span<const qint32>(labels), {count})));
        QVERIFY2(wrong.exitCode == 1, wrong.said());
        QCOMPARE(
            wrong.result().value(QStringLiteral("expect")).toObject().value(QStringLiteral("label_flips")).toInteger(),
            1);

        std::vector<float> scores;
        for (const float row : rows) {
            scores.push_back(row < 0 ? 0.75f : 0.0f); // the model says 1
            scores.push_back(row < 0 ? 0.0f : 1.0f);
        }
        const ProgramRun apart =
            verify(write("s.npy", signal::NpyArray::of(std::span<const float>(scores), {count, 2})));
        QVERIFY2(apart.exitCode == 1, apart.said());
        QCOMPARE(
            apart.result().value(QStringLiteral("expect")).toObject().value(QStringLiteral("max_abs_diff")).toDouble(),
            0.25);
        labels[4] = 5;
        QCOMPARE(verify(write("w.npy", signal::NpyArray::of(std::span<const qint32>(labels), {count}))).exitCode, 2);
        labels.push_back(3);
        QCOMPARE(verify(write("v.npy", signal::NpyArray::of(std::span<const qint32>(labels), {count + 1}))).exitCode,
                 2);
    }

    void aCrashingPluginIsAFailedRunWithItsReason()
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("EMBERLAB_PLUGIN_PATH"),
                           QStringLiteral(EMBERLAB_TEST_PLUGINS "/misbehaving"));
        QProcess program;
        program.setProcessEnvironment(environment);
        program.start(programPath(),
                      {QStringLiteral("train"), QStringLiteral("--project"), m_project, QStringLiteral("--trainer"),
                       QStringLiteral("fixture.crash"), QStringLiteral("--validation"), QStringLiteral("group-kfold:2"),
                       QStringLiteral("--json")});
        QVERIFY(program.waitForFinished(120'000));
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QCOMPARE(program.exitCode(), 1);
        const auto project = dataset::Project::open(m_project, dataset::Project::Access::ReadOnly);
        QVERIFY(project);
        const dataset::Run run = project->runs().list()->back();
        QCOMPARE(run.trainer, QStringLiteral("fixture.crash"));
        QCOMPARE(run.status, dataset::RunStatus::Failed);
        QVERIFY2(run.reason.contains(QStringLiteral("about to crash")), qPrintable(run.reason));
    }

    void theLinesOfTheReadmeWork()
    {
        QFile readme(kRoot + QStringLiteral("/README.md"));
        QVERIFY(readme.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(readme.readAll());
        const QString lines =
            text.section(QStringLiteral("## The loop, by command line"), 1).section(QStringLiteral("```"), 1, 1).mid(2);
        QCOMPARE(lines.trimmed().count(QLatin1Char('\n')), 5);
        QTemporaryDir folder;
        QVERIFY(QFile::link(kRoot + QStringLiteral("/resources"), folder.filePath(QStringLiteral("resources"))));
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("PATH"), QFileInfo(programPath()).absolutePath() + QLatin1Char(':') +
                                                       environment.value(QStringLiteral("PATH")));
        QProcess shell;
        shell.setWorkingDirectory(folder.path());
        shell.setProcessEnvironment(environment);
        shell.setProcessChannelMode(QProcess::MergedChannels);
        shell.start(QStringLiteral("bash"), {QStringLiteral("-e"), QStringLiteral("-c"), lines});
        QVERIFY(shell.waitForFinished(400'000));
        const QByteArray said = shell.readAll();
        QVERIFY2(shell.exitCode() == 0, said);
        QVERIFY2(said.contains("0 label flips"), said);
        QVERIFY2(said.contains("verified"), said);
    }

private:
    QTemporaryDir m_folder;
    QString m_project, m_model;
};

QTEST_GUILESS_MAIN(TestCommands)
#include "tst_commands.moc"
