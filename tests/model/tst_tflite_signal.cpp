// SPDX-License-Identifier: GPL-3.0-or-later
// Audio front ends of TensorFlow Lite Micro: a published one on published recordings, and files that are not what they
// say.
#include "core/codegen/lower.h"
#include "core/model/analysis.h"
#include "core/model/interpreter.h"
#include "core/model/onnx_writer.h"
#include "core/model/tflite_reader.h"
#include "tests/model/tflite_file_builder.h"
#include "tests/support/cost_guard.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <flatbuffers/flexbuffers.h>

using namespace ember;
using namespace ember::model;
using test::TfliteFileBuilder;

namespace {

constexpr int kFloat = 0, kInt32 = 2, kBool = 6, kInt16 = 7, kUInt64 = 12, kUInt32 = 15;
constexpr std::size_t kFrame = 480, kHop = 320, kFeatures = 40, kFrames = 49;

QByteArray contents(const QString& name)
{
    QFile file(QStringLiteral(EMBERLAB_TEST_DATA "/models/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// The samples of a recording in 16 bits behind a header of 44 bytes.
std::vector<qint16> samplesOf(const QString& name)
{
    const QByteArray bytes = contents(QStringLiteral("audio/") + name);
    std::vector<qint16> samples(static_cast<std::size_t>(std::max<qsizetype>(0, bytes.size() - 44) / 2));
    std::memcpy(samples.data(), bytes.constData() + 44, samples.size() * sizeof(qint16));
    return samples;
}

Interpreter interpreterOf(const QString& name)
{
    auto model = readTflite(contents(name));
    if (!model)
        qFatal("%s", qPrintable(model.error().toString()));
    return Interpreter::create(std::move(*model)).value();
}

// Features of all frames of a recording, one after the other: the estimate of the noise goes on.
std::vector<qint8> featuresOf(const std::vector<qint16>& samples)
{
    const Interpreter frontEnd = interpreterOf(QStringLiteral("tflite/audio_preprocessor_int8.tflite"));
    Interpreter::State state = frontEnd.initialState().value();
    std::vector<qint8> features;
    for (std::size_t at = 0; at + kFrame <= samples.size(); at += kHop) {
        const std::vector<qint16> frame(samples.begin() + static_cast<std::ptrdiff_t>(at),
                                        samples.begin() + static_cast<std::ptrdiff_t>(at + kFrame));
        const Tensor y = frontEnd.run({Tensor::of(frame, {1, kFrame})}, RequantiseRounding::Double, &state).value()[0];
        features.insert(features.end(), y.as<qint8>().begin(), y.as<qint8>().end());
    }
    return features;
}

// A map as the converter of TensorFlow writes it: with FlexBuffers' own library.
template <typename Fill>
std::vector<uint8_t> attributes(Fill fill)
{
    flexbuffers::Builder builder;
    builder.Map([&] { fill(builder); });
    builder.Finish();
    return builder.GetBuffer();
}

QByteArray fileOf(const char* name, const std::vector<uint8_t>& options, int from, const std::vector<int32_t>& x,
                  int to, const std::vector<int32_t>& y, bool valid = false)
{
    TfliteFileBuilder file;
    const int in = file.tensor("x", from, x);
    const int out = file.tensor("y", to, y);
    std::vector<int32_t> outputs{out};
    if (valid)
        outputs.push_back(file.tensor("valid", kBool, {}));
    file.custom(name, options, {in}, outputs);
    file.endGraph({in}, outputs);
    return file.finish();
}

QByteArray framerFile(qint64 size, qint64 step, const std::vector<int32_t>& x, const std::vector<int32_t>& y)
{
    const auto options = attributes([&](flexbuffers::Builder& to) {
        to.Int("frame_size", size);
        to.Int("frame_step", step);
        to.Bool("prefill", true);
    });
    return fileOf("SignalFramer", options, kInt16, x, kInt16, y, true);
}

} // namespace

class TestTfliteSignal : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // What TensorFlow Lite Micro computes for these recordings, number by number: micro_speech_test.cc of its example.
    void aPublishedFrontEndGivesItsPublishedFeatures_data()
    {
        QTest::addColumn<QString>("recording");
        QTest::addColumn<std::vector<qint8>>("features");
        QTest::newRow("no") << QStringLiteral("no_30ms.wav")
                            << std::vector<qint8>{126, 103, 124, 102, 124, 102, 123, 100, 118, 97, 118, 100, 118, 98,
                                                  121, 100, 121, 98,  117, 91,  96,  74,  54,  87, 100, 87,  109, 92,
                                                  91,  80,  64,  55,  83,  74,  74,  78,  114, 95, 101, 81};
        QTest::newRow("yes") << QStringLiteral("yes_30ms.wav")
                             << std::vector<qint8>{124, 105, 126, 103, 125, 101, 123, 100, 116, 98,  115, 97,  113, 90,
                                                   91,  82,  104, 96,  117, 97,  121, 103, 126, 101, 125, 104, 126, 104,
                                                   125, 101, 116, 90,  81,  74,  80,  71,  83,  76,  82,  71};
    }
    void aPublishedFrontEndGivesItsPublishedFeatures()
    {
        QFETCH(QString, recording);
        QFETCH(std::vector<qint8>, features);
        const std::vector<qint16> samples = samplesOf(recording);
        QCOMPARE(samples.size(), kFrame);
        QCOMPARE(featuresOf(samples), features);
    }

    // The front end and the network behind it hear what their own test says they hear.
    void wordsAreHeard_data()
    {
        QTest::addColumn<int>("heard"); // silence, unknown, yes, no
        QTest::newRow("yes_1000ms.wav") << 2;
        QTest::newRow("no_1000ms.wav") << 3;
        QTest::newRow("silence_1000ms.wav") << 0;
        QTest::newRow("noise_1000ms.wav") << 0;
    }
    void wordsAreHeard()
    {
        QFETCH(int, heard);
        std::vector<qint8> features = featuresOf(samplesOf(QString::fromLatin1(QTest::currentDataTag())));
        QCOMPARE(features.size(), kFrames * kFeatures);
        const Interpreter network = interpreterOf(QStringLiteral("tflite/micro_speech_quantized.tflite"));
        const Tensor scores = network.run({Tensor::of(features, {1, static_cast<qint64>(features.size())})}).value()[0];
        const auto all = scores.as<qint8>();
        QCOMPARE(std::max_element(all.begin(), all.end()) - all.begin(), heard);
    }

    void allOperatorsOfTheFrontEndAreSupported()
    {
        const QByteArray bytes = contents(QStringLiteral("tflite/audio_preprocessor_int8.tflite"));
        const ModelSummary summary = summariseTflite(bytes).value();
        QVERIFY2(summary.unsupported.isEmpty(), qPrintable(summary.unsupported.join(QLatin1Char(' '))));
        QCOMPARE(summary.operators.value(QStringLiteral("CUSTOM:SignalRfft")), 1);
        const Model model = readTflite(bytes).value();
        QCOMPARE(model.graph.states.size(), std::size_t(1));
        QCOMPARE(analyse(model.graph).value().values.at("signal_filter_bank").type, TensorType::UInt64);
    }

    // A file of all of them, small enough to begin fuzzing with.
    void everyOperatorIsInOneFile()
    {
        const QByteArray bytes = contents(QStringLiteral("tflite/signal_steps.tflite"));
        const ModelSummary summary = summariseTflite(bytes).value();
        QCOMPARE(summary.operators.size(), 14);
        QVERIFY(summary.unsupported.isEmpty());
        const Interpreter steps = interpreterOf(QStringLiteral("tflite/signal_steps.tflite"));
        Interpreter::State state = steps.initialState().value();
        std::vector<qint16> tone;
        for (int i = 0; i < 64; ++i)
            tone.push_back(static_cast<qint16>(i % 8 < 4 ? 3'000 : -3'000));
        std::vector<bool> valid;
        for (int run = 0; run < 4; ++run) {
            const auto y = steps.run({Tensor::of(tone, {64})}, RequantiseRounding::Double, &state).value();
            valid.push_back(y[1].as<quint8>()[0] != 0);
            const auto stacked = y[0].as<qint16>();
            QCOMPARE(std::any_of(stacked.begin(), stacked.end(), [](qint16 x) { return x > 0; }), valid.back());
        }
        QCOMPARE(valid, (std::vector<bool>{false, true, true, true}));
    }

    // There is no code for the steps, nor a form in ONNX: both say which operator it is.
    void whatCannotBeDoneWithOneIsNamed()
    {
        const Model model = readTflite(contents(QStringLiteral("tflite/audio_preprocessor_int8.tflite"))).value();
        const auto lowered = codegen::lower(model);
        QVERIFY(!lowered);
        QVERIFY2(lowered.error().message.contains(QLatin1String("SignalFilterBankSpectralSubtraction")),
                 qPrintable(lowered.error().message));
        const auto written = writeOnnx(model);
        QVERIFY(!written);
        QVERIFY2(written.error().message.contains(QLatin1String("SignalFilterBankSpectralSubtraction")),
                 qPrintable(written.error().message));
    }

    void framesComeOutOfAFile()
    {
        const Interpreter framer = Interpreter::create(readTflite(framerFile(3, 2, {1, 4}, {1, 2, 3})).value()).value();
        Interpreter::State state = framer.initialState().value();
        const auto frames = [&](std::vector<qint16> x) {
            const Tensor y = framer.run({Tensor::of(x, {1, 4})}, {}, &state).value()[0];
            return std::vector<qint16>(y.as<qint16>().begin(), y.as<qint16>().end());
        };
        QCOMPARE(frames({1, 2, 3, 4}), (std::vector<qint16>{0, 1, 2, 2, 3, 4}));
        QCOMPARE(frames({5, 6, 7, 8}), (std::vector<qint16>{4, 5, 6, 6, 7, 8}));
    }

    // Whole numbers of any width, signed or not, at any address.
    void attributesOfAllWidthsAreRead()
    {
        for (const qint64 shift : {qint64{0}, qint64{1}, qint64{31}}) {
            for (const int padding : {0, 300, 70'000}) {
                const auto options = attributes([&](flexbuffers::Builder& to) {
                    to.Int("shift", shift);
                    if (padding > 0) // moves the names so far away that their places need more bytes
                        to.UInt(std::string(190, 'z').c_str(), static_cast<uint64_t>(padding) << 8);
                });
                TfliteFileBuilder file;
                const int x = file.tensor("x", kInt16, {1, 2});
                const int w = file.constant("w", kInt16, {2}, std::vector<qint16>{1, 2});
                const int y = file.tensor("y", kInt16, {1, 2});
                file.custom("SignalWindow", options, {x, w}, {y});
                file.endGraph({x}, {y});
                const auto model = readTflite(file.finish());
                QVERIFY2(model, model ? "" : qPrintable(model.error().toString()));
                const auto& signal = std::get<Signal>(model->graph.nodes[0].operation);
                QCOMPARE(qint64{std::get<SignalWindow>(signal.step).shift}, shift);
            }
        }
    }

    void impossibleAttributesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QByteArray& bytes, const char* says) {
            QTest::newRow(name) << bytes << QString::fromLatin1(says);
        };
        using Flex = flexbuffers::Builder;
        const auto none = attributes([](Flex&) {});
        row("an unknown operator", fileOf("SignalTelepathy", none, kInt16, {4}, kInt16, {4}), "SignalTelepathy");
        row("an operator without a name", fileOf("", none, kInt16, {4}, kInt16, {4}), "without a name");
        row("no attributes", fileOf("SignalDelay", {}, kInt16, {1, 4}, kInt16, {1, 4}), "'delay_length'");
        row("another attribute",
            fileOf("SignalDelay", attributes([](Flex& to) { to.Int("delay", 3); }), kInt16, {1, 4}, kInt16, {1, 4}),
            "'delay_length'");
        row("a text",
            fileOf("SignalDelay", attributes([](Flex& to) { to.String("delay_length", "3"); }), kInt16, {1, 4}, kInt16,
                   {1, 4}),
            "whole numbers");
        row("a real",
            fileOf("SignalDelay", attributes([](Flex& to) { to.Float("delay_length", 3.5f); }), kInt16, {1, 4}, kInt16,
                   {1, 4}),
            "whole numbers");
        for (const qint64 length : {qint64{-1}, qint64{100'000}, qint64{2'000'000'000}, qint64{1} << 40})
            row(qPrintable(QStringLiteral("a delay of %1").arg(length)),
                fileOf("SignalDelay", attributes([&](Flex& to) { to.Int("delay_length", length); }), kInt16, {1, 4},
                       kInt16, {1, 4}),
                "");
        row("a frame of 2^30", framerFile(1 << 30, 2, {1, 4}, {1, 2, 3}), "");
        row("a step of nothing", framerFile(3, 0, {1, 4}, {1, 2, 3}), "0 apart");
        row("a step of less", framerFile(3, -2, {1, 4}, {1, 2, 3}), "-2 apart");
        row("a step beyond the frame", framerFile(3, 4, {1, 4}, {1, 2, 3}), "4 apart");
        row("a frame of no dimensions", framerFile(3, 2, {}, {1, 2, 3}), "");
        row("many signals", framerFile(60'000, 1, {2'000, 1'000}, {2'000, 1'000, 60'000}), "");
        for (const int length : {-4, 0, 3, 1 << 24, 65'534})
            row(qPrintable(QStringLiteral("a transform of %1").arg(length)),
                fileOf("SignalRfft", attributes([&](Flex& to) {
                           to.Int("T", 7);
                           to.Int("fft_length", length);
                       }),
                       kInt16, {4}, kInt16, {6}),
                "length");
        row("channels beyond memory",
            fileOf("SignalFilterBankSpectralSubtraction", attributes([](Flex& to) {
                       for (const char* name :
                            {"smoothing", "one_minus_smoothing", "alternate_smoothing", "alternate_one_minus_smoothing",
                             "min_signal_remaining", "smoothing_bits", "spectral_subtraction_bits", "clamping"})
                           to.Int(name, 1);
                       to.Int("num_channels", 2'000'000'000);
                   }),
                   kUInt32, {4}, kUInt32, {4}),
            "2000000000");
        row("frames stacked beyond memory",
            fileOf("SignalStacker", attributes([](Flex& to) {
                       to.Int("num_channels", 2'000'000'000);
                       to.Int("stacker_left_context", 2'000'000'000);
                       to.Int("stacker_right_context", 2'000'000'000);
                       to.Int("stacker_step", 1);
                   }),
                   kInt16, {4}, kInt16, {4}, true),
            "");
        row("the wrong type",
            fileOf("SignalDelay", attributes([](Flex& to) { to.Int("delay_length", 1); }), kFloat, {1, 4}, kFloat,
                   {1, 4}),
            "float32");
        row("a result of another type",
            fileOf("SignalDelay", attributes([](Flex& to) { to.Int("delay_length", 1); }), kInt16, {1, 4}, kInt32,
                   {1, 4}),
            "int16");
        row("too few inputs", fileOf("SignalFilterBankSquareRoot", none, kUInt64, {4}, kUInt32, {4}), "input 2");
    }
    void impossibleAttributesAreRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const test::CostGuard guard;
        const auto model = readTflite(bytes);
        const bool refused = !model || !Interpreter::create(*model);
        guard.check(QTest::currentDataTag());
        QVERIFY(refused);
        QVERIFY2(!model && model.error().message.contains(says), model ? "" : qPrintable(model.error().message));
    }

    // Thousands of operators that each keep something.
    void manyStatesAreRefused()
    {
        TfliteFileBuilder file;
        const auto options = attributes([](flexbuffers::Builder& to) { to.Int("delay_length", 65'536); });
        const int x = file.tensor("x", kInt16, {8, 4});
        int last = x;
        for (int i = 0; i < 900; ++i) {
            const int y = file.tensor("y" + std::to_string(i), kInt16, {8, 4});
            file.custom("SignalDelay", options, {last}, {y});
            last = y;
        }
        file.endGraph({x}, {last});
        const QByteArray bytes = file.finish();
        const test::CostGuard guard;
        const auto model = readTflite(bytes);
        guard.check("many states");
        QVERIFY(!model);
        QVERIFY2(model.error().message.contains(QLatin1String("states")), qPrintable(model.error().message));
    }

    // Any byte of the attributes may be anything.
    void damagedAttributesAreSurvived()
    {
        const std::vector<uint8_t> whole = attributes([](flexbuffers::Builder& to) {
            to.Int("frame_size", 400);
            to.Int("frame_step", 160);
            to.Bool("prefill", true);
        });
        QRandomGenerator random(23);
        int read = 0;
        for (int i = 0; i < 4'000; ++i) {
            std::vector<uint8_t> damaged = whole;
            for (int flips = 1 + random.bounded(3); flips > 0; --flips)
                damaged[random.bounded(static_cast<quint32>(damaged.size()))] = static_cast<uint8_t>(random.generate());
            if (i % 5 == 0)
                damaged.resize(random.bounded(static_cast<quint32>(damaged.size())));
            const auto model = readTflite(fileOf("SignalFramer", damaged, kInt16, {1, 160}, kInt16, {1, 1, 400}, true));
            read += model ? 1 : 0;
            if (!model)
                QVERIFY(!model.error().message.isEmpty());
        }
        QVERIFY(read > 0 && read < 2'000); // both happen
    }

    void damagedFrontEndsAreSurvived()
    {
        const QByteArray whole = contents(QStringLiteral("tflite/audio_preprocessor_int8.tflite"));
        QVERIFY(!whole.isEmpty());
        QRandomGenerator random(29);
        for (int i = 0; i < 600; ++i) {
            QByteArray damaged = whole;
            for (int flips = 1 + random.bounded(4); flips > 0; --flips) {
                const auto at = static_cast<qsizetype>(random.bounded(static_cast<quint32>(damaged.size())));
                damaged[at] = static_cast<char>(random.generate());
            }
            const test::CostGuard guard;
            auto model = readTflite(damaged);
            const auto interpreter =
                model ? Interpreter::create(std::move(*model)) : Result<Interpreter>(model.error());
            if (interpreter) {
                std::vector<Tensor> inputs;
                for (const ValueInfo& info : interpreter->model().graph.inputs)
                    inputs.push_back(Tensor::zeros(info.type, info.shape).value());
                const auto outputs = interpreter->run(std::move(inputs));
                Q_UNUSED(outputs)
            }
            guard.check("a damaged front end");
        }
    }
};

QTEST_GUILESS_MAIN(TestTfliteSignal)
#include "tst_tflite_signal.moc"
