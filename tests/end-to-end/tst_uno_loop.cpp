// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/device/board.h"
#include "tests/support/program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::test;

// What a user does with an Arduino Uno and without one: record, verify, profile, flash.
class TestUnoLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        const auto board = device::findBoard(QStringLiteral("arduino-uno"));
        QVERIFY2(board, qPrintable(board ? QString() : board.error().toString()));
        if (const QString missing = device::missingTool(*board); !missing.isEmpty())
            QSKIP(qPrintable(missing + QStringLiteral(" is not installed")));
        if (!programExists(QStringLiteral("avr-g++")))
            QSKIP("gcc-avr is not installed");
        m_bootloader = qEnvironmentVariable("EMBERLAB_RESOURCES") + QLatin1Char('/') + board->emulator->bootloader;
        QDir(qEnvironmentVariable("EMBERLAB_STATE")).removeRecursively();
    }

    void itRecordsWithoutALoss()
    {
        const QString project = m_folder.filePath(QStringLiteral("uno.ember"));
        QCOMPARE(runProgram({QStringLiteral("new"), project}).exitCode, 0);
        const ProgramRun run =
            runJson({QStringLiteral("record"), QStringLiteral("--project"), project, QStringLiteral("--board"),
                     QStringLiteral("arduino-uno"), QStringLiteral("--feed"),
                     qEnvironmentVariable("EMBERLAB_RESOURCES") + QStringLiteral("/demo-data/human-activity/s01.csv"),
                     QStringLiteral("--duration"), QStringLiteral("5s")});
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonObject ledger = run.result().value(QStringLiteral("ledger")).toObject();
        QCOMPARE(run.result().value(QStringLiteral("samples")).toInteger(), 500); // of a sensor set to 100 Hz
        for (const char* key : {"crc_errors", "device_drops", "link_gaps"})
            QCOMPARE(ledger.value(QLatin1String(key)).toInteger(-1), 0);
        QVERIFY(run.result().value(QStringLiteral("segments")).toInteger() >= 1);
    }

    void aTreeIsTheSameOnTheBoard()
    {
        const ProgramRun run = runJson(withModel(QStringLiteral("verify")));
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonObject result = run.result();
        QCOMPARE(result.value(QStringLiteral("rows")).toInteger(), 450);
        QCOMPARE(result.value(QStringLiteral("bit_exact")).toBool(), true);
        QCOMPARE(result.value(QStringLiteral("label_flips")).toInteger(-1), 0);
        QCOMPARE(result.value(QStringLiteral("source")).toString(), QStringLiteral("emulated"));
        QVERIFY(result.value(QStringLiteral("instructions")).isNull());
        m_cycles = result.value(QStringLiteral("cycles")).toDouble();
        QVERIFY(m_cycles > 500 && m_cycles < 5000);
    }

    void itsCostIsInCyclesAndRepeatable()
    {
        const ProgramRun run = runJson(withModel(QStringLiteral("profile")));
        QVERIFY2(run.exitCode == 0, run.said());
        const QJsonObject result = run.result();
        QCOMPARE(result.value(QStringLiteral("cycles")).toDouble(), m_cycles);
        QVERIFY(result.value(QStringLiteral("cycles_max")).toDouble() >= m_cycles);
        QVERIFY(result.value(QStringLiteral("instructions")).isNull());
        QVERIFY(!result.value(QStringLiteral("instructions_reason")).toString().isEmpty());
        QVERIFY(result.value(QStringLiteral("stack_bytes")).toInteger() > 0);
        QVERIFY(result.value(QStringLiteral("flash_bytes")).toInteger() > 200);
        QVERIFY(result.value(QStringLiteral("flash_bytes")).toInteger() < 4000);
    }

    void theEstimateIsNearTheCount_data()
    {
        QTest::addColumn<QStringList>("model");
        QTest::newRow("tree") << withModel({});
        // Calls one kernel twice, so that shapes of it are in RAM.
        const QString prototypes = m_folder.filePath(QStringLiteral("prototypes.onnx"));
        const ProgramRun trained = runJson(
            {QStringLiteral("train"), QStringLiteral("--table"), QStringLiteral(EMBERLAB_TEST_DATA "/tables/iris.csv"),
             QStringLiteral("--label-column"), QStringLiteral("species"), QStringLiteral("--trainer"),
             QStringLiteral("neighbours.protonn"), QStringLiteral("--out"), prototypes});
        QVERIFY2(trained.exitCode == 0, trained.said());
        QTest::newRow("prototypes") << QStringList{
            {}, prototypes, QStringLiteral("--target"), QStringLiteral("arduino-uno")};
    }
    void theEstimateIsNearTheCount()
    {
        QFETCH(QStringList, model);
        model[0] = QStringLiteral("profile");
        const ProgramRun counted = runJson(model + QStringList{QStringLiteral("--rows"), QStringLiteral("8")});
        QVERIFY2(counted.exitCode == 0, counted.said());
        model[0] = QStringLiteral("estimate");
        model = model.mid(0, 4) + model.mid(6); // without --input
        const ProgramRun run = runJson(model);
        QVERIFY2(run.exitCode == 0, run.said());
        const auto value = [](const ProgramRun& of, const char* key) {
            return of.result().value(QLatin1String(key)).toDouble();
        };
        const auto error = [&](const char* key) { return std::abs(value(run, key) / value(counted, key) - 1); };
        QCOMPARE(value(run, "ram_bytes"), value(counted, "ram_bytes"));
        QVERIFY2(error("flash_bytes") < 0.05, run.said());
        QVERIFY2(error("cycles") < 0.15, run.said());
    }

    void itsCyclesAreTimeAndEnergy()
    {
        const ProgramRun run = runJson(withModel(QStringLiteral("profile")) +
                                       QStringList{QStringLiteral("--battery-mah"), QStringLiteral("2000"),
                                                   QStringLiteral("--per-second"), QStringLiteral("10")});
        QVERIFY2(run.exitCode == 0, run.said());
        const device::Board board = device::findBoard(QStringLiteral("arduino-uno")).value();
        const QJsonObject energy = run.result().value(QStringLiteral("energy")).toObject();
        const double seconds = m_cycles / 16e6;
        const auto near = [](double value, double wanted) { return std::abs(value - wanted) < 1e-9 * wanted; };
        QVERIFY(near(energy.value(QStringLiteral("inference_ms")).toDouble(), seconds * 1e3));
        QCOMPARE(energy.value(QStringLiteral("inference_ms_source")).toString(), QStringLiteral("emulated"));
        QVERIFY(energy.value(QStringLiteral("cycles_assumption")).toString().isEmpty());
        const double microjoules = seconds * *board.activeMilliamps * *board.supplyVolts * 1e3;
        QVERIFY(near(energy.value(QStringLiteral("energy_uj")).toDouble(), microjoules));
        QVERIFY(near(run.result().value(QStringLiteral("energy_uj")).toDouble(), microjoules));
        QCOMPARE(run.result().value(QStringLiteral("energy_uj_source")).toString(), QStringLiteral("estimated"));
        const double awake = 10 * seconds;
        const double milliamps = awake * *board.activeMilliamps + (1 - awake) * *board.sleepMicroamps * 1e-3;
        QVERIFY(near(energy.value(QStringLiteral("average_ma")).toDouble(), milliamps));
        QVERIFY(near(energy.value(QStringLiteral("battery_hours")).toDouble(), 2000 / milliamps));
        const ProgramRun wrong = runJson(withModel(QStringLiteral("profile")) +
                                         QStringList{QStringLiteral("--battery-mah"), QStringLiteral("0")});
        QCOMPARE(wrong.exitCode, 2);
    }

    void aModelThatTheBoardCannotHoldIsRefused()
    {
        const QString large = QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/mlperf_tiny_kws_int8.tflite");
        const QString archive = m_folder.filePath(QStringLiteral("large.zip"));
        const QStringList target{large, QStringLiteral("--target"), QStringLiteral("arduino-uno"),
                                 QStringLiteral("--out")};
        const ProgramRun bundle = runJson(QStringList{QStringLiteral("bundle")} + target +
                                          QStringList{archive, QStringLiteral("--kind"), QStringLiteral("arduino")});
        QVERIFY2(bundle.exitCode == 1, bundle.said());
        const QString message = bundle.error().value(QStringLiteral("message")).toString();
        QVERIFY2(message.contains(QStringLiteral("of RAM")) && message.contains(QStringLiteral("2,048")),
                 bundle.said());
        QVERIFY(!QFile::exists(archive));
        const ProgramRun flash = runJson({QStringLiteral("flash"), QStringLiteral("--board"),
                                          QStringLiteral("arduino-uno"), QStringLiteral("--model"), large});
        QVERIFY2(flash.exitCode == 1, flash.said());
        QCOMPARE(flash.error().value(QStringLiteral("message")).toString(), message);
        // Sources are only text: they are written, with a warning.
        const ProgramRun sources = runJson(QStringList{QStringLiteral("generate")} + target +
                                           QStringList{m_folder.filePath(QStringLiteral("code"))});
        QVERIFY2(sources.exitCode == 0, sources.said());
        QCOMPARE(sources.result().value(QStringLiteral("warning")).toString(), message);
        const ProgramRun small =
            runJson({QStringLiteral("generate"), model(), QStringLiteral("--target"), QStringLiteral("arduino-uno"),
                     QStringLiteral("--out"), m_folder.filePath(QStringLiteral("small"))});
        QVERIFY(small.result().value(QStringLiteral("warning")).toString().isEmpty());
    }

    void avrdudeFlashesIt()
    {
        if (!programExists(QStringLiteral("avrdude")) || !QFile::exists(m_bootloader))
            QSKIP("avrdude or arduino-core-avr is not installed");
        const ProgramRun run = runJson({QStringLiteral("flash"), QStringLiteral("--board"),
                                        QStringLiteral("arduino-uno"), QStringLiteral("--model"), model()});
        QVERIFY2(run.exitCode == 0, run.said());
        QCOMPARE(run.result().value(QStringLiteral("tool")).toString(), QStringLiteral("avrdude"));
        QCOMPARE(run.result().value(QStringLiteral("verified")).toBool(), true);

        const ProgramRun missing = runJson({QStringLiteral("flash"), QStringLiteral("--board"),
                                            QStringLiteral("arduino-uno"), QStringLiteral("--model"), model(),
                                            QStringLiteral("--port"), QStringLiteral("/dev/no-such-port")});
        QVERIFY2(missing.exitCode == 4, missing.said());
        QVERIFY(
            missing.error().value(QStringLiteral("message")).toString().contains(QStringLiteral("/dev/no-such-port")));
    }

private:
    static QString model() { return QStringLiteral(EMBERLAB_TEST_DATA "/models/digits_dt8.onnx"); }
    static QStringList withModel(const QString& command)
    {
        return {command,
                model(),
                QStringLiteral("--target"),
                QStringLiteral("arduino-uno"),
                QStringLiteral("--input"),
                QStringLiteral(EMBERLAB_TEST_DATA "/models/digits_test_X_int32.npy"),
                QStringLiteral("--feature-type"),
                QStringLiteral("int8")};
    }

    QTemporaryDir m_folder;
    QString m_bootloader;
    double m_cycles = 0;
};

QTEST_GUILESS_MAIN(TestUnoLoop)
#include "tst_uno_loop.moc"
