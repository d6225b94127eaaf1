// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace ember::test;

class TestTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_train = m_folder.filePath(QStringLiteral("train.csv"));
        m_test = m_folder.filePath(QStringLiteral("test.csv"));
        writeBands(m_train, 0);
        writeBands(m_test, 1);
    }

    void trainsAndEvaluatesWithoutAProject()
    {
        const QString model = m_folder.filePath(QStringLiteral("m.onnx"));
        const ProgramRun train = runJson(trainArguments(model));
        QVERIFY2(train.exitCode == 0, train.said());
        QVERIFY(train.result().value(QStringLiteral("accuracy")).toDouble() > 0.99);
        QVERIFY(train.result().value(QStringLiteral("seconds")).toDouble() >= 0);

        const ProgramRun evaluate = runJson({QStringLiteral("evaluate"), model, QStringLiteral("--table"), m_test,
                                             QStringLiteral("--label-column"), QStringLiteral("class")});
        QVERIFY2(evaluate.exitCode == 0, evaluate.said());
        QCOMPARE(evaluate.result().value(QStringLiteral("rows")).toInteger(), 300);
        // A third by chance; some rows of the other table lie on the bands' edges.
        QVERIFY(evaluate.result().value(QStringLiteral("accuracy")).toDouble() > 0.9);
    }

    void theSameSeedGivesTheSameBytes()
    {
        QByteArray bytes[2];
        for (QByteArray& file : bytes) {
            const QString model = m_folder.filePath(QStringLiteral("same.onnx"));
            QCOMPARE(runProgram(trainArguments(model)).exitCode, 0);
            QFile onnx(model);
            QVERIFY(onnx.open(QIODevice::ReadOnly));
            file = onnx.readAll();
        }
        QVERIFY(bytes[0].size() > 100);
        QCOMPARE(bytes[0], bytes[1]);
    }

    void networksBecomeIntegers()
    {
        const QString data = QStringLiteral(EMBERLAB_TEST_DATA);
        const QString out = m_folder.filePath(QStringLiteral("int8.onnx"));
        const ProgramRun run = runJson(
            {QStringLiteral("quantise"), data + QStringLiteral("/models/digits_mlp.onnx"),
             QStringLiteral("--calibration"), data + QStringLiteral("/tables/digits_train.csv"),
             QStringLiteral("--test"), data + QStringLiteral("/tables/digits_test.csv"), QStringLiteral("--out"), out});
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonObject result = run.result();
        QCOMPARE(result.value(QStringLiteral("rows")).toInteger(), 450);
        QVERIFY2(result.value(QStringLiteral("label_flips")).toInteger(1000) <= 5, run.said());
        QVERIFY(result.value(QStringLiteral("max_abs_diff")).toDouble() > 0);
        QVERIFY(result.value(QStringLiteral("accuracy_after")).toDouble() > 0.95);
        QVERIFY(result.value(QStringLiteral("bytes_after")).toInteger() <
                result.value(QStringLiteral("bytes_before")).toInteger());
        qint64 rows = 0, flips = 0;
        for (const QJsonValue& one : result.value(QStringLiteral("per_class")).toArray()) {
            rows += one[QStringLiteral("rows")].toInteger();
            flips += one[QStringLiteral("flips")].toInteger();
        }
        QCOMPARE(rows, 450);
        QCOMPARE(flips, result.value(QStringLiteral("label_flips")).toInteger());
        QCOMPARE(result.value(QStringLiteral("layers")).toArray().size(), 4);

        const ProgramRun trees =
            runJson({QStringLiteral("quantise"), data + QStringLiteral("/models/digits_rf10.onnx"),
                     QStringLiteral("--calibration"), data + QStringLiteral("/tables/digits_train.csv"),
                     QStringLiteral("--out"), out});
        QVERIFY2(trees.exitCode != 0 && trees.said().contains("--feature-type"), trees.said());
    }

    // Trees on floats become trees on whole numbers; those of the digits are whole already, so that nothing is lost.
    void featuresOfTreesBecomeWholeNumbers()
    {
        const QString data = QStringLiteral(EMBERLAB_TEST_DATA);
        const QString out = m_folder.filePath(QStringLiteral("trees-int8.onnx"));
        const QStringList arguments{
            QStringLiteral("quantise"),      data + QStringLiteral("/models/digits_dt8_float.onnx"),
            QStringLiteral("--calibration"), data + QStringLiteral("/tables/digits_train.csv"),
            QStringLiteral("--test"),        data + QStringLiteral("/tables/digits_test.csv"),
            QStringLiteral("--features"),    QStringLiteral("int8"),
            QStringLiteral("--out"),         out};
        const ProgramRun run = runJson(arguments);
        QVERIFY2(run.exitCode == 0, run.said());
        QCOMPARE(run.result().value(QStringLiteral("label_flips")).toInteger(1000), 0);
        QCOMPARE(run.result().value(QStringLiteral("merged_thresholds")).toInteger(1000), 0);
        QVERIFY(run.result().value(QStringLiteral("thresholds")).toInteger() > 50);
        QCOMPARE(run.result().value(QStringLiteral("layers")).toArray().size(), 64);
        const ProgramRun again = runJson({QStringLiteral("quantise"), out, QStringLiteral("--calibration"),
                                          data + QStringLiteral("/tables/digits_train.csv"), QStringLiteral("--out"),
                                          out + QStringLiteral(".onnx")});
        QVERIFY2(again.exitCode != 0 && again.said().contains("already"), again.said());
    }

    // A model that keeps states takes the rows of a file one after the other.
    void framesOfAModelWithStatesFollowEachOther()
    {
        const QString model = QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/keyword_scrambled_8bit.tflite");
        const QString frames = m_folder.filePath(QStringLiteral("frames.csv"));
        QFile csv(frames);
        QVERIFY(csv.open(QIODevice::WriteOnly));
        for (int frame = 0; frame < 12; ++frame) {
            QStringList numbers;
            for (int i = 0; i < 96; ++i)
                numbers << QString::number((frame * 977 + i * 131) % 20'000 - 10'000);
            csv.write((numbers.join(QLatin1Char(',')) + QLatin1Char('\n')).toUtf8());
        }
        csv.close();
        const QStringList arguments{QStringLiteral("model"),
                                    QStringLiteral("run"),
                                    model,
                                    QStringLiteral("--input"),
                                    frames,
                                    QStringLiteral("--out-dir"),
                                    m_folder.filePath(QStringLiteral("frames"))};
        const ProgramRun kept = runJson(arguments);
        QVERIFY2(kept.exitCode == 0, kept.said());
        QCOMPARE(kept.result().value(QStringLiteral("runs")).toInteger(), 12);
        QCOMPARE(kept.result().value(QStringLiteral("states")).toInteger(), 7);
        QCOMPARE(kept.result().value(QStringLiteral("resets")).toInteger(-1), 0);
        QCOMPARE(kept.result().value(QStringLiteral("outputs"))[0][QStringLiteral("shape")][0].toInteger(), 12);
        const ProgramRun parts = runJson(arguments + QStringList{QStringLiteral("--reset-every"), QStringLiteral("5")});
        QCOMPARE(parts.result().value(QStringLiteral("resets")).toInteger(), 2);
        const ProgramRun none = runJson({QStringLiteral("model"), QStringLiteral("run"),
                                         QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/hello_world_int8.tflite"),
                                         QStringLiteral("--input"), frames, QStringLiteral("--out-dir"),
                                         m_folder.path(), QStringLiteral("--reset-every"), QStringLiteral("3")});
        QVERIFY2(none.exitCode == 2 && none.said().contains("keeps nothing"), none.said());
    }

    void wrongSettingsNameTheRightOnes()
    {
        const QString model = m_folder.filePath(QStringLiteral("never.onnx"));
        const ProgramRun unknown =
            runJson(trainArguments(model) << QStringLiteral("--set") << QStringLiteral("branches=3"));
        QVERIFY2(unknown.exitCode == 2, unknown.said());
        QVERIFY2((unknown.error().value(QStringLiteral("message")).toString() +
                  unknown.error().value(QStringLiteral("hint")).toString())
                     .contains(QStringLiteral("max-depth")),
                 unknown.said());
        QVERIFY(!QFile::exists(model));

        QStringList noTrainer = trainArguments(model);
        noTrainer.replaceInStrings(QStringLiteral("trees.random-forest"), QStringLiteral("trees.bonsai-garden"));
        const ProgramRun missing = runJson(noTrainer);
        QVERIFY(missing.exitCode != 0);
        QVERIFY2(missing.said().contains("trees.random-forest"), missing.said());
    }

private:
    QStringList trainArguments(const QString& model) const
    {
        return {QStringLiteral("train"),
                QStringLiteral("--table"),
                m_train,
                QStringLiteral("--label-column"),
                QStringLiteral("class"),
                QStringLiteral("--trainer"),
                QStringLiteral("trees.random-forest"),
                QStringLiteral("--seed"),
                QStringLiteral("3"),
                QStringLiteral("--out"),
                model};
    }

    // Three classes that lie in bands of x + y, 300 rows.
    static void writeBands(const QString& path, int shift)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("x,y,class\n");
        for (int i = 0; i < 300; ++i) {
            const double x = (i * 37 + shift * 11) % 100 / 100.0;
            const double y = (i * 61 + shift * 7) % 97 / 97.0;
            const char* name = x + y < 0.66 ? "low" : x + y < 1.33 ? "middle" : "high";
            file.write(QByteArray::number(x) + ',' + QByteArray::number(y) + ',' + name + '\n');
        }
    }

    QTemporaryDir m_folder;
    QString m_train, m_test;
};

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table_commands.moc"
