// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/interpreter.h"
#include "core/model/layer_form.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/model/quantise.h"
#include "tests/model/small_networks.h"

#include <QTest>

#include <algorithm>
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

    void filesGiveTheSameIntegers_data() { layerFormIsTheSameFunction_data(); }

    void filesGiveTheSameIntegers()
    {
        QFETCH(const QString, kind);
        const Model model = networkOf(kind, 9);
        const QuantisedModel quantised = quantise(model, {rowsFor(model, 1, 50)}).value();
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
