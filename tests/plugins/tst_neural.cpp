// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/table.h"
#include "core/model/interpreter.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/model/quantise.h"
#include "plugins/neural/fit.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace ember;
using namespace ember::neural;

namespace {

Network smallNetwork(quint64 seed, Volume in, bool depthwise)
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
    network.push_back(std::make_unique<DenseLayer>(network.back()->out(), 10, random));
    return network;
}

double lossOf(const Network& network, std::span<const float> row, qint32 label)
{
    std::vector<std::vector<float>> values;
    const std::span<const float> scores = forwardAll(network, row, values);
    std::vector<float> unused(scores.size());
    return crossEntropy(scores, label, unused);
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
        QTest::newRow("dense") << 1 << 1 << false;
        QTest::newRow("series") << 1 << 7 << false;
        QTest::newRow("image") << 4 << 5 << false;
        QTest::newRow("depthwise") << 4 << 5 << true;
    }

    void gradientsAreThoseOfDifferences()
    {
        QFETCH(const int, height);
        QFETCH(const int, width);
        QFETCH(const bool, depthwise);
        const Volume in{width > 1 ? 2 : 9, height, width};
        Network network = smallNetwork(3, in, depthwise);
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
        learnFrom(network, row, 4, values);
        for (const auto& layer : network) {
            for (auto* list : {&layer->weights, &layer->bias}) {
                const std::vector<float>& gradients =
                    list == &layer->weights ? layer->weightGradients : layer->biasGradients;
                for (std::size_t i = 0; i < list->size(); i += 1 + list->size() / 23) {
                    const float own = (*list)[i], step = 2e-4f;
                    (*list)[i] = own + step;
                    const double above = lossOf(network, row, 4);
                    (*list)[i] = own - step;
                    const double below = lossOf(network, row, 4);
                    (*list)[i] = own;
                    const double slope = (above - below) / (2 * static_cast<double>(step));
                    QVERIFY2(std::abs(slope - static_cast<double>(gradients[i])) < 2e-3 + 0.02 * std::abs(slope),
                             qPrintable(QStringLiteral("%1 and %2").arg(slope).arg(double(gradients[i]))));
                }
            }
        }
    }

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
        const model::Model model = modelOf(network, m_scaling, m_train.classNames, {});
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

    void digitsAreLearned()
    {
        FitOptions options;
        options.epochs = 25;
        model::Model first;
        QByteArray bytes;
        for (int round = 0; round < 2; ++round) {
            Network network = smallNetwork(1, {64, 1, 1}, false);
            QVERIFY(fit(network, {m_rows, m_train.columns, m_train.labels}, options, {}, {}));
            first = modelOf(network, m_scaling, m_train.classNames, {});
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
        const Status status = fit(network, {m_rows, m_train.columns, m_train.labels}, {}, {}, source.token());
        QVERIFY(!status);
        QCOMPARE(status.error().kind, ErrorKind::Cancelled);
    }

private:
    learn::Matrix m_train, m_test;
    Scaling m_scaling;
    std::vector<float> m_rows;
};

QTEST_GUILESS_MAIN(TestNeural)
#include "tst_neural.moc"
