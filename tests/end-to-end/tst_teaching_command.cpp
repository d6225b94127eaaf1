// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"

#include <QFile>
#include <QJsonArray>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

using namespace ember::test;

namespace {

/// Three classes in two features of 8 bits, around centres that are moved by `shift`.
void writeTable(const QString& path, int rows, int shift, quint32 seed)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("a,b,label\n");
    QRandomGenerator random(seed);
    for (int i = 0; i < rows; ++i) {
        const int label = i % 3;
        const int a = 20 * label + shift + random.bounded(-6, 7);
        const int b = 60 - 25 * (label % 2) - shift + random.bounded(-6, 7);
        file.write(QStringLiteral("%1,%2,c%3\n").arg(a).arg(b).arg(label).toUtf8());
    }
}

} // namespace

/// What a user does with a model that is to learn, by the program alone.
class TestTeachingCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTable(m_folder.filePath(QStringLiteral("train.csv")), 120, 0, 1);
        writeTable(m_folder.filePath(QStringLiteral("old.csv")), 90, 0, 2);
        writeTable(m_folder.filePath(QStringLiteral("new.csv")), 120, 13, 3);
    }

    void aBoardIsTaught_data()
    {
        QTest::addColumn<QString>("trainer");
        QTest::addColumn<QStringList>("settings");
        QTest::addColumn<QString>("board");
        const QStringList none;
        QTest::newRow("bayes") << "bayes.gaussian" << none << "mps2-an386";
        QTest::newRow("neighbours") << "neighbours.knn" << QStringList{"--set", "standardise=false"} << "mps2-an386";
        QTest::newRow("mixture") << "mixture.gmm" << QStringList{"--set", "covariance=diagonal"} << "mps2-an386";
        QTest::newRow("centroids") << "mixture.kmeans" << QStringList{"--set", "clusters=1"} << "mps2-an386";
        QTest::newRow("logistic") << "linear.logistic" << none << "mps2-an386";
        QTest::newRow("bayes on an Uno") << "bayes.gaussian" << none << "arduino-uno";
    }
    void aBoardIsTaught()
    {
        QFETCH(QString, trainer);
        QFETCH(QStringList, settings);
        QFETCH(QString, board);
        const QString model = m_folder.filePath(trainer + QStringLiteral(".onnx"));
        const ProgramRun train = runJson(
            QStringList{"train", "--table", m_folder.filePath("train.csv"), "--trainer", trainer, "--out", model} +
            settings);
        QVERIFY2(train.exitCode == 0, train.said());
        const ProgramRun run = runJson(learnArguments(model, board));
        if (run.exitCode == 5)
            QSKIP(run.said());
        QVERIFY2(run.exitCode == 0, run.said());
        const auto share = [&run](const char* of, const char* when) {
            return run.result()
                .value(QLatin1String(of))
                .toObject()
                .value(QLatin1String(when))
                .toObject()
                .value(QStringLiteral("accuracy"))
                .toDouble(-1);
        };
        QVERIFY2(share("new", "after") > share("new", "before"), run.said());
        QVERIFY(share("old", "before") > 0.9);
        QCOMPARE(run.result().value(QStringLiteral("per_class")).toArray().size(), 3);
        QVERIFY(!run.result().value(QStringLiteral("bound")).toString().isEmpty());
        const QJsonObject taught = run.result().value(QStringLiteral("board")).toObject();
        QCOMPARE(taught.value(QStringLiteral("lessons")).toInt(), 60);
        QCOMPARE(taught.value(QStringLiteral("mismatched")).toInt(-1), 0);
        QCOMPARE(taught.value(QStringLiteral("other_outcomes")).toInt(-1), 0);
        const bool keeps = board == QLatin1String("arduino-uno");
        QCOMPARE(taught.value(QStringLiteral("keeps")).toBool(), keeps);
        QCOMPARE(taught.value(QStringLiteral("restored")).toBool(), keeps);
        QCOMPARE(taught.value(QStringLiteral("mismatched_after_restart")).toInt(-1), 0);
    }

    void aLossIsAGate()
    {
        const QString model = m_folder.filePath(QStringLiteral("gate.onnx"));
        QCOMPARE(
            runJson({"train", "--table", m_folder.filePath("train.csv"), "--trainer", "bayes.gaussian", "--out", model})
                .exitCode,
            0);
        const ProgramRun free = runJson(learnArguments(model, QStringLiteral("mps2-an386")) +
                                        QStringList{"--desk-only", "--learn-limit", "20", "--learn-prior", "1"});
        QVERIFY2(free.exitCode == 0, free.said());
        const double loss = free.result().value(QStringLiteral("worst_loss")).toDouble();
        QVERIFY2(loss > 0.05, free.said());
        QVERIFY(free.result().value(QStringLiteral("board")).isNull());
        const ProgramRun gate =
            runJson(learnArguments(model, QStringLiteral("mps2-an386")) +
                    QStringList{"--desk-only", "--learn-limit", "20", "--learn-prior", "1", "--max-loss", "0.05"});
        QCOMPARE(gate.exitCode, 3);
        // Where nothing is measured, nothing passes.
        const ProgramRun blind = runJson({"learn", model, "--target", "mps2-an386", "--feature-type", "int8", "--new",
                                          m_folder.filePath("new.csv"), "--desk-only", "--max-loss", "0.05"});
        QCOMPARE(blind.exitCode, 2);
        // A tight limit keeps what was known.
        const ProgramRun tight = runJson(learnArguments(model, QStringLiteral("mps2-an386")) +
                                         QStringList{"--desk-only", "--learn-limit", "0.1", "--max-loss", "0.05"});
        QVERIFY2(tight.exitCode == 0, tight.said());
        QVERIFY(tight.result().value(QStringLiteral("certain")).toObject().value(QStringLiteral("right")).toInt() > 0);
    }

    void wrongUseIsSaid()
    {
        const QString model = m_folder.filePath(QStringLiteral("trees.onnx"));
        QCOMPARE(runJson({"train", "--table", m_folder.filePath("train.csv"), "--trainer", "trees.decision-tree",
                          "--out", model})
                     .exitCode,
                 0);
        const ProgramRun trees = runJson(learnArguments(model, QStringLiteral("mps2-an386")));
        QCOMPARE(trees.exitCode, 1);
        QVERIFY2(trees.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("cannot learn")),
                 trees.said());
        QCOMPARE(runJson({"learn", model, "--target", "mps2-an386"}).exitCode, 2);
        QCOMPARE(runJson({"learn", model, "--new", m_folder.filePath("new.csv")}).exitCode, 2); // for which board?
        QCOMPARE(runJson({"learn"}).exitCode, 2);
        QCOMPARE(runJson({"learn", "--forget"}).exitCode, 2); // which port?
        const ProgramRun port = runJson({"learn", "--port", "unix://" + m_folder.filePath("none"), "--forget"});
        QVERIFY2(port.exitCode != 0 && port.exitCode != 2, port.said());
    }

private:
    QStringList learnArguments(const QString& model, const QString& board) const
    {
        return {"learn",          model,
                "--target",       board,
                "--feature-type", "int8",
                "--new",          m_folder.filePath("new.csv"),
                "--old",          m_folder.filePath("old.csv")};
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTeachingCommand)
#include "tst_teaching_command.moc"
