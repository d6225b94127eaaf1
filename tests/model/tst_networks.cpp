// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/analysis.h"
#include "core/model/interpreter.h"
#include "core/model/listing.h"
#include "core/model/validate.h"
#include "tests/model/long_memory.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>

using namespace ember;
using namespace ember::model;
using namespace ember::model::test;

namespace {

/// A model of one operation from "x" to "y".
Model oneOperation(Operation operation, ValueInfo x, ValueInfo y, std::map<std::string, Constant> constants = {})
{
    Model model;
    x.name = "x";
    y.name = "y";
    std::vector<std::string> inputs{"x"};
    for (const auto& [name, constant] : constants)
        inputs.push_back(name);
    model.graph.inputs = {x};
    model.graph.outputs = {y};
    model.graph.values["y"] = y;
    model.graph.constants = std::move(constants);
    model.graph.nodes = {{"node", std::move(operation), inputs, {"y"}}};
    return model;
}

Result<Tensor> run(Model model, Tensor x)
{
    EMBER_TRY(const Interpreter interpreter, Interpreter::create(std::move(model)));
    EMBER_TRY(std::vector<Tensor> results, interpreter.run({std::move(x)}));
    return results.at(0);
}

std::vector<qint8> bytes(QRandomGenerator& random, std::size_t count)
{
    std::vector<qint8> values(count);
    for (qint8& value : values)
        value = static_cast<qint8>(random.bounded(256) - 128);
    return values;
}

struct ConvCase
{
    qint64 height, width, in, out, kernelY, kernelX, stride, dilation;
    bool same;
};

// The definition, written once more and without any cleverness: every tap tests whether it is inside.
std::vector<qint8> naiveConv(const ConvCase& c, const std::vector<qint8>& x, const std::vector<qint8>& w,
                             const std::vector<qint32>& bias, const Quantisation& qx, const Quantisation& qw,
                             const Quantisation& qy, qint64& rows, qint64& columns)
{
    const auto size = [&c](qint64 cells, qint64 kernel, qint64& pad) {
        const qint64 reach = (kernel - 1) * c.dilation + 1;
        const qint64 outputs = c.same ? (cells + c.stride - 1) / c.stride : (cells - reach) / c.stride + 1;
        pad = c.same ? std::max<qint64>(0, (outputs - 1) * c.stride + reach - cells) / 2 : 0;
        return outputs;
    };
    qint64 padY = 0, padX = 0;
    rows = size(c.height, c.kernelY, padY);
    columns = size(c.width, c.kernelX, padX);
    std::vector<qint8> y;
    for (qint64 r = 0; r < rows; ++r) {
        for (qint64 k = 0; k < columns; ++k) {
            for (qint64 o = 0; o < c.out; ++o) {
                qint32 sum = bias[static_cast<std::size_t>(o)];
                for (qint64 ky = 0; ky < c.kernelY; ++ky) {
                    for (qint64 kx = 0; kx < c.kernelX; ++kx) {
                        const qint64 iy = r * c.stride - padY + ky * c.dilation;
                        const qint64 ix = k * c.stride - padX + kx * c.dilation;
                        if (iy < 0 || ix < 0 || iy >= c.height || ix >= c.width)
                            continue;
                        for (qint64 i = 0; i < c.in; ++i)
                            sum += (x[static_cast<std::size_t>((iy * c.width + ix) * c.in + i)] - qx.zeroPoint()) *
                                   w[static_cast<std::size_t>(((o * c.kernelY + ky) * c.kernelX + kx) * c.in + i)];
                    }
                }
                const double factor = static_cast<double>(qx.scale()) *
                                      static_cast<double>(qw.scales[static_cast<std::size_t>(o)]) /
                                      static_cast<double>(qy.scale());
                const qint32 scaledSum = scaleBy(sum, makeMultiplier(factor), RequantiseRounding::Double);
                y.push_back(static_cast<qint8>(std::clamp(scaledSum + qy.zeroPoint(), -128, 127)));
            }
        }
    }
    return y;
}

} // namespace

