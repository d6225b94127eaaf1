// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/analysis.h"
#include "core/model/eliminate_channels.h"
#include "core/model/interpreter.h"
#include "core/model/layer_form.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/model/quantise.h"
#include "core/model/quantise_equalise.h"
#include "tests/model/small_networks.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>

using namespace ember;
using namespace ember::model;
using namespace ember::model::test;

namespace {

Model networkOf(const QString& kind, quint32 seed)
{
    if (kind == QStringLiteral("perceptron"))
        return perceptron(seed);
    return kind == QStringLiteral("image") ? imageNetwork(seed) : seriesNetwork(seed);
}

Tensor rowsFor(const Model& model, quint32 seed, qint64 count)
{
    return NetworkBuilder::rows(seed, count, model.graph.inputs[0].shape);
}

std::vector<Tensor> computed(const Model& model, const Tensor& rows)
{
    return Interpreter::create(model).value().run({rows}).value();
}

double largestDifference(const Tensor& a, const Tensor& b)
{
    const std::vector<double> x = a.toDouble(), y = b.toDouble();
    double largest = x.size() == y.size() ? 0.0 : INFINITY;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
        largest = std::max(largest, std::abs(x[i] - y[i]));
    return largest;
}

double spread(const Tensor& values)
{
    const std::vector<double> all = values.toDouble();
    const auto [low, high] = std::minmax_element(all.begin(), all.end());
    return *high - *low;
}

bool holds(const Graph& graph, const char* name)
{
    return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                       [name](const Node& node) { return operationName(node.operation) == QLatin1String(name); });
}

// Convolutions with padding between them, of which some channels have no weights, and some are not read.
Model networkWithDeadChannels(quint32 seed)
{
    NetworkBuilder net(seed, {-1, 2, 7, 7});
    const auto relu = [&net](const std::string& x) { return net.add(plain(UnaryKind::Relu), {x}); };
    std::string x = relu(net.conv("x", 10, 2, {3, 3}));
    x = relu(net.conv(x, 10, 10, {3, 3}, 10));
    x = relu(net.conv(x, 12, 10, {1, 1}));
    x = relu(net.conv(x, 12, 12, {3, 3}, 12));
    x = relu(net.conv(x, 8, 12, {1, 1}));
    Pool pool;
    pool.layout = Layout::ChannelsFirst;
    pool.kind = PoolKind::Average;
    pool.kernel = {7, 7};
    x = net.add(pool, {x});
    Model model = net.finish({net.dense(net.add(Flatten{1}, {x}), 8, 4)});
    QRandomGenerator random(seed);
    for (const Node& node : model.graph.nodes) {
        if (!std::holds_alternative<Conv>(node.operation))
            continue;
        Tensor& weights = model.graph.constants.at(node.inputs[1]).value;
        const auto out = static_cast<std::size_t>(weights.shape()[0]);
        const auto in = static_cast<std::size_t>(weights.shape()[1]);
        const std::size_t taps = static_cast<std::size_t>(weights.size()) / out / in;
        for (std::size_t o = 0; o < out; ++o) {
            const bool dead = random.bounded(4) == 0;
            for (std::size_t i = 0; i < in * taps; ++i) {
                const bool unread = in > 1 && taps == 1 && i % 5 == seed % 5;
                if (dead || unread)
                    weights.as<float>()[o * in * taps + i] = 0;
            }
        }
    }
    return model;
}

} // namespace

