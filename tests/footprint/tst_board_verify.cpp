// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/emitter.h"
#include "core/codegen/toolchain.h"
#include "core/device/board.h"
#include "core/device/emulator.h"
#include "core/footprint/board_run.h"
#include "core/footprint/estimate.h"
#include "core/footprint/profile.h"
#include "core/footprint/verify.h"
#include "core/model/feature_codes.h"
#include "tests/codegen/sample_classic.h"
#include "tests/codegen/sample_models.h"
#include "tests/support/missing_tools.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::test;
using namespace ember::footprint;
using namespace ember::codegen::test;
using codegen::HostProgram;

namespace {

QStringList boardIds()
{
    return {QStringLiteral("mps2-an385"), QStringLiteral("mps2-an386"), QStringLiteral("mps2-an500"),
            QStringLiteral("mps2-an505"), QStringLiteral("mps2-m0"),    QStringLiteral("netduino-plus-2"),
            QStringLiteral("sifive-e"),   QStringLiteral("microbit"),   QStringLiteral("stm32vldiscovery")};
}

FeatureRows digitsRows()
{
    return {tableOf(QStringLiteral("digits_test_X_int32.npy")), 64};
}

model::Model digitsModel(const char* name)
{
    return model::loadModel(modelPath(QString::fromLatin1(name) + QStringLiteral(".onnx"))).value();
}

HostProgram programOf(const model::Model& model, const codegen::Options& options)
{
    return HostProgram::make(codegen::lower(model, options).value()).value();
}

} // namespace

