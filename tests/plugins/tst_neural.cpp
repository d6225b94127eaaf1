// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/table.h"
#include "core/model/interpreter.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/model/quantise.h"
#include "plugins/neural/network_graph.h"
#include "plugins/neural/network_plan.h"
#include "plugins/neural/products.h"
#include "plugins/neural/recurrent.h"
#include "plugins/neural/rounding.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace ember;
using namespace ember::neural;

namespace {

Network smallNetwork(quint64 seed, Volume in, bool depthwise, bool average = false)
{
    Random random(seed);
    Network network;
    const auto relu = [&network] { network.push_back(std::make_unique<ReluLayer>(network.back()->out())); };
    if (in.width > 1) {
        network.push_back(std::make_unique<ConvLayer>(in, ConvLayer::Shape{4, 3, 1, false}, random));
        relu();
        network.push_back(
            std::make_unique<ConvLayer>(network.back()->out(), ConvLayer::Shape{4, 3, 2, depthwise}, random));
    } else {
        network.push_back(std::make_unique<DenseLayer>(in, 24, random));
    }
    relu();
    if (average)
        network.push_back(std::make_unique<AverageLayer>(network.back()->out(),
                                                         in.height > 1 ? AverageOver::Height : AverageOver::Cells));
    network.push_back(std::make_unique<DenseLayer>(network.back()->out(), 10, random));
    return network;
}

Network recurrentNetwork(quint64 seed, Volume in, bool gru)
{
    Random random(seed);
    Network network;
    if (gru)
        network.push_back(std::make_unique<GruLayer>(in, 6, random));
    else
        network.push_back(std::make_unique<LstmLayer>(in, 6, random));
    network.push_back(std::make_unique<DenseLayer>(network.back()->out(), 10, random));
    return network;
}

double lossOf(const Network& network, std::span<const float> row, const Truth& truth)
{
    std::vector<std::vector<float>> values;
    const std::span<const float> scores = forwardAll(network, row, values);
    std::vector<float> unused(scores.size());
    if (truth.label < 0)
        return squaredError(scores, truth.targets, unused);
    const double own = crossEntropy(scores, truth.label, unused);
    return truth.other < 0 ? own
                           : (1 - double(truth.otherShare)) * own +
                                 double(truth.otherShare) * crossEntropy(scores, truth.other, unused);
}

double accuracyOf(const model::Model& model, const learn::Matrix& test)
{
    const auto interpreter = model::Interpreter::create(model).value();
    const model::Tensor rows =
        model::Tensor::of(test.features, {static_cast<qint64>(test.rows()), static_cast<qint64>(test.columns)});
    const auto results = interpreter.run({rows}).value();
    int right = 0;
    for (std::size_t i = 0; i < test.rows(); ++i)
        right += QString::fromStdString(results[0].strings()[i]) == test.classNames[test.labels[i]] ? 1 : 0;
    return static_cast<double>(right) / static_cast<double>(test.rows());
}

} // namespace

