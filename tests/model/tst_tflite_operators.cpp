// SPDX-License-Identifier: GPL-3.0-or-later
// Files of single operators, written with the schema itself.
#include "core/model/interpreter.h"
#include "core/model/tflite_names.h"
#include "core/model/tflite_reader.h"
#include "tests/model/tflite_file_builder.h"
#include "tests/support/cost_guard.h"

#include <QTest>

#include <functional>

using namespace ember;
using namespace ember::model;
namespace fb = emberlab::tflite;

namespace {

using test::TfliteFileBuilder;

constexpr int kFloat = 0, kInt32 = 2, kResource = 13;

// y = variable + x, and the variable becomes y.
QByteArray accumulator(float beginning)
{
    TfliteFileBuilder file;
    const int x = file.tensor("x", kFloat, {1, 2});
    const int handle = file.tensor("handle", kResource, {});
    const int old = file.tensor("old", kFloat, {1, 2});
    const int y = file.tensor("y", kFloat, {1, 2});
    file.op(detail::kCallOnce, {}, {}, fb::Options_CallOnce, fb::CreateCallOnceOptions(file.builder(), 1).Union());
    file.op(detail::kVarHandle, {}, {handle}, fb::Options_VarHandle, file.variable("sum"));
    file.op(detail::kReadVariable, {handle}, {old});
    file.op(detail::kAdd, {old, x}, {y}, fb::Options_Add, fb::CreateArithmeticOptions(file.builder(), 0).Union());
    file.op(detail::kAssignVariable, {handle, y}, {});
    file.endGraph({x}, {y});
    const int first = file.tensor("handle", kResource, {});
    const int zeros = file.constant("zeros", kFloat, {1, 2}, std::vector<float>{beginning, beginning});
    file.op(detail::kVarHandle, {}, {first}, fb::Options_VarHandle, file.variable("sum"));
    file.op(detail::kAssignVariable, {first, zeros}, {});
    file.endGraph({}, {});
    return file.finish();
}

Tensor counted(const Shape& shape)
{
    Tensor tensor = Tensor::zeros(TensorType::Float32, shape).value();
    float next = 1;
    for (float& value : tensor.as<float>())
        value = next++;
    return tensor;
}

} // namespace