/// Real firmware, built here, on the emulated boards.
class TestBoardVerify : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_state.isValid());
        // Objects of the agent are compiled once for all rows, and nobody else's cache is touched.
        qputenv("EMBERLAB_STATE", m_state.path().toUtf8());
        if (const QString missing = whatIsMissing(boardIds().constFirst()); !missing.isEmpty())
            QSKIP(qPrintable(missing));
    }

    void aNetworkAnswersAsTensorFlowLiteMicro_data()
    {
        QTest::addColumn<QString>("board");
        for (const char* board : {"mps2-an386", "mps2-m0"})
            QTest::newRow(board) << QString::fromLatin1(board);
    }
    void aNetworkAnswersAsTensorFlowLiteMicro()
    {
        QFETCH(QString, board);
        const QString path = QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/");
        const model::Model model = model::loadModel(path + QStringLiteral("hello_world_int8.tflite")).value();
        QFile file(path + QStringLiteral("hello.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonArray said = QJsonDocument::fromJson(file.readAll()).object()["vectors_output_int8"].toArray();
        QCOMPARE(said.size(), 8);
        const HostProgram program = programOf(model, {.optimise = codegen::Optimise::Speed});
        FeatureRows rows{{}, 1};
        VerifyOptions options;
        for (int v = 0; v < said.size(); ++v) {
            // The formula of the file for its only byte.
            const int byte = ((11 + 29 * v) & 0xFF) - 128;
            rows.values.push_back(static_cast<float>(v >= 4 ? byte >> 2 : byte));
            options.expectedScores.push_back(
                static_cast<float>(program.model().score(said[v].toArray().first().toDouble())));
        }
        const auto report = verify(program, model, device::findBoard(board).value(), rows, options);
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        QCOMPARE(report->rows, 8);
        QVERIFY(report->bitExact);
        QCOMPARE(report->expect->mismatched, 0);
    }

    void boardsComputeWhatTheDesktopComputes_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<codegen::Optimise>("optimise");
        QTest::addColumn<codegen::Vote>("vote");
        QTest::addColumn<codegen::FeatureType>("type");
        using codegen::FeatureType;
        using codegen::Optimise;
        using codegen::Vote;
        for (const QString& board : boardIds()) {
            if (board == QStringLiteral("mps2-m0"))
                continue; // the micro:bit runs the same code
            QTest::addRow("%s tables", qPrintable(board))
                << board << Optimise::Size << Vote::Soft << FeatureType::Int16;
        }
        QTest::newRow("M4F code") << boardIds().at(1) << Optimise::Speed << Vote::Soft << FeatureType::Int16;
        QTest::newRow("M3 float code") << boardIds().at(0) << Optimise::Speed << Vote::Soft << FeatureType::Float32;
        QTest::newRow("M33 float code") << boardIds().at(3) << Optimise::Speed << Vote::Hard << FeatureType::Float32;
        QTest::newRow("M0 float code") << QStringLiteral("microbit") << Optimise::Speed << Vote::Soft
                                       << FeatureType::Float32;
        QTest::newRow("RV32 float code") << QStringLiteral("sifive-e") << Optimise::Speed << Vote::Soft
                                         << FeatureType::Float32;
        QTest::newRow("M7 hard") << boardIds().at(2) << Optimise::Size << Vote::Hard << FeatureType::Int8;
    }
    void boardsComputeWhatTheDesktopComputes()
    {
        QFETCH(QString, board);
        QFETCH(codegen::Optimise, optimise);
        QFETCH(codegen::Vote, vote);
        QFETCH(codegen::FeatureType, type);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const model::Model model = digitsModel("digits_rf10");
        const HostProgram program = programOf(model, {.featureType = type, .vote = vote, .optimise = optimise});
        VerifyOptions options;
        options.expectedLabels = labelsOf(QStringLiteral("digits_rf10_expected_label.npy"));
        const auto report = verify(program, model, device::findBoard(board).value(), digitsRows(), options);
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        QCOMPARE(report->rows, 450);
        QVERIFY2(report->bitExact,
                 report->firstMismatches.empty() ? "" : qPrintable(report->firstMismatches.front().what));
        QCOMPARE(report->mismatched, 0);
        QCOMPARE(report->maxAbsDiff, 0.0);
        QCOMPARE(report->board, board);
        QCOMPARE(report->work.source, CostSource::Emulated);
        QVERIFY(report->work.value > 100);
        if (vote == codegen::Vote::Soft) {
            QCOMPARE(report->labelFlips, 0);
            QCOMPARE(report->expect->mismatched, 0);
            QVERIFY(report->passed());
        } else {
            QVERIFY(report->labelFlips > 0); // hard votes are another model, and the report says so
        }
        qInfo("%s", qPrintable(QStringLiteral("%1 instructions").arg(report->work.value)));
    }

    // Floats with and without hardware for them, and integers, of every kind of classic model.
    void boardsComputeClassicModels_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<int>("sample");
        QTest::addColumn<codegen::FeatureType>("type");
        const std::vector<ClassicSample> samples = classicSamples();
        for (int i = 0; i < static_cast<int>(samples.size()); ++i) {
            const auto& [name, model, integersAlone] = samples[static_cast<std::size_t>(i)];
            static const QStringList kInteger{
                QStringLiteral("logistic regression"), QStringLiteral("two classes by one score"),
                QStringLiteral("full mixture"), QStringLiteral("one class svm"), QStringLiteral("k means")};
            if (integersAlone || kInteger.contains(name))
                QTest::addRow("M0 integer %s", qPrintable(name))
                    << QStringLiteral("mps2-m0") << i << codegen::FeatureType::Int16;
            if (integersAlone)
                continue;
            QTest::addRow("M4F %s", qPrintable(name)) << boardIds().at(1) << i << codegen::FeatureType::Float32;
            if (i % 3 == 0)
                QTest::addRow("M0 %s", qPrintable(name))
                    << QStringLiteral("mps2-m0") << i << codegen::FeatureType::Float32;
            if (name.startsWith(QLatin1String("svm of")) || name.startsWith(QLatin1String("naive"))) {
                QTest::addRow("M0 integer %s", qPrintable(name))
                    << QStringLiteral("mps2-m0") << i << codegen::FeatureType::Int16;
                QTest::addRow("M4F integer %s", qPrintable(name))
                    << boardIds().at(1) << i << codegen::FeatureType::Int16;
            }
        }
    }
    void boardsComputeClassicModels()
    {
        QFETCH(QString, board);
        QFETCH(int, sample);
        QFETCH(codegen::FeatureType, type);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const ClassicSample subject = classicSamples()[static_cast<std::size_t>(sample)];
        const HostProgram program = programOf(subject.model, {.featureType = type});
        const FeatureRows rows{classicRows(subject.model, 25, type != codegen::FeatureType::Float32, 8),
                               program.model().featureCount};
        const auto report = verify(program, subject.model, device::findBoard(board).value(), rows);
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        QVERIFY2(report->passed(), report->firstMismatches.empty()
                                       ? qPrintable(QStringLiteral("%1 flips").arg(report->labelFlips))
                                       : qPrintable(report->firstMismatches.front().what));
        QCOMPARE(report->rows, 25);
        QVERIFY(report->work.value > 20);
    }

    // Float features that become whole numbers on the board, by the same roundings without an FPU.
    void boardsCodeFeatures()
    {
        const QString board = QStringLiteral("mps2-m0");
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        model::test::RandomTrees maker(51);
        const model::Model trees =
            modelOf(maker.make({.trees = 8, .targets = 3, .features = 6, .maxDepth = 5, .allModes = false}));
        std::vector<float> rows(6 * 60);
        for (float& value : rows)
            value = static_cast<float>(maker.generator().generateDouble() * 24 - 12);
        const model::Model coded =
            model::codeFeatures(trees, model::Tensor::of(rows, {60, 6}), model::TensorType::Int8).value().model;
        const auto report = verify(programOf(coded, {}), coded, device::findBoard(board).value(), FeatureRows{rows, 6});
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        QVERIFY(report->bitExact);
        QCOMPARE(report->labelFlips, 0);
        QCOMPARE(report->rows, 60);
    }

    void windowsAreVerifiedFromRawRows_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<int>("rows");
        // Hardware and software floating point; Armv6-M and RISC-V have other kernels of the compiler's.
        for (const char* id : {"mps2-an385", "mps2-an386", "netduino-plus-2", "microbit", "sifive-e"})
            QTest::newRow(id) << QString::fromLatin1(id) << 100;
        QTest::newRow("stm32vldiscovery") << QStringLiteral("stm32vldiscovery") << 30; // 8 KiB of RAM
    }
    void windowsAreVerifiedFromRawRows()
    {
        QFETCH(QString, board);
        QFETCH(int, rows);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const features::Pipeline pipeline = motionPipeline(rows, rows / 2);
        const std::vector<QByteArray> windows = motionWindows(5, 40, rows);
        const model::Model model = windowModel(pipeline, windows, 6);
        const auto report = verify(programOf(model, {}), model, device::findBoard(board).value(), WindowRows{windows});
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        QVERIFY2(report->passed(),
                 report->firstMismatches.empty() ? "" : qPrintable(report->firstMismatches.front().what));
        QCOMPARE(report->rows, qint64(windows.size()));
        qInfo("%s", qPrintable(QStringLiteral("%1 instructions").arg(report->work.value)));
    }

    void decisionTreesToo_data()
    {
        QTest::addColumn<QString>("board");
        for (const char* id : {"mps2-m0", "netduino-plus-2", "microbit", "sifive-e", "stm32vldiscovery"})
            QTest::newRow(id) << QString::fromLatin1(id);
    }
    void decisionTreesToo()
    {
        QFETCH(QString, board);
        if (const QString missing = whatIsMissing(board); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const model::Model model = digitsModel("digits_dt8");
        const HostProgram program = programOf(model, {.featureType = codegen::FeatureType::Float32});
        VerifyOptions options;
        options.maxRows = 60;
        const auto report = verify(program, model, device::findBoard(board).value(), digitsRows(), options);
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        QVERIFY(report->passed());
        QCOMPARE(report->labelFlips, 0);
    }

    // The desktop's side is tampered with after the firmware was built: the report has to notice.
    void differencesAreFoundAndNamed()
    {
        const model::Model model = digitsModel("digits_rf10");
        codegen::LoweredModel lowered = codegen::lower(model, {.featureType = codegen::FeatureType::Int16}).value();
        const HostProgram honest = HostProgram::make(lowered).value();
        const device::Board board = device::findBoard(QStringLiteral("mps2-an386")).value();
        const auto run = BoardRun::start(honest, board, {});
        QVERIFY2(run, run ? "" : qPrintable(run.error().toString()));
        VerifyOptions options;
        options.maxRows = 100;
        options.meter = emulatorMeter(board, (*run)->session().description().cpuTickHz);
        options.source = CostSource::Emulated;

        std::get<codegen::LoweredForest>(lowered.body).nodeTable[1] = static_cast<char>(
            std::get<codegen::LoweredForest>(lowered.body).nodeTable[1] + 4); // threshold of the first root
        const HostProgram tampered = HostProgram::make(lowered).value();
        const auto report = verifyOn((*run)->session(), tampered, model, digitsRows(), options);
        QVERIFY2(report, report ? "" : qPrintable(report.error().toString()));
        QVERIFY(!report->bitExact);
        QVERIFY(!report->passed());
        QVERIFY(report->mismatched > 0 && report->mismatched < 100);
        QVERIFY(report->maxAbsDiff > 0 && report->maxAbsDiff <= 0.2);
        QVERIFY(report->firstMismatches.size() <= 10);
        QVERIFY2(report->firstMismatches.front().what.contains(QStringLiteral("output")),
                 qPrintable(report->firstMismatches.front().what));
        QCOMPARE(report->labelFlips, 0); // the board itself is right

        // Labels that somebody expects and the board does not give.
        options.expectedLabels = labelsOf(QStringLiteral("digits_rf10_expected_label.npy"));
        for (std::size_t row = 0; row < 7; ++row)
            options.expectedLabels[row] = (options.expectedLabels[row] + 1) % 10;
        const auto expected = verifyOn((*run)->session(), honest, model, digitsRows(), options);
        QVERIFY(expected);
        QVERIFY(expected->bitExact);
        QCOMPARE(expected->expect->labelFlips, 7);
        QCOMPARE(expected->expect->mismatched, 7);

        const HostProgram other = programOf(digitsModel("digits_dt8"), {});
        QCOMPARE(verifyOn((*run)->session(), other, digitsModel("digits_dt8"), digitsRows()).error().kind,
                 ErrorKind::Usage);
    }

    void estimatesAreNearWhatTheBoardShows_data()
    {
        QTest::addColumn<codegen::Optimise>("optimise");
        QTest::newRow("tables") << codegen::Optimise::Size;
        QTest::newRow("code") << codegen::Optimise::Speed;
    }
    void estimatesAreNearWhatTheBoardShows()
    {
        QFETCH(codegen::Optimise, optimise);
        const device::Board board = device::findBoard(QStringLiteral("mps2-an500")).value();
        const HostProgram program = programOf(digitsModel("digits_rf10"), {.optimise = optimise});
        RunOptions options;
        options.maxRows = 40;
        const auto actual = profile(program, board, digitsRows(), options);
        QVERIFY2(actual, actual ? "" : qPrintable(actual.error().toString()));
        const ModelCost guess = estimate(program.model(), board).value();
        const auto isNear = [](double estimated, double emulated, double share) {
            return std::abs(estimated - emulated) <= share * emulated;
        };
        QVERIFY(isNear(guess.flashBytes.value, actual->flashBytes.value, 0.1));
        QVERIFY(isNear(guess.ramBytes.value, actual->ramBytes.value, 0.02));
        QVERIFY(isNear(guess.instructions.cost->value, actual->instructions.cost->value, 0.2));
    }

    void compilerErrorsAreToldAsTheyAre()
    {
        device::Board board = device::findBoard(QStringLiteral("mps2-an386")).value();
        const HostProgram program = programOf(digitsModel("digits_dt8"), {});
        board.toolchain.flags << QStringLiteral("-mno-such-flag");
        const auto failed = profile(program, board, digitsRows());
        QVERIFY(!failed);
        QCOMPARE(failed.error().kind, ErrorKind::Failed);
        QVERIFY2(failed.error().hint.contains(QStringLiteral("no-such-flag")), qPrintable(failed.error().toString()));

        board.toolchain.family = QStringLiteral("no-such-family");
        const auto missing = profile(program, board, digitsRows());
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, ErrorKind::MissingTool);
        QVERIFY(missing.error().hint.contains(QStringLiteral("gcc-arm-none-eabi")));

        CancelSource cancel;
        cancel.cancel();
        RunOptions options;
        options.cancel = cancel.token();
        board = device::findBoard(QStringLiteral("mps2-an386")).value();
        const auto cancelled = profile(program, board, digitsRows(), options);
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().kind, ErrorKind::Cancelled);
    }

    void aModelTooLargeForTheBoardIsToldInBytes()
    {
        const QString id = QStringLiteral("stm32vldiscovery");
        if (const QString missing = whatIsMissing(id); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const std::vector<QByteArray> windows = motionWindows(5, 40, 1000);
        const model::Model model = windowModel(motionPipeline(1000, 500), windows, 6);
        const auto refused = profile(programOf(model, {}), device::findBoard(id).value(), WindowRows{windows});
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::BadData);
        static const QRegularExpression said(QStringLiteral("needs \\d{4,5} bytes more RAM than .* has \\(8192\\)"));
        QVERIFY2(said.match(refused.error().message).hasMatch(), qPrintable(refused.error().toString()));
        QVERIFY(!refused.error().hint.isEmpty());
    }

    void sameModelSameImage()
    {
        const device::Board board = device::findBoard(QStringLiteral("mps2-an505")).value();
        const HostProgram program = programOf(digitsModel("digits_dt8"), {});
        const codegen::GeneratedModel generated = codegen::generate(program.model()).value();
        const codegen::Toolchain toolchain = codegen::Toolchain::forBoard(board).value();
        QList<QByteArray> ids;
        for (int i = 0; i < 2; ++i) {
            QTemporaryDir folder;
            codegen::Toolchain::Request request;
            request.model = &generated;
            request.outputPath = folder.filePath(QStringLiteral("firmware.elf"));
            const auto image = toolchain.buildFirmware(board, request);
            QVERIFY2(image, image ? "" : qPrintable(image.error().toString()));
            ids << image->buildId;
            QVERIFY(image->sizes.flash() > 0 && image->sizes.ram > 0);
        }
        QCOMPARE(ids.at(0).size(), qsizetype(20));
        QCOMPARE(ids.at(0), ids.at(1));
    }

    // A sister runs the same instructions on another port with another timer: the count has to be the same.
    void profilesAreExactAndRepeatable_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("sister");
        QTest::newRow("mps2-an386") << "mps2-an386"
                                    << "mps2-an386";
        QTest::newRow("netduino-plus-2") << "netduino-plus-2"
                                         << "mps2-an386";
        QTest::newRow("stm32vldiscovery") << "stm32vldiscovery"
                                          << "mps2-an385";
        QTest::newRow("microbit") << "microbit"
                                  << "mps2-m0";
        QTest::newRow("sifive-e") << "sifive-e"
                                  << "sifive-e";
    }
    void profilesAreExactAndRepeatable()
    {
        QFETCH(QString, id);
        QFETCH(QString, sister);
        if (const QString missing = whatIsMissing(id); !missing.isEmpty())
            QSKIP(qPrintable(missing));
        const model::Model model = digitsModel("digits_rf10");
        const HostProgram program = programOf(model, {.featureType = codegen::FeatureType::Int16});
        const device::Board board = device::findBoard(id).value();
        RunOptions options;
        options.maxRows = 60;
        const auto first = profile(program, board, digitsRows(), options);
        QVERIFY2(first, first ? "" : qPrintable(first.error().toString()));
        const auto second = profile(program, device::findBoard(sister).value(), digitsRows(), options);
        QVERIFY(second);
        QCOMPARE(first->instructionsMax.cost->value, second->instructionsMax.cost->value);
        QCOMPARE(first->rows, 60);
        QCOMPARE(first->instructions.cost->value, second->instructions.cost->value);
        QCOMPARE(first->instructionsMax.cost->value, std::round(first->instructionsMax.cost->value));
        QVERIFY(first->instructionsMax.cost->value >= first->instructions.cost->value);
        QCOMPARE(first->flashBytes.value, first->flashCodeBytes.value + first->flashConstBytes.value);
        QVERIFY(first->flashConstBytes.value >= program.model().forest()->tableBytes());
        QVERIFY(first->ramBytes.value >= 64 * 2 + 10 * 4);
        QVERIFY(first->stackBytes.cost->value > 0);
        QCOMPARE(first->stages.size(), std::size_t(1));
        QVERIFY(!first->cycles.cost && !first->cycles.reason.isEmpty());
        const QJsonObject json = toJson(*first);
        QVERIFY(json.value(QStringLiteral("cycles")).isNull());
        QCOMPARE(json.value(QStringLiteral("source")).toString(), QStringLiteral("emulated"));
        qInfo("flash %g code %g const %g ram %g stack %g instructions %g max %g", first->flashBytes.value,
              first->flashCodeBytes.value, first->flashConstBytes.value, first->ramBytes.value,
              first->stackBytes.cost->value, first->instructions.cost->value, first->instructionsMax.cost->value);
    }

private:
    QTemporaryDir m_state;
};

QTEST_GUILESS_MAIN(TestBoardVerify)
#include "tst_board_verify.moc"