class TestNeural : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_train = learn::readTable(QStringLiteral(EMBERLAB_TEST_DATA "/tables/digits_train.csv")).value();
        m_test = learn::readTable(QStringLiteral(EMBERLAB_TEST_DATA "/tables/digits_test.csv")).value();
        m_scaling = scalingOf(m_train.features, m_train.columns);
        m_rows = scaled(m_train.features, m_scaling);
    }

    void gradientsAreThoseOfDifferences_data()
    {
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("depthwise");
        QTest::addColumn<bool>("average");
        QTest::addColumn<bool>("numbers");
        QTest::newRow("dense") << 1 << 1 << false << false << false;
        QTest::newRow("series") << 1 << 7 << false << false << false;
        QTest::newRow("average of a series") << 1 << 7 << true << true << false;
        QTest::newRow("image") << 4 << 5 << false << false << false;
        QTest::newRow("depthwise") << 4 << 5 << true << false << false;
        QTest::newRow("numbers") << 4 << 5 << false << true << true;
    }

    void gradientsAreThoseOfDifferences()
    {
        QFETCH(const int, height);
        QFETCH(const int, width);
        QFETCH(const bool, depthwise);
        QFETCH(const bool, average);
        QFETCH(const bool, numbers);
        const Volume in{width > 1 ? 2 : 9, height, width};
        const std::vector<float> wanted{0.3f, -1, 2, 0, 0.5f, 1, 1, -2, 0, 0.1f};
        compareGradients(smallNetwork(3, in, depthwise, average), numbers ? Truth{-1, wanted} : Truth{4, {}});
    }

    void gradientsThroughTime_data()
    {
        QTest::addColumn<bool>("gru");
        QTest::newRow("gru") << true;
        QTest::newRow("lstm") << false;
    }
    void gradientsThroughTime()
    {
        QFETCH(const bool, gru);
        // A row of two classes, as mixing makes it, has the gradient of its own loss too.
        compareGradients(recurrentNetwork(3, {3, 1, 5}, gru), {4, {}, 7, 0.3f});
        // What a layer in front would learn from.
        Random random(2);
        Network network = recurrentNetwork(9, {3, 1, 5}, gru);
        RecurrentLayer& layer = dynamic_cast<RecurrentLayer&>(*network.front());
        std::vector<float> x(layer.in().size()), dx(x.size()), y(6), dy(6, 1.0f);
        for (float& value : x)
            value = static_cast<float>(random.normal());
        layer.backward(x, dy, dx);
        const auto sum = [&] {
            layer.forward(x, y);
            return std::accumulate(y.begin(), y.end(), 0.0);
        };
        for (std::size_t i = 0; i < x.size(); ++i) {
            const float own = x[i], step = 1e-2f;
            x[i] = own + step;
            const double above = sum();
            x[i] = own - step;
            const double below = sum();
            x[i] = own;
            QVERIFY(std::abs((above - below) / (2 * double(step)) - double(dx[i])) < 1e-3);
        }
    }

private:
    void compareGradients(Network network, const Truth& truth)
    {
        const Volume in = network.front()->in();
        Random random(8);
        std::vector<float> row(in.size());
        for (float& x : row)
            x = static_cast<float>(2 * random.unit() - 1);
        // Where all inputs of a cell are zero its bias alone decides, and at zero there is no slope.
        for (const auto& layer : network) {
            for (float& b : layer->bias)
                b = static_cast<float>(0.3 * (2 * random.unit() - 1));
        }
        std::vector<std::vector<float>> values;
        learnFrom(network, row, truth, values);
        for (const auto& layer : network) {
            for (auto* list : {&layer->weights, &layer->bias}) {
                const std::vector<float>& gradients =
                    list == &layer->weights ? layer->weightGradients : layer->biasGradients;
                for (std::size_t i = 0; i < list->size(); i += 1 + list->size() / 23) {
                    const float own = (*list)[i], step = 2e-4f;
                    (*list)[i] = own + step;
                    const double above = lossOf(network, row, truth);
                    (*list)[i] = own - step;
                    const double below = lossOf(network, row, truth);
                    (*list)[i] = own;
                    const double slope = (above - below) / (2 * static_cast<double>(step));
                    QVERIFY2(std::abs(slope - static_cast<double>(gradients[i])) < 2e-3 + 0.02 * std::abs(slope),
                             qPrintable(QStringLiteral("%1 and %2").arg(slope).arg(double(gradients[i]))));
                }
            }
        }
    }

