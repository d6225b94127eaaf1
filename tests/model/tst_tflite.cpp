// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/analysis.h"
#include "core/model/interpreter.h"
#include "core/model/tflite_reader.h"
#include "tests/support/cost_guard.h"

#include <QDir>
#include <QFile>
#include <QRandomGenerator>
#include <QTest>

using namespace ember;
using namespace ember::model;

namespace {

QByteArray fileOf(const QString& name)
{
    QFile file(QStringLiteral(EMBERLAB_TEST_DATA "/models/tflite/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Reads, and runs what could be read: neither may crash, hang or take more than the limits allow.
void useBytes(const QByteArray& bytes)
{
    const test::CostGuard guard;
    const auto summary = summariseTflite(bytes);
    Q_UNUSED(summary)
    auto model = readTflite(bytes);
    if (!model) {
        QVERIFY(!model.error().message.isEmpty());
        return;
    }
    const auto interpreter = Interpreter::create(std::move(*model));
    if (!interpreter)
        return;
    std::vector<Tensor> inputs;
    for (const ValueInfo& info : interpreter->model().graph.inputs) {
        auto zeros = Tensor::zeros(info.type, info.shape);
        if (!zeros)
            return;
        inputs.push_back(std::move(*zeros));
    }
    const auto results = interpreter->run(std::move(inputs));
    Q_UNUSED(results)
    guard.check("a damaged file");
}

} // namespace

class TestTflite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aKeywordModelIsRead()
    {
        const QByteArray bytes = fileOf(QStringLiteral("mlperf_tiny_kws_int8.tflite"));
        const Model model = readTflite(bytes).value();
        QCOMPARE(model.graph.inputs.size(), std::size_t(1));
        QCOMPARE(model.graph.inputs[0].shape, (Shape{1, 49, 10, 1}));
        QCOMPARE(model.graph.inputs[0].type, TensorType::Int8);
        QCOMPARE(model.graph.inputs[0].quantisation->zeroPoint(), 83);
        const Analysis analysis = analyse(model.graph).value();
        // Published for this network: 2.66 million multiplications, and two planes of 25 x 5 x 64 bytes.
        QCOMPARE(analysis.macs, qint64(2'656'768));
        QCOMPARE(analysis.liveBytes, qint64(16'000));
        const ModelSummary summary = summariseTflite(bytes).value();
        QCOMPARE(summary.operators.value(QStringLiteral("CONV_2D")), 5);
        QCOMPARE(summary.operators.value(QStringLiteral("DEPTHWISE_CONV_2D")), 4);
        QVERIFY(summary.unsupported.isEmpty());
        QCOMPARE(summary.parameters, qint64(22'606));
    }

    void runsWithoutStateDoNotDependOnEachOther()
    {
        Model model = readTflite(fileOf(QStringLiteral("keyword_scrambled_8bit.tflite"))).value();
        const Interpreter interpreter = Interpreter::create(std::move(model)).value();
        QVERIFY(!interpreter.model().graph.states.empty());
        Interpreter::State state = interpreter.initialState().value();
        QRandomGenerator random(3);
        const auto compute = [&](const std::vector<qint16>& frame, Interpreter::State* kept) {
            return interpreter.run({Tensor::of(frame, {1, 96})}, RequantiseRounding::Double, kept).value()[0].toInt64();
        };
        for (int i = 0; i < 60; ++i) {
            std::vector<qint16> frame(96);
            for (qint16& value : frame)
                value = static_cast<qint16>(random.bounded(65'536));
            const std::vector<qint64> alone = compute(frame, nullptr);
            QCOMPARE(compute(frame, nullptr), alone);
            QCOMPARE(compute(frame, &state).size(), alone.size());
        }
    }

    void otherFilesAreNamed()
    {
        QCOMPARE(readTflite(QByteArrayLiteral("not a model")).error().kind, ErrorKind::BadData);
        QCOMPARE(readTflite({}).error().kind, ErrorKind::BadData);
        QByteArray empty(64, '\0');
        empty.replace(4, 4, "TFL3");
        QCOMPARE(readTflite(empty).error().kind, ErrorKind::BadData);
    }

    void truncatedFilesAreRefused()
    {
        const QByteArray whole = fileOf(QStringLiteral("hello_world_int8.tflite"));
        QVERIFY(whole.size() > 2'000);
        for (qsizetype size = 0; size < whole.size(); size += 7)
            useBytes(whole.left(size));
    }

    void flippedBitsAreSurvived()
    {
        QRandomGenerator random(11);
        for (const char* name : {"hello_world_int8.tflite", "micro_speech_quantized.tflite"}) {
            const QByteArray whole = fileOf(QString::fromLatin1(name));
            QVERIFY(!whole.isEmpty());
            for (int i = 0; i < 400; ++i) {
                QByteArray damaged = whole;
                for (int flips = 1 + random.bounded(4); flips > 0; --flips) {
                    const auto at = static_cast<qsizetype>(random.bounded(static_cast<quint32>(damaged.size())));
                    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.bounded(8)));
                }
                useBytes(damaged);
            }
        }
    }

    // What damaged files have done before: each file once stopped the reader.
    void findingsOfFuzzingAreReadOrRefused()
    {
        const QDir folder(QStringLiteral(EMBERLAB_TEST_DATA "/models/damaged"));
        const QStringList names = folder.entryList({QStringLiteral("*.tflite")}, QDir::Files);
        QVERIFY(!names.isEmpty());
        for (const QString& name : names) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            useBytes(file.readAll());
        }
    }

    void hugeNumbersAreSurvived()
    {
        const QByteArray whole = fileOf(QStringLiteral("hello_world_int8.tflite"));
        for (const quint32 value : {0xFFFFFFFFU, 0x7FFFFFFFU, 0x80000000U, 0x00FFFFFFU}) {
            for (qsizetype at = 0; at + 4 <= whole.size(); at += 4) {
                QByteArray damaged = whole;
                for (int i = 0; i < 4; ++i)
                    damaged[at + i] = static_cast<char>(value >> (8 * i));
                useBytes(damaged);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestTflite)
#include "tst_tflite.moc"