class TestQuantise : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void layerFormIsTheSameFunction_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"perceptron", "image", "series"})
            QTest::newRow(kind) << QString::fromLatin1(kind);
    }

    void layerFormIsTheSameFunction()
    {
        QFETCH(const QString, kind);
        for (quint32 seed = 1; seed <= 5; ++seed) {
            const Model model = networkOf(kind, seed);
            Model form = model;
            form.graph = layerForm(model.graph).value();
            for (const char* gone : {"Gemm", "BatchNorm", "Unary.Relu", "Transpose", "Flatten", "Shape"})
                QVERIFY2(!holds(form.graph, gone) || (kind != QStringLiteral("perceptron") && gone[0] == 'T'), gone);
            const Tensor rows = rowsFor(model, seed + 100, 7);
            const Tensor before = computed(model, rows)[0];
            QVERIFY(largestDifference(before, computed(form, rows)[0]) < 2e-5 * std::max(1.0, spread(before)));
        }
    }

    void integersAreNear_data() { layerFormIsTheSameFunction_data(); }

    // Nearness by figures: 8 bits leave some per cent of the range; a wrong scale, axis or order leaves nothing.
    void integersAreNear()
    {
        QFETCH(const QString, kind);
        for (quint32 seed = 1; seed <= 5; ++seed) {
            const Model model = networkOf(kind, seed);
            const Tensor rows = rowsFor(model, seed, 200);
            const QuantisedModel quantised = quantise(model, {rows}).value();
            const Tensor before = computed(model, rows)[0];
            const Tensor after = computed(quantised.model, rows)[0];
            QCOMPARE(after.type(), TensorType::Float32);
            QCOMPARE(after.shape(), before.shape());
            const double difference = largestDifference(before, after);
            QVERIFY2(difference < 0.12 * spread(before), qPrintable(QString::number(difference / spread(before))));
            QVERIFY(difference > 0); // or nothing was quantised
        }
    }

    void sixteenBitsAreNearer_data() { layerFormIsTheSameFunction_data(); }

    void sixteenBitsAreNearer()
    {
        QFETCH(const QString, kind);
        double eight = 0, sixteen = 0;
        for (quint32 seed = 1; seed <= 5; ++seed) {
            const Model model = networkOf(kind, seed);
            const Tensor rows = rowsFor(model, seed, 200);
            const Tensor before = computed(model, rows)[0];
            const auto error = [&](ActivationWidth width) {
                QuantiseOptions options;
                options.width = width;
                const QuantisedModel quantised = quantise(model, {rows}, options).value();
                return largestDifference(before, computed(quantised.model, rows)[0]) / spread(before);
            };
            eight += error(ActivationWidth::Int8);
            sixteen += error(ActivationWidth::Int16);
        }
        QVERIFY2(sixteen < 0.7 * eight, qPrintable(QStringLiteral("%1 and %2").arg(sixteen).arg(eight)));
        QVERIFY2(sixteen / 5 < 0.03, qPrintable(QString::number(sixteen / 5)));
    }

    void filesGiveTheSameIntegers_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<bool>("wide");
        for (const char* kind : {"perceptron", "image", "series"}) {
            QTest::addRow("%s int8", kind) << QString::fromLatin1(kind) << false;
            QTest::addRow("%s int16", kind) << QString::fromLatin1(kind) << true;
        }
    }

    void filesGiveTheSameIntegers()
    {
        QFETCH(const QString, kind);
        QFETCH(const bool, wide);
        const Model model = networkOf(kind, 9);
        QuantiseOptions options;
        options.width = wide ? ActivationWidth::Int16 : ActivationWidth::Int8;
        const QuantisedModel quantised = quantise(model, {rowsFor(model, 1, 50)}, options).value();
        const QByteArray bytes = writeOnnx(quantised.model).value();
        const Model back = readOnnx(bytes).value();
        QCOMPARE(back.properties, quantised.model.properties);
        QCOMPARE(back.graph.nodes.size(), quantised.model.graph.nodes.size());
        for (std::size_t i = 0; i < back.graph.nodes.size(); ++i)
            QCOMPARE(operationName(back.graph.nodes[i].operation),
                     operationName(quantised.model.graph.nodes[i].operation));
        const Tensor rows = rowsFor(model, 2, 40);
        QCOMPARE(largestDifference(computed(quantised.model, rows)[0], computed(back, rows)[0]), 0.0);
        QCOMPARE(writeOnnx(back).value(), bytes);
    }

    // Written from the specification: per channel q = round(w / s), s = max|w| / 127; b in steps of s_x * s_w.
    void weightsFollowTheSpecification()
    {
        NetworkBuilder net(4, {-1, 3});
        const Model model = net.finish({net.dense("x", 3, 2)});
        const Tensor rows = Tensor::of(std::vector<float>{-1, 0, 1, 1, 2, 3}, {2, 3});
        const Graph graph = quantise(model, {rows}).value().model.graph;
        const auto layer = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                                        [](const Node& node) { return std::holds_alternative<Dense>(node.operation); });
        QVERIFY(layer != graph.nodes.end());
        const Quantisation x = *graph.values.at(layer->inputs[0]).quantisation;
        QCOMPARE(x.scale(), static_cast<float>(4.0 / 255));
        QCOMPARE(x.zeroPoint(), -64); // round(-128 + 1 / scale)
        const Constant& weights = graph.constants.at(layer->inputs[1]);
        const Constant& bias = graph.constants.at(layer->inputs[2]);
        const Tensor& reals = model.graph.constants.at(model.graph.nodes[0].inputs[1]).value;
        const Tensor& offsets = model.graph.constants.at(model.graph.nodes[0].inputs[2]).value;
        for (std::size_t out = 0; out < 2; ++out) {
            float largest = 0;
            for (std::size_t i = 0; i < 3; ++i)
                largest = std::max(largest, std::abs(reals.as<float>()[3 * out + i]));
            QCOMPARE(weights.quantisation->scales[out], largest / 127);
            for (std::size_t i = 0; i < 3; ++i)
                QCOMPARE(int(weights.value.as<qint8>()[3 * out + i]),
                         int(std::lround(reals.as<float>()[3 * out + i] / (largest / 127))));
            const double step = static_cast<double>(largest / 127) * static_cast<double>(x.scale());
            QVERIFY(std::abs(bias.value.as<qint32>()[out] - offsets.as<float>()[out] / step) <= 0.51);
        }
    }

    void oneFarValueIsCutByPercentileAndDivergence()
    {
        NetworkBuilder net(4, {-1, 1});
        const Model model = net.finish({net.dense("x", 1, 1)});
        std::vector<float> values(20'000, 0.0f);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<float>(i % 100) / 100;
        values[7] = 50;
        const Tensor rows = Tensor::of(values, {20'000, 1});
        const auto high = [&](RangeMethod method) {
            return calibrate(model.graph, {"x"}, {rows}, {method, 99.9}).value().at("x").high;
        };
        QCOMPARE(high(RangeMethod::MinMax), 50.0f);
        QVERIFY(high(RangeMethod::Percentile) < 1.2f);
        QVERIFY(high(RangeMethod::Kl) < 25.0f);
    }

    void equalisedChannelsAreTheSameFunction()
    {
        for (quint32 seed = 1; seed <= 5; ++seed) {
            // Channels of very different size, through a depthwise layer, a pool and a flattening.
            NetworkBuilder net(seed, {-1, 2, 6, 6});
            std::string x = net.add(plain(UnaryKind::Relu), {net.norm(net.conv("x", 4, 2, {3, 3}), 4)});
            x = net.add(Binary{BinaryKind::Multiply},
                        {x, net.constant(Tensor::of(std::vector<float>{40, 1, 0.1f, 3}, {1, 4, 1, 1}))});
            x = net.add(plain(UnaryKind::Relu), {net.conv(x, 6, 4, {1, 1})});
            x = net.add(plain(UnaryKind::Relu), {net.conv(x, 6, 6, {3, 3}, 6)});
            Pool pool;
            pool.layout = Layout::ChannelsFirst;
            pool.kernel = {2, 2};
            pool.window.strides = {2, 2};
            x = net.dense(net.add(Flatten{1}, {net.add(pool, {x})}), 6 * 9, 5);
            const Model model = net.finish({net.dense(net.add(plain(UnaryKind::Relu), {x}), 5, 3)});
            Model form = model;
            form.graph = layerForm(model.graph).value();
            Graph equal = form.graph;
            QCOMPARE(detail::equaliseLayers(equal), 3);
            Model equalised = model;
            equalised.graph = equal;
            const Tensor rows = rowsFor(model, seed, 20);
            const Tensor before = computed(model, rows)[0];
            QVERIFY(largestDifference(before, computed(equalised, rows)[0]) < 1e-4 * std::max(1.0, spread(before)));
            // What one layer makes of a channel is as large as what the next one reads of it.
            const auto dense = std::find_if(equal.nodes.rbegin(), equal.nodes.rend(), [](const Node& node) {
                return std::holds_alternative<Dense>(node.operation);
            });
            const auto previous = std::find_if(dense + 1, equal.nodes.rend(), [](const Node& node) {
                return std::holds_alternative<Dense>(node.operation);
            });
            const Tensor& w1 = equal.constants.at(previous->inputs[1]).value;
            const Tensor& w2 = equal.constants.at(dense->inputs[1]).value;
            for (std::size_t c = 0; c < 5; ++c) {
                float r1 = 0, r2 = 0;
                for (std::size_t i = 0; i < 54; ++i)
                    r1 = std::max(r1, std::abs(w1.as<float>()[c * 54 + i]));
                for (std::size_t o = 0; o < 3; ++o)
                    r2 = std::max(r2, std::abs(w2.as<float>()[o * 5 + c]));
                QVERIFY2(std::abs(r1 / r2 - 1) < 0.01f, qPrintable(QString::number(r1 / r2)));
            }
        }
    }

    // The mean of what a layer makes is that of the reals, to a step of its bias and what its result rounds.
    void correctedBiasesHaveTheRightMean()
    {
        for (quint32 seed = 1; seed <= 4; ++seed) {
            const Model model = imageNetwork(seed);
            const Tensor rows = rowsFor(model, seed, 60);
            QuantiseOptions options;
            const Tensor before = computed(model, rows)[0];
            const auto meanError = [&](bool correct) {
                options.correctBias = correct;
                const Tensor after = computed(quantise(model, {rows}, options).value().model, rows)[0];
                std::array<double, 5> sums{};
                for (std::size_t i = 0; i < 300; ++i)
                    sums[i % 5] += static_cast<double>(after.as<float>()[i] - before.as<float>()[i]);
                double worst = 0;
                for (const double sum : sums)
                    worst = std::max(worst, std::abs(sum / 60));
                return worst;
            };
            const double corrected = meanError(true);
            QVERIFY2(corrected < 0.004 * spread(before), qPrintable(QString::number(corrected / spread(before))));
            QVERIFY2(corrected < meanError(false), qPrintable(QString::number(meanError(false))));
        }
    }

    void whatRangesCutOffIsCounted()
    {
        NetworkBuilder net(4, {-1, 1});
        const Model model = net.finish({net.dense("x", 1, 1)});
        const Tensor rows = Tensor::of(std::vector<float>{-1, 0, 0.5f, 3}, {4, 1});
        const auto shares = shareOutside(model.graph, {{"x", {-0.5f, 1}}}, {rows}).value();
        QCOMPARE(shares.at("x"), 0.5);
    }

    // Units that died in training have weights of next to nothing beside their bias.
    void aBiasFarLargerThanItsWeightsStays()
    {
        NetworkBuilder net(4, {-1, 2});
        const std::string weights = net.constant(Tensor::of(std::vector<float>{1e-9f, 2e-9f, 0.5f, -0.5f}, {2, 2}));
        const std::string bias = net.constant(Tensor::of(std::vector<float>{1.5f, 0.25f}, {2}));
        const Model model = net.finish({net.add(Gemm{1, 1, false, true}, {"x", weights, bias})});
        const Tensor rows = rowsFor(model, 1, 60);
        const Tensor before = computed(model, rows)[0];
        const Tensor after = computed(quantise(model, {rows}).value().model, rows)[0];
        QVERIFY(largestDifference(before, after) < 0.01 * std::max(1.5, spread(before)));
    }

    void channelsThatDoNotMatterAreEliminated()
    {
        qint64 constant = 0, unread = 0;
        for (quint32 seed = 1; seed <= 12; ++seed) {
            const Model reals = networkWithDeadChannels(seed);
            const Tensor calibration = rowsFor(reals, seed, 40);
            Model before = quantise(reals, {calibration}).value().model;
            Model after = before;
            const EliminatedChannels gone = eliminateChannels(after.graph);
            constant += gone.constant;
            unread += gone.unread;
            QVERIFY(gone.total() > 0);
            QVERIFY(analyse(after.graph).value().macs < analyse(before.graph).value().macs);
            // Also on inputs that the calibration never saw, and for every way of rounding.
            const Interpreter first = Interpreter::create(before).value();
            const Interpreter second = Interpreter::create(after).value();
            for (const auto rounding :
                 {RequantiseRounding::Double, RequantiseRounding::Single, RequantiseRounding::Nearest}) {
                const Tensor rows = rowsFor(reals, seed + 77, 30);
                const Tensor a = first.run({rows}, rounding).value()[0];
                const Tensor b = second.run({rows}, rounding).value()[0];
                QVERIFY(spread(a) > 0);
                QCOMPARE(largestDifference(a, b), 0.0);
            }
            QCOMPARE(eliminateChannels(after.graph).total(), qint64(0));
        }
        QVERIFY(constant > 20);
        QVERIFY(unread > 5);
    }

    void graphsWithoutSuchChannelsStay()
    {
        const Model model = imageNetwork(3);
        Model quantised = quantise(model, {rowsFor(model, 3, 40)}).value().model;
        const QByteArray before = writeOnnx(quantised).value();
        QCOMPARE(eliminateChannels(quantised.graph).total(), qint64(0));
        QCOMPARE(writeOnnx(quantised).value(), before);
        Graph reals = model.graph;
        QCOMPARE(eliminateChannels(reals).total(), qint64(0));
    }

    void theLabelIsTakenBeforeTheSoftmax()
    {
        NetworkBuilder net(5, {-1, 4});
        const std::string shares = net.add(Softmax{}, {net.dense("x", 4, 3)});
        const Model model = net.finish({net.add(ArgExtreme{true, -1, false}, {shares}), shares});
        const Graph graph = quantise(model, {rowsFor(model, 1, 20)}).value().model.graph;
        for (const Node& node : graph.nodes) {
            if (std::holds_alternative<ArgExtreme>(node.operation))
                QVERIFY(graph.values.at(node.inputs[0]).quantisation->scale() != 1.0f / 256);
        }
    }

    void whatIntegersCannotDoIsRefusedByName()
    {
        NetworkBuilder net(6, {-1, 4});
        const Model between = net.finish({net.add(LayerNorm{}, {net.dense("x", 4, 4), net.weights({4})})});
        const auto refused = quantise(between, {rowsFor(between, 1, 5)});
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Unsupported);
        QVERIFY(refused.error().message.contains(QStringLiteral("LayerNorm")));

        NetworkBuilder none(6, {-1, 4});
        const Model without = none.finish({none.add(plain(UnaryKind::Relu), {"x"})});
        QCOMPARE(quantise(without, {rowsFor(without, 1, 5)}).error().kind, ErrorKind::Unsupported);

        NetworkBuilder fine(6, {-1, 4});
        const Model model = fine.finish({fine.dense("x", 4, 4)});
        Tensor rows = rowsFor(model, 1, 5);
        rows.as<float>()[3] = NAN;
        QCOMPARE(quantise(model, {rows}).error().kind, ErrorKind::BadData);
        QCOMPARE(quantise(model, {}).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestQuantise)
#include "tst_quantise.moc"