private Q_SLOTS:
    void theGraphIsTheNetwork_data()
    {
        QTest::addColumn<bool>("convolution");
        QTest::newRow("dense") << false;
        QTest::newRow("convolution") << true;
    }

    void theGraphIsTheNetwork()
    {
        QFETCH(const bool, convolution);
        const Network network = smallNetwork(5, convolution ? Volume{1, 8, 8} : Volume{64, 1, 1}, true);
        const model::Model model = classifierOf(network, digitsForm(), {m_train.classNames, {}});
        const auto interpreter = model::Interpreter::create(model).value();
        const std::span<const float> raw(m_train.features.data(), 64);
        const auto results = interpreter.run({model::Tensor::of(std::vector<float>(raw.begin(), raw.end()), {1, 64})});
        QVERIFY2(results, results ? "" : qPrintable(results.error().toString()));
        std::vector<std::vector<float>> values;
        const std::span<const float> scores = forwardAll(network, std::span<const float>(m_rows.data(), 64), values);
        double sum = 0;
        for (const float score : scores)
            sum += std::exp(static_cast<double>(score));
        for (std::size_t c = 0; c < scores.size(); ++c)
            QVERIFY(std::abs((*results)[1].as<float>()[c] - std::exp(static_cast<double>(scores[c])) / sum) < 1e-5);
        const auto largest = std::max_element(scores.begin(), scores.end()) - scores.begin();
        QCOMPARE(QString::fromStdString((*results)[0].strings()[0]), m_train.classNames[largest]);
    }

    // Beside three plain loops, for sizes that fill no register; and with any registers the same bits.
    void productsAreThoseOfPlainLoops()
    {
        Random random(2);
        const auto matrix = [&random](std::size_t size) {
            std::vector<float> values(size);
            for (float& value : values)
                value = static_cast<float>(random.normal());
            return values;
        };
        for (const std::size_t rows : {1, 3, 4, 9}) {
            for (const std::size_t depth : {1, 4, 7, 33}) {
                for (const std::size_t width : {1, 3, 8, 23, 40}) {
                    const std::vector<float> a = matrix(rows * depth), b = matrix(depth * width);
                    const std::vector<float> start = matrix(rows * width);
                    std::vector<float> four = start, eight = start;
                    addProduct(a, b, four, depth, width, Lanes::Four);
                    addProduct(a, b, eight, depth, width);
                    QCOMPARE(eight, four);
                    std::vector<float> turned(b.size()), ofRows = start;
                    transpose(b, turned, width);
                    addProductOfRows(a, turned, four = start, width, depth, Lanes::Four);
                    addProductOfRows(a, turned, ofRows, width, depth);
                    QCOMPARE(ofRows, four);
                    for (std::size_t i = 0; i < start.size(); ++i) {
                        double sum = double(start[i]);
                        for (std::size_t k = 0; k < depth; ++k)
                            sum += double(a[i / width * depth + k]) * double(b[k * width + i % width]);
                        QVERIFY(std::abs(sum - double(eight[i])) < 1e-4);
                        QVERIFY(std::abs(sum - double(ofRows[i])) < 1e-4);
                    }
                }
            }
        }
    }

    // By the definition: y[o][t] = bias + sum of w[o][c][k] x[c][stride t + k - kernel / 2], zeros outside.
    void convolutionsFollowTheirDefinition()
    {
        Random random(11);
        for (const int kernel : {1, 3, 5, 9}) {
            for (const int stride : {1, 2, 3}) {
                for (const int width : {1, 2, 5, 8}) {
                    const ConvLayer layer({2, 1, width}, {3, kernel, stride, false}, random);
                    std::vector<float> x(layer.in().size()), y(layer.out().size());
                    for (float& value : x)
                        value = static_cast<float>(random.unit());
                    layer.forward(x, y);
                    for (int o = 0; o < 3; ++o) {
                        for (int t = 0; t < layer.out().width; ++t) {
                            double sum = 0;
                            for (int c = 0; c < 2; ++c) {
                                for (int k = 0; k < kernel; ++k) {
                                    const int at = stride * t + k - kernel / 2;
                                    if (at >= 0 && at < width)
                                        sum += double(layer.weights[std::size_t((o * 2 + c) * kernel + k)]) *
                                               double(x[std::size_t(c * width + at)]);
                                }
                            }
                            QVERIFY(std::abs(sum - double(y[std::size_t(o * layer.out().width + t)])) < 1e-5);
                        }
                    }
                }
            }
        }
    }

    // Rows of a pipeline lie channels last; the graph turns them, and so does the integer form of it.
    void rowsWithChannelsLastAreTurned()
    {
        Random random(4);
        constexpr std::size_t kRows = 60, kTimes = 16, kChannels = 3;
        std::vector<float> rows(kRows * kTimes * kChannels);
        std::vector<qint32> labels;
        for (std::size_t r = 0; r < kRows; ++r) {
            labels.push_back(static_cast<qint32>(r % 2));
            for (std::size_t i = 0; i < kTimes * kChannels; ++i) {
                const double wave =
                    std::sin((r % 2 == 0 ? 0.4 : 1.3) * static_cast<double>(i / kChannels) + random.unit());
                rows[r * kTimes * kChannels + i] =
                    static_cast<float>(i % kChannels == 1 ? 5 * wave + 9.81 : random.unit());
            }
        }
        plugin::TrainingView data;
        data.features = rows;
        data.columns = kTimes * kChannels;
        data.labels = labels;
        data.classNames = QStringList{QStringLiteral("slow"), QStringLiteral("fast")};
        data.shape = {int(kTimes), int(kChannels)};
        QVariantMap parameters;
        for (const plugin::ParameterSpec& spec : parametersOf(Kind::Convolution))
            parameters.insert(spec.key, spec.defaultValue);
        NetworkPlan plan = planNetwork(Kind::Convolution, data, parameters, 2, 1).value();
        QCOMPARE(plan.volume, (Volume{3, 1, 16}));
        const std::vector<float> prepared = plan.prepared(rows);
        QVERIFY(fit(plan.network, {prepared, data.columns, labels, {}, 0}, {}, {}, {}));
        const model::Model reals = classifierOf(plan.network, plan.input, {data.classNames, {}});
        const model::Tensor input = model::Tensor::of(rows, {qint64(kRows), qint64(data.columns)});
        const model::Model integers = model::quantise(reals, {input}).value().model;
        const auto ofReals = model::Interpreter::create(reals).value().run({input}).value();
        const auto ofIntegers = model::Interpreter::create(integers).value().run({input}).value();
        std::vector<std::vector<float>> values;
        int right = 0;
        for (std::size_t r = 0; r < kRows; ++r) {
            const auto scores =
                forwardAll(plan.network, std::span(prepared).subspan(r * data.columns, data.columns), values);
            const double share = 1 / (1 + std::exp(double(scores[1]) - double(scores[0])));
            QVERIFY(std::abs(double(ofReals[1].as<float>()[2 * r]) - share) < 1e-5);
            QVERIFY(std::abs(double(ofIntegers[1].as<float>()[2 * r]) - share) < 0.1);
            right += ofIntegers[0].strings()[r] == (labels[r] == 0 ? "slow" : "fast") ? 1 : 0;
        }
        QVERIFY2(right >= 57, qPrintable(QString::number(right)));
        // No channels are moved for the integers: they take the rows as they lie.
        for (const model::Node& node : integers.graph.nodes)
            QVERIFY(!std::holds_alternative<model::Transpose>(node.operation));
    }

    // Rows of eight steps; the file is read back, and the interpreter follows ONNX.
    void recurrentGraphsAreTheirNetworks_data() { gradientsThroughTime_data(); }
    void recurrentGraphsAreTheirNetworks()
    {
        QFETCH(const bool, gru);
        const Network network = recurrentNetwork(5, {8, 1, 8}, gru);
        const InputForm form{64, RowOrder::Steps, scalingOf(m_train.features, 8)};
        const model::Model model = classifierOf(network, form, {m_train.classNames, {}});
        const model::Model back = model::readOnnx(model::writeOnnx(model).value()).value();
        const auto interpreter = model::Interpreter::create(back).value();
        const std::span<const float> raw(m_train.features.data(), 2 * 64);
        const auto results = interpreter.run({model::Tensor::of(std::vector<float>(raw.begin(), raw.end()), {2, 64})});
        QVERIFY2(results, results ? "" : qPrintable(results.error().toString()));
        const std::vector<float> rows = scaled(raw, form.scaling);
        std::vector<std::vector<float>> values;
        for (std::size_t r = 0; r < 2; ++r) {
            const std::span<const float> scores = forwardAll(network, std::span(rows).subspan(r * 64, 64), values);
            double sum = 0;
            for (const float score : scores)
                sum += std::exp(double(score));
            for (std::size_t c = 0; c < scores.size(); ++c)
                QVERIFY(std::abs(double((*results)[1].as<float>()[r * 10 + c]) - std::exp(double(scores[c])) / sum) <
                        1e-5);
        }
    }

    // Which of two halves is louder is told by their order alone.
    void orderIsLearned_data() { gradientsThroughTime_data(); }
    void orderIsLearned()
    {
        QFETCH(const bool, gru);
        Random random(6);
        std::vector<float> rows;
        std::vector<qint32> labels;
        for (int r = 0; r < 120; ++r) {
            labels.push_back(r % 2);
            for (int t = 0; t < 20; ++t)
                rows.push_back(static_cast<float>(random.normal() * ((t < 10) == (r % 2 == 0) ? 2.0 : 0.4)));
        }
        plugin::TrainingView data;
        data.features = rows;
        data.columns = 20;
        data.labels = labels;
        data.classNames = QStringList{QStringLiteral("first"), QStringLiteral("second")};
        const Kind kind = gru ? Kind::Gru : Kind::Lstm;
        QVariantMap parameters;
        for (const plugin::ParameterSpec& spec : parametersOf(kind))
            parameters.insert(spec.key, spec.defaultValue);
        NetworkPlan plan = planNetwork(kind, data, parameters, 2, 1).value();
        QCOMPARE(plan.volume, (Volume{1, 1, 20}));
        const std::vector<float> prepared = plan.prepared(rows);
        FitOptions options;
        options.epochs = 40;
        options.batch = 8;
        options.learningRate = 0.01;
        options.clip = 1;
        QVERIFY(fit(plan.network, {prepared, 20, labels, {}, 0}, options, {}, {}));
        std::vector<std::vector<float>> values;
        int right = 0;
        for (std::size_t r = 0; r < labels.size(); ++r) {
            const auto scores = forwardAll(plan.network, std::span(prepared).subspan(r * 20, 20), values);
            right += (scores[1] > scores[0] ? 1 : 0) == labels[r] ? 1 : 0;
        }
        QVERIFY2(right >= 110, qPrintable(QString::number(right)));
    }

    void changesAreWithinTheirLimits()
    {
        const Volume image{1, 20, 10};
        std::vector<float> row(image.size()), changed(row.size()), again(row.size());
        for (std::size_t i = 0; i < row.size(); ++i)
            row[i] = static_cast<float>(i / 10) + 0.01f * static_cast<float>(i % 10);
        Random random(3), same(3);
        Augmenter({}, image).change(row, changed, random);
        QCOMPARE(changed, row);

        // A ramp in time that is moved is the ramp again, by as much everywhere but at the edge.
        const Augmenter moving({0.25, 0, 0, 0, 0, 0, 0}, image);
        std::set<float> shifts;
        for (int round = 0; round < 50; ++round) {
            moving.change(row, changed, random);
            const float shift = changed[100] - row[100];
            QVERIFY(std::abs(shift) <= 5.01f);
            shifts.insert(shift);
            for (std::size_t i = 70; i < 130; ++i)
                QVERIFY(std::abs(changed[i] - row[i] - shift) < 1e-4f);
        }
        QVERIFY(shifts.size() > 40);

        const Augmentation all{0.1, 0.1, 0.1, 0.5, 1, 0.2, 0.2};
        Random one(8), two(8);
        Augmenter(all, image).change(row, changed, one);
        Augmenter(all, image).change(row, again, two);
        QCOMPARE(changed, again);
        QVERIFY(changed != row);
        // A colour is the same at all times, and is straight between four places of the width.
        Augmenter({.colour = 1}, image).change(row, changed, one);
        for (std::size_t i = 0; i < row.size(); ++i)
            QVERIFY(std::abs(changed[i] - row[i] - (changed[i % 10] - row[i % 10])) < 1e-5f);
        const auto gain = [&](std::size_t x) { return changed[x] - row[x]; };
        QVERIFY(std::abs(gain(0) + gain(2) - 2 * gain(1)) < 1e-5f);
        QVERIFY(std::abs(gain(0) - gain(9)) > 1e-3f);
        // A stretch along the width leaves the low end where it is, and moves the others in proportion.
        Augmenter({.tract = 0.2}, image).change(row, changed, one);
        QCOMPARE(changed[0], row[0]);
        const float stretch = (changed[5] - row[0]) / (row[5] - row[0]);
        QVERIFY(stretch >= 0.79f && stretch <= 1.21f && std::abs(stretch - 1) > 1e-4f);
        QVERIFY(std::abs(changed[3] - row[0] - stretch * (row[3] - row[0])) < 1e-5f);
        int blanks = 0;
        Augmenter({0, 0, 0, 0, 0, 0, 0.5}, image).change(row, changed, one);
        for (std::size_t i = 1; i < row.size(); ++i) {
            QVERIFY(changed[i] == row[i] || changed[i] == 0.0f);
            blanks += changed[i] == row[i] ? 0 : 1;
        }
        QVERIFY(blanks <= 150); // half of each side at most
    }

    void roundingIsThatOfTheQuantiser()
    {
        RoundingLayer layer({5, 1, 1});
        const std::vector<float> x{-3, -0.5f, 0, 1.003f, 9};
        std::vector<float> y(5), dx(5);
        const std::vector<float> dy{1, 2, 3, 4, 5};
        layer.forward(x, y);
        QCOMPARE(y, x);
        layer.setRange(-1, 4.1f); // steps of 0.02: -1 .. 4.1
        layer.forward(x, y);
        const std::vector<float> expected{-1, -0.5f, 0, 1, 4.1f};
        for (std::size_t i = 0; i < 5; ++i)
            QVERIFY2(std::abs(y[i] - expected[i]) < 1e-5f, qPrintable(QString::number(double(y[i]))));
        layer.backward(x, dy, dx);
        QCOMPARE(dx, (std::vector<float>{0, 2, 3, 4, 0}));
        Random random(1);
        DenseLayer dense({2, 1, 1}, 2, random);
        dense.weights = {1.27f, 0.014f, -254, 3};
        const std::vector<float> rounded = roundedWeights(dense);
        const std::vector<float> weights{1.27f, 0.01f, -254, 4};
        for (std::size_t i = 0; i < 4; ++i)
            QVERIFY(std::abs(rounded[i] - weights[i]) < 1e-4f);
    }

    // A network so small that rounding hurts: trained with the steps it loses less than when rounded afterwards.
    void trainingThatKnowsOfTheIntegersLosesLess()
    {
        plugin::TrainingView data = m_train.view();
        QVariantMap parameters;
        for (const plugin::ParameterSpec& spec : parametersOf(Kind::Perceptron))
            parameters.insert(spec.key, spec.defaultValue);
        const model::Tensor rows = model::Tensor::of(m_train.features, {qint64(m_train.rows()), 64});
        const auto lossOfIntegers = [&](const char* quantise) {
            parameters.insert(QStringLiteral("quantise"), QLatin1String(quantise));
            parameters.insert(QStringLiteral("hidden"), QStringLiteral("6"));
            NetworkPlan plan = planNetwork(Kind::Perceptron, data, parameters, 10, 1).value();
            const std::vector<float> prepared = plan.prepared(data.features);
            FitOptions options;
            options.epochs = 30;
            options.roundedShare = qstrcmp(quantise, "int8-aware") == 0 ? 1.0 / 3 : 0;
            if (!fit(plan.network, {prepared, 64, m_train.labels, {}, 0}, options, {}, {}))
                return 1e9;
            const model::Model reals = classifierOf(plan.network, plan.input, {m_train.classNames, {}});
            const model::Model integers = model::quantise(reals, {rows}).value().model;
            const auto shares = model::Interpreter::create(integers).value().run({rows}).value();
            double loss = 0;
            for (std::size_t r = 0; r < m_train.rows(); ++r)
                loss -=
                    std::log(std::max(1e-3, double(shares[1].as<float>()[r * 10 + std::size_t(m_train.labels[r])])));
            return loss / double(m_train.rows());
        };
        const double afterwards = lossOfIntegers("int8"), aware = lossOfIntegers("int8-aware");
        QVERIFY2(aware <= afterwards, qPrintable(QStringLiteral("%1 and %2").arg(aware).arg(afterwards)));
    }

    void digitsAreLearned()
    {
        FitOptions options;
        options.epochs = 25;
        model::Model first;
        QByteArray bytes;
        for (int round = 0; round < 2; ++round) {
            Network network = smallNetwork(1, {64, 1, 1}, false);
            QVERIFY(fit(network, digits(), options, {}, {}));
            first = classifierOf(network, digitsForm(), {m_train.classNames, {}});
            const QByteArray again = model::writeOnnx(first).value();
            QVERIFY(round == 0 || again == bytes);
            bytes = again;
        }
        const model::Model back = model::readOnnx(bytes).value();
        QCOMPARE(back.classNames, m_train.classNames);
        const double reals = accuracyOf(back, m_test);
        QVERIFY2(reals >= 0.95, qPrintable(QString::number(reals)));
        const model::Tensor rows = model::Tensor::of(
            m_train.features, {static_cast<qint64>(m_train.rows()), static_cast<qint64>(m_train.columns)});
        const model::Model integers = model::quantise(first, {rows}).value().model;
        QVERIFY(std::abs(accuracyOf(integers, m_test) - reals) <= 0.01);
    }

    void cancelStops()
    {
        CancelSource source;
        source.cancel();
        Network network = smallNetwork(1, {64, 1, 1}, false);
        const Status status = fit(network, digits(), {}, {}, source.token());
        QVERIFY(!status);
        QCOMPARE(status.error().kind, ErrorKind::Cancelled);
    }

private:
    InputForm digitsForm() const { return {m_train.columns, RowOrder::ChannelsFirst, m_scaling}; }
    Examples digits() const { return {m_rows, m_train.columns, m_train.labels, {}, 0}; }

    learn::Matrix m_train, m_test;
    Scaling m_scaling;
    std::vector<float> m_rows;
};

QTEST_GUILESS_MAIN(TestNeural)
#include "tst_neural.moc"