class TestNetworks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void integerConvolutionEqualsItsDefinition()
    {
        QRandomGenerator random(7);
        for (int i = 0; i < 60; ++i) {
            ConvCase c{1 + random.bounded(9), 1 + random.bounded(9), 1 + random.bounded(5),
                       1 + random.bounded(6), 1 + random.bounded(3), 1 + random.bounded(3),
                       1 + random.bounded(3), 1 + random.bounded(2), random.bounded(2) == 0};
            if (!c.same) {
                c.height += (c.kernelY - 1) * c.dilation;
                c.width += (c.kernelX - 1) * c.dilation;
            }
            const auto x = bytes(random, static_cast<std::size_t>(c.height * c.width * c.in));
            const auto w = bytes(random, static_cast<std::size_t>(c.out * c.kernelY * c.kernelX * c.in));
            std::vector<qint32> bias;
            Quantisation qw{{}, std::vector<qint32>(static_cast<std::size_t>(c.out), 0), 0};
            for (qint64 o = 0; o < c.out; ++o) {
                bias.push_back(static_cast<qint32>(random.bounded(20'000)) - 10'000);
                qw.scales.push_back(0.001f + 0.01f * static_cast<float>(random.generateDouble()));
            }
            const Quantisation qx = scaled(0.02f, random.bounded(256) - 128);
            const Quantisation qy = scaled(0.05f, random.bounded(256) - 128);
            qint64 rows = 0, columns = 0;
            const auto expected = naiveConv(c, x, w, bias, qx, qw, qy, rows, columns);

            Conv conv;
            conv.window.strides = {c.stride, c.stride};
            conv.window.dilations = {c.dilation, c.dilation};
            conv.window.padding = c.same ? Padding::SameUpper : Padding::Valid;
            const auto result = run(oneOperation(conv, {"x", TensorType::Int8, {1, c.height, c.width, c.in}, qx},
                                                 {"y", TensorType::Int8, {1, rows, columns, c.out}, qy},
                                                 {{"a", {Tensor::of(w, {c.out, c.kernelY, c.kernelX, c.in}), qw}},
                                                  {"b", {Tensor::of(bias, {c.out}), std::nullopt}}}),
                                    Tensor::of(x, {1, c.height, c.width, c.in}));
            QVERIFY2(result, result ? "" : qPrintable(result.error().toString()));
            QCOMPARE(result->shape(), (Shape{1, rows, columns, c.out}));
            const auto y = result->as<qint8>();
            QVERIFY(std::equal(y.begin(), y.end(), expected.begin(), expected.end()));
        }
    }

    void softmaxOfBytesIsNearTheReal()
    {
        QRandomGenerator random(8);
        for (int i = 0; i < 200; ++i) {
            const qint64 count = 1 + random.bounded(20);
            const float scale = 0.01f + 0.3f * static_cast<float>(random.generateDouble());
            const auto x = bytes(random, static_cast<std::size_t>(count));
            const auto result = run(oneOperation(Softmax{}, {"x", TensorType::Int8, {1, count}, scaled(scale, 3)},
                                                 {"y", TensorType::Int8, {1, count}, scaled(1.0f / 256, -128)}),
                                    Tensor::of(x, {1, count}));
            QVERIFY2(result, result ? "" : qPrintable(result.error().toString()));
            double sum = 0;
            for (const qint8 value : x)
                sum += std::exp(static_cast<double>(value) * static_cast<double>(scale));
            for (std::size_t k = 0; k < x.size(); ++k) {
                const double real = std::exp(static_cast<double>(x[k]) * static_cast<double>(scale)) / sum;
                const double stored = std::min(127.0, std::round(real * 256) - 128);
                QVERIFY(std::abs(result->as<qint8>()[k] - stored) <= 1.0);
            }
        }
    }

    void floatsHaveNoScales()
    {
        const Model model = oneOperation(Unary{UnaryKind::Sigmoid}, {"x", TensorType::Float32, {-1, 2}},
                                         {"y", TensorType::Float32, {-1, 2}});
        // The batch is open: any number of rows.
        for (const qint64 rows : {1, 3}) {
            const auto result =
                run(model, Tensor::of(std::vector<float>(static_cast<std::size_t>(rows * 2), 0.0f), {rows, 2}));
            QCOMPARE(result.value().as<float>()[0], 0.5f);
            QCOMPARE(result.value().shape(), (Shape{rows, 2}));
        }
        QCOMPARE(run(model, Tensor::of(std::vector<float>(3), {1, 3})).error().kind, ErrorKind::Usage);
        QCOMPARE(run(model, Tensor::of(std::vector<qint8>(2), {1, 2})).error().kind, ErrorKind::Usage);
    }

    void shapesThatDoNotFitAreNamed()
    {
        const Model model =
            oneOperation(Dense{}, {"x", TensorType::Float32, {1, 5}}, {"y", TensorType::Float32, {1, 2}},
                         {{"w", {Tensor::of(std::vector<float>(8), {2, 4}), std::nullopt}}});
        const auto analysis = analyse(model.graph);
        QVERIFY(!analysis);
        QCOMPARE(analysis.error().kind, ErrorKind::BadData);
        QVERIFY(analysis.error().toString().contains(QStringLiteral("Dense 'node'")));
        QCOMPARE(run(model, Tensor::of(std::vector<float>(5), {1, 5})).error().kind, ErrorKind::BadData);
    }

    void monstrousSizesAreRefusedBeforeTheyAreMade()
    {
        // Tiling 1000 elements a million times, twice.
        const std::vector<qint64> repeats{1'000'000};
        const Model model = oneOperation(Tile{}, {"x", TensorType::Float32, {1'000}}, {"y", TensorType::Float32, {-1}},
                                         {{"r", {Tensor::of(repeats, {1}), std::nullopt}}});
        QCOMPARE(run(model, Tensor::of(std::vector<float>(1'000), {1'000})).error().kind, ErrorKind::Unsupported);
        QCOMPARE(Tensor::zeros(TensorType::Float64, {40'000'000}).error().kind, ErrorKind::Unsupported);
        QCOMPARE(Tensor::zeros(TensorType::Int8, {0, 1LL << 40, 1LL << 40}).error().kind, ErrorKind::Unsupported);
        QCOMPARE(Tensor::zeros(TensorType::Int8, {-1}).error().kind, ErrorKind::BadData);
    }

    void wiresAreChecked()
    {
        Model model = oneOperation(Unary{}, {"x", TensorType::Float32, {1}}, {"y", TensorType::Float32, {1}});
        QVERIFY(validate(model));
        Model circle = model;
        circle.graph.nodes.push_back({"second", Unary{}, {"z"}, {"w"}});
        circle.graph.nodes.push_back({"third", Unary{}, {"w"}, {"z"}});
        QCOMPARE(validate(circle).error().kind, ErrorKind::BadData);
        Model twice = model;
        twice.graph.nodes.push_back({"second", Unary{}, {"x"}, {"y"}});
        QCOMPARE(validate(twice).error().kind, ErrorKind::BadData);
        Model scale = model;
        scale.graph.values["y"].quantisation = Quantisation{{-1.0f}, {0}, 0};
        QCOMPARE(validate(scale).error().kind, ErrorKind::BadData);
    }

    void paddingThatCountsInAnAverageIsRealZero()
    {
        const Quantisation q{{0.5f}, {-100}, 0};
        Pool pool;
        pool.kind = PoolKind::Average;
        pool.kernel = {3, 3};
        pool.window.strides = {1, 1};
        pool.window.padsBegin = pool.window.padsEnd = {1, 1};
        pool.countPadding = true;
        const Model model =
            oneOperation(pool, {"x", TensorType::Int8, {1, 4, 4, 1}, q}, {"y", TensorType::Int8, {1, 4, 4, 1}, q}, {});
        std::vector<qint8> x(16);
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = static_cast<qint8>(static_cast<int>(i * 37 % 228) - 100);
        const auto y = run(model, Tensor::of(x, {1, 4, 4, 1}));
        QVERIFY2(y, y ? "" : qPrintable(y.error().toString()));
        for (int row = 0; row < 4; ++row) {
            for (int column = 0; column < 4; ++column) {
                double sum = 0; // in steps of the scale
                for (int r = std::max(0, row - 1); r <= std::min(3, row + 1); ++r) {
                    for (int c = std::max(0, column - 1); c <= std::min(3, column + 1); ++c)
                        sum += x[static_cast<std::size_t>(4 * r + c)] + 100;
                }
                QCOMPARE(int(y->as<qint8>()[static_cast<std::size_t>(4 * row + column)]),
                         static_cast<int>(std::lround(sum / 9)) - 100);
            }
        }
    }

    void memoryAndWorkAreCounted()
    {
        // x [1,4] -> Dense 4x3 -> Relu -> Dense 3x2: at most 4 + 3 or 3 + 3 numbers are alive together.
        Model model;
        model.graph.inputs = {{"x", TensorType::Float32, {1, 4}}};
        model.graph.outputs = {{"y", TensorType::Float32, {1, 2}}};
        model.graph.constants["a"] = {Tensor::of(std::vector<float>(12, 1.0f), {3, 4}), std::nullopt};
        model.graph.constants["b"] = {Tensor::of(std::vector<float>(6, 1.0f), {2, 3}), std::nullopt};
        model.graph.nodes = {{"first", Dense{}, {"x", "a"}, {"h"}},
                             {"relu", Unary{UnaryKind::Relu}, {"h"}, {"r"}},
                             {"second", Dense{}, {"r", "b"}, {"y"}}};
        const Analysis analysis = analyse(model.graph).value();
        QCOMPARE(analysis.macs, qint64(18));
        QCOMPARE(analysis.liveBytes, qint64(28));
        QCOMPARE(analysis.values.at("y").shape, (Shape{1, 2}));
        const QString text = listing(model);
        QVERIFY2(text.contains(QStringLiteral("Dense (x, (float32 3x4)) -> h: float32 1x3")), qPrintable(text));
        QCOMPARE(run(model, Tensor::of(std::vector<float>{1, 2, 3, 4}, {1, 4})).value().as<float>()[1], 30.0f);
    }

    void statesAreKeptBetweenRuns()
    {
        // A filter of one unit that sums its last two inputs.
        Model model;
        model.graph.inputs = {{"x", TensorType::Float32, {1, 1}}};
        model.graph.outputs = {{"y", TensorType::Float32, {1, 1}}};
        model.graph.states = {{"s", TensorType::Float32, {1, 2}}};
        model.graph.constants["f"] = {Tensor::of(std::vector<float>{1.0f}, {1, 1}), std::nullopt};
        model.graph.constants["t"] = {Tensor::of(std::vector<float>{1.0f, 1.0f}, {1, 2}), std::nullopt};
        model.graph.nodes = {{"svdf", Svdf{1, Activation::None}, {"x", "f", "t", "", "s"}, {"y"}}};
        const Interpreter interpreter = Interpreter::create(model).value();
        Interpreter::State state = interpreter.initialState().value();
        const auto step = [&](float x, Interpreter::State* kept) {
            return interpreter.run({Tensor::of(std::vector<float>{x}, {1, 1})}, RequantiseRounding::Double, kept)
                .value()[0]
                .as<float>()[0];
        };
        QCOMPARE(step(1, &state), 1.0f);
        QCOMPARE(step(2, &state), 3.0f);
        QCOMPARE(step(4, &state), 6.0f);
        QCOMPARE(step(4, nullptr), 4.0f); // begins anew
    }

    // The same memory as the operator of ONNX, whose gates stand in another order.
    void aMemoryOfRealsIsThatOfOnnx()
    {
        QRandomGenerator random(5);
        const Memory memory(random, 3, 4);
        const Tensor x = memory.input(random, 5);
        const Tensor own = memory.run(memory.reals(), x);
        Model onnx;
        onnx.graph.inputs = {{"x", TensorType::Float32, {1, 5, 3}}};
        onnx.graph.outputs = {{"y", TensorType::Float32, {1, 5, 1, 4}}};
        const std::array<std::size_t, 4> order{0, 3, 1, 2}; // input, output, forget, cell
        std::vector<float> w, r, b;
        for (const std::size_t gate : order) {
            w.insert(w.end(), memory.w[gate].begin(), memory.w[gate].end());
            r.insert(r.end(), memory.r[gate].begin(), memory.r[gate].end());
            b.insert(b.end(), memory.b[gate].begin(), memory.b[gate].end());
        }
        b.resize(32, 0.0f);
        onnx.graph.constants["w"] = {Tensor::of(w, {1, 16, 3})};
        onnx.graph.constants["r"] = {Tensor::of(r, {1, 16, 4})};
        onnx.graph.constants["b"] = {Tensor::of(b, {1, 32})};
        Recurrent lstm;
        lstm.kind = RecurrentKind::Lstm;
        lstm.hidden = 4;
        lstm.batchFirst = true;
        lstm.activations = {{UnaryKind::Sigmoid}, {UnaryKind::Tanh}, {UnaryKind::Tanh}};
        onnx.graph.nodes = {{"lstm", lstm, {"x", "w", "r", "b"}, {"y"}}};
        const Tensor other = run(onnx, x).value();
        for (std::size_t i = 0; i < 20; ++i)
            QVERIFY(std::abs(own.as<float>()[i] - other.as<float>()[i]) < 1e-6f);
    }

    void aMemoryOfIntegersIsExact_data()
    {
        QTest::addColumn<bool>("wide");
        QTest::newRow("int8") << false;
        QTest::newRow("int16") << true;
    }

    void aMemoryOfIntegersIsExact()
    {
        QFETCH(const bool, wide);
        QRandomGenerator random(wide ? 9 : 8);
        for (int round = 0; round < 10; ++round) {
            Memory memory(random, 3, 4);
            memory.cellPower = -9 - round % 5;
            const Tensor x = memory.input(random, 12);
            const Model model = memory.integers(wide);
            const Tensor stored = memory.stored(x, wide);
            const Tensor result = memory.run(model, stored);
            const std::vector<qint64> expected = memory.oracle(stored, wide);
            QCOMPARE(result.toInt64(), expected);
            // Near to the reals: a wrong gate or scale is far away.
            const Tensor reals = memory.run(memory.reals(), x);
            const Quantisation& q = *model.graph.states[0].quantisation;
            for (std::size_t i = 0; i < expected.size(); ++i) {
                const float real = static_cast<float>(expected[i] - q.zeroPoint()) * q.scale();
                QVERIFY(std::abs(real - reals.as<float>()[i]) < 0.06f);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestNetworks)
#include "tst_networks.moc"