class TestTfliteOperators : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void variablesAreKeptBetweenRuns()
    {
        const auto model = readTflite(accumulator(0));
        QVERIFY2(model, model ? "" : qPrintable(model.error().toString()));
        const Interpreter interpreter = Interpreter::create(*model).value();
        Interpreter::State state = interpreter.initialState().value();
        const auto step = [&](float a, float b, Interpreter::State* kept) {
            const Tensor y = interpreter.run({Tensor::of(std::vector<float>{a, b}, {1, 2})}, {}, kept).value()[0];
            return std::vector<float>(y.as<float>().begin(), y.as<float>().end());
        };
        QCOMPARE(step(1, 2, &state), (std::vector<float>{1, 2}));
        QCOMPARE(step(10, 20, &state), (std::vector<float>{11, 22}));
        QCOMPARE(step(100, 200, &state), (std::vector<float>{111, 222}));
        QCOMPARE(step(5, 5, nullptr), (std::vector<float>{5, 5})); // begins anew
        QVERIFY(summariseTflite(accumulator(0)).value().unsupported.isEmpty());
    }

    void anotherBeginningThanZeroIsRefused()
    {
        const auto refused = readTflite(accumulator(3));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Unsupported);
        QVERIFY2(refused.error().message.contains(QStringLiteral("begin at zero")),
                 qPrintable(refused.error().message));
    }

    // By the definition: image b of the result at (y, x) is the padded input at (y * block + offset of b).
    void spaceBecomesBatch()
    {
        TfliteFileBuilder file;
        const int x = file.tensor("x", kFloat, {1, 3, 4, 2});
        const int block = file.constant("block", kInt32, {2}, std::vector<int32_t>{2, 3});
        const int pads = file.constant("pads", kInt32, {2, 2}, std::vector<int32_t>{1, 0, 0, 2});
        const int y = file.tensor("y", kFloat, {6, 2, 2, 2});
        file.op(detail::kSpaceToBatchNd, {x, block, pads}, {y});
        file.endGraph({x}, {y});
        const Interpreter interpreter = Interpreter::create(readTflite(file.finish()).value()).value();
        const Tensor input = counted({1, 3, 4, 2});
        const Tensor result = interpreter.run({input}).value()[0];
        QCOMPARE(result.shape(), (Shape{6, 2, 2, 2}));
        std::size_t at = 0;
        for (int image = 0; image < 6; ++image) {
            for (int row = 0; row < 2; ++row) {
                for (int column = 0; column < 2; ++column) {
                    for (int c = 0; c < 2; ++c, ++at) {
                        const int fromY = row * 2 + image / 3 - 1;
                        const int fromX = column * 3 + image % 3;
                        const bool inside = fromY >= 0 && fromY < 3 && fromX < 4;
                        const float wanted =
                            inside ? input.as<float>()[static_cast<std::size_t>((fromY * 4 + fromX) * 2 + c)] : 0.0f;
                        QCOMPARE(result.as<float>()[at], wanted);
                    }
                }
            }
        }
    }

    void batchBecomesSpaceAgain()
    {
        TfliteFileBuilder file;
        const int x = file.tensor("x", kFloat, {1, 3, 4, 2});
        const int block = file.constant("block", kInt32, {2}, std::vector<int32_t>{2, 3});
        const int pads = file.constant("pads", kInt32, {2, 2}, std::vector<int32_t>{1, 0, 0, 2});
        const int between = file.tensor("between", kFloat, {6, 2, 2, 2});
        const int y = file.tensor("y", kFloat, {1, 3, 4, 2});
        file.op(detail::kSpaceToBatchNd, {x, block, pads}, {between});
        file.op(detail::kBatchToSpaceNd, {between, block, pads}, {y});
        file.endGraph({x}, {y});
        const Interpreter interpreter = Interpreter::create(readTflite(file.finish()).value()).value();
        const Tensor input = counted({1, 3, 4, 2});
        const Tensor result = interpreter.run({input}).value()[0];
        QCOMPARE(result.shape(), input.shape());
        QVERIFY(std::equal(input.bytes().begin(), input.bytes().end(), result.bytes().begin()));
    }

    void axesAreReversedAndZerosAndRowsMade()
    {
        TfliteFileBuilder file;
        const int x = file.tensor("x", kFloat, {2, 3});
        const int axis = file.constant("axis", kInt32, {1}, std::vector<int32_t>{1});
        const int ids = file.constant("ids", kInt32, {3}, std::vector<int32_t>{1, 0, 1});
        const int turned = file.tensor("turned", kFloat, {2, 3});
        const int zeros = file.tensor("zeros", kFloat, {2, 3});
        const int rows = file.tensor("rows", kFloat, {3, 3});
        file.op(detail::kReverseV2, {x, axis}, {turned});
        file.op(detail::kZerosLike, {x}, {zeros});
        file.op(detail::kEmbeddingLookup, {ids, x}, {rows});
        file.endGraph({x}, {turned, zeros, rows});
        const Interpreter interpreter = Interpreter::create(readTflite(file.finish()).value()).value();
        const auto results = interpreter.run({counted({2, 3})}).value();
        const auto numbers = [&results](std::size_t i) {
            return std::vector<float>(results[i].as<float>().begin(), results[i].as<float>().end());
        };
        QCOMPARE(numbers(0), (std::vector<float>{3, 2, 1, 6, 5, 4}));
        QCOMPARE(numbers(1), (std::vector<float>(6, 0.0f)));
        QCOMPARE(numbers(2), (std::vector<float>{4, 5, 6, 1, 2, 3, 4, 5, 6}));
    }

    // Small files that name one table again and again, or claim what is not there.
    void aFileIsNotMoreThanItIs_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::function<void(TfliteFileBuilder&, int)>& fill,
                            const char* says, const std::vector<int32_t>& shape = {1, 4}) {
            TfliteFileBuilder file;
            const int x = file.tensor("x", kFloat, shape);
            const int y = file.tensor("y", kFloat, shape);
            fill(file, x);
            file.op(detail::kRelu, {x}, {y});
            file.endGraph({x}, {y});
            QTest::newRow(name) << file.finish() << QString::fromLatin1(says);
        };
        row(
            "one buffer of many values",
            [](TfliteFileBuilder& file, int) {
                file.constant("c", kFloat, {250'000}, std::vector<float>(250'000));
                const auto shape = file.builder().CreateVector(std::vector<int32_t>{250'000});
                for (int i = 0; i < 15'000; ++i)
                    file.shared(0, shape, kFloat, file.lastBuffer());
            },
            "need more than");
        row(
            "one list of scales of many values",
            [](TfliteFileBuilder& file, int) {
                auto& to = file.builder();
                const auto scales = to.CreateVector(std::vector<float>(200'000, 1.0f));
                const auto all = fb::CreateQuantizationParameters(to, scales);
                const auto shape = to.CreateVector(std::vector<int32_t>{200'000});
                for (int i = 0; i < 15'000; ++i)
                    file.shared(0, shape, 9, 0, all);
            },
            "need more than");
        row(
            "one name of many values",
            [](TfliteFileBuilder& file, int) {
                const auto name = file.builder().CreateString(std::string(4'000, 'n'));
                const auto shape = file.builder().CreateVector(std::vector<int32_t>{1});
                for (int i = 0; i < 19'000; ++i)
                    file.shared(name, shape, kFloat, 0);
            },
            "need more than");
        row(
            "one list of inputs of many operators",
            [](TfliteFileBuilder& file, int x) {
                const auto inputs = file.builder().CreateVector(std::vector<int32_t>(1'000, x));
                const auto outputs = file.builder().CreateVector(std::vector<int32_t>(1'000, x));
                for (int i = 0; i < 9'000; ++i)
                    file.sharedOp(inputs, outputs);
            },
            "");
        row(
            "an operator of many inputs",
            [](TfliteFileBuilder& file, int x) { file.op(detail::kAddN, std::vector<int32_t>(5'000, x), {x}); },
            "5000 inputs");
        row(
            "a value that is not there", [](TfliteFileBuilder& file, int x) { file.op(detail::kRelu, {77}, {x}); },
            "value 77 of 2");
        row(
            "a negative value", [](TfliteFileBuilder& file, int x) { file.op(detail::kRelu, {-2}, {x}); }, "value -2");
        row(
            "its own result",
            [](TfliteFileBuilder& file, int) {
                const int a = file.tensor("a", kFloat, {1, 4});
                file.op(detail::kRelu, {a}, {a});
            },
            "nothing before it makes");
        row(
            "a constant of 2 GB",
            [](TfliteFileBuilder& file, int) {
                file.constant("c", kFloat, {23'000, 23'000}, std::vector<float>{1});
            },
            "more than 64 million");
        row(
            "a constant of other bytes",
            [](TfliteFileBuilder& file, int) {
                file.constant("c", kFloat, {7'000, 7'000}, std::vector<float>{1});
            },
            "bytes instead of");
        row(
            "a negative size",
            [](TfliteFileBuilder& file, int) {
                file.tensor("t", kFloat, {3, -9});
            },
            "dimension -9");
        row(
            "many dimensions", [](TfliteFileBuilder&, int) {}, "dimensions", std::vector<int32_t>(2'000, 1));
        row("a monstrous input", [](TfliteFileBuilder&, int) {}, "more than 64 million",
            {2'147'483'647, 2'147'483'647});
        row(
            "unknown operators",
            [](TfliteFileBuilder& file, int x) {
                for (int i = 0; i < 9'000; ++i)
                    file.op(1'000 + i, {x}, {x});
            },
            "operator 1000");
    }
    void aFileIsNotMoreThanItIs()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const test::CostGuard guard;
        const auto summary = summariseTflite(bytes);
        const auto model = readTflite(bytes);
        guard.check(QTest::currentDataTag());
        QVERIFY(!model);
        QVERIFY2(model.error().message.contains(says), qPrintable(model.error().message));
        QVERIFY(!model.error().hint.isEmpty());
        Q_UNUSED(summary)
    }

    void blocksThatDoNotFitAreRefused()
    {
        for (const std::vector<int32_t>& block : {std::vector<int32_t>{0, 3}, {2, 5}, {-1, 3}, {2, 2'000'000'000}}) {
            TfliteFileBuilder file;
            const int x = file.tensor("x", kFloat, {1, 3, 4, 2});
            const int sizes = file.constant("block", kInt32, {2}, block);
            const int pads = file.constant("pads", kInt32, {2, 2}, std::vector<int32_t>{1, 0, 0, 2});
            const int y = file.tensor("y", kFloat, {6, 2, 2, 2});
            file.op(detail::kSpaceToBatchNd, {x, sizes, pads}, {y});
            file.endGraph({x}, {y});
            QCOMPARE(readTflite(file.finish()).error().kind, ErrorKind::BadData);
        }
    }
};

QTEST_GUILESS_MAIN(TestTfliteOperators)
#include "tst_tflite_operators.moc"
