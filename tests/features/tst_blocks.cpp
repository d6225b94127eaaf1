// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks, projections and presets against their definitions in double, through whole pipelines.
#include "core/features/block.h"
#include "core/features/describe.h"
#include "core/features/presets.h"
#include "core/features/stage.h"
#include "tests/features/pipeline_test.h"

#include <QJsonArray>
#include <QTest>

#include <complex>
#include <limits>

using namespace ember;
using namespace ember::features;
using namespace ember::features::testing;

class TestBlocks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void quantilesFollowTheirDefinition()
    {
        for (int n : {2, 3, 10, 101, 300}) {
            const std::vector<float> rows = someRows(n, 5);
            const std::vector<float> got =
                featuresOf(R"([{"block": "quantiles", "channels": [1, 2], "parameters": {"quantiles":
                    ["p5", "p10", "p25", "median", "p75", "p90", "p95", "iqr"]}}])",
                           rows);
            QCOMPARE(got.size(), std::size_t(16));
            for (std::size_t c = 0; c < 2; ++c) {
                Reals x = channelOf(rows, c + 1);
                std::sort(x.begin(), x.end());
                const auto quantile = [&x](double p) {
                    const double at = p * static_cast<double>(x.size() - 1);
                    const auto i = static_cast<std::size_t>(at);
                    return i + 1 < x.size() ? x[i] + (at - static_cast<double>(i)) * (x[i + 1] - x[i]) : x.back();
                };
                const double shares[] = {0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95};
                for (std::size_t q = 0; q < 7; ++q)
                    QVERIFY(near(got[8 * c + q], quantile(shares[q]), 1e-5 * (1 + std::abs(quantile(shares[q])))));
                QVERIFY(near(got[8 * c + 7], quantile(0.75) - quantile(0.25), 2e-6 * 10));
            }
        }
    }

    void histogramsCount()
    {
        const std::vector<float> rows = someRows(150, 6);
        const std::vector<float> got = featuresOf(
            R"([{"block": "histogram", "channels": [0], "parameters": {"bins": 5, "low": -2, "high": 1.5}}])", rows);
        Reals expected(5);
        for (double value : channelOf(rows, 0))
            expected[static_cast<std::size_t>(std::clamp(std::floor((value + 2) / 0.7), 0.0, 4.0))] += 1.0 / 150;
        for (std::size_t b = 0; b < 5; ++b)
            QVERIFY(near(got[b], expected[b], 1e-6));
    }

    void autocorrelationFollowsItsDefinition()
    {
        std::vector<float> rows = someRows(200, 7);
        const QByteArray text =
            R"([{"block": "autocorrelation", "channels": [0, 2], "parameters": {"lags": 60, "values": 6}}])";
        const std::vector<float> got = featuresOf(text, rows);
        QCOMPARE(got.size(), std::size_t(16));
        for (std::size_t c = 0; c < 2; ++c) {
            const Reals x = channelOf(rows, 2 * c);
            const double mean = energiesOf(x)[0];
            Reals r(61);
            for (std::size_t lag = 0; lag <= 60; ++lag) {
                for (std::size_t i = 0; i + lag < x.size(); ++i)
                    r[lag] += (x[i] - mean) * (x[i + lag] - mean);
            }
            for (std::size_t lag = 60; lag + 1 > 0; --lag)
                r[lag] /= r[0];
            for (std::size_t v = 0; v < 6; ++v)
                QVERIFY(near(got[8 * c + 2 + v], r[10 * (v + 1)], 1e-5));
            // The wave has 2 pi / 0.21 = 29.9 rows.
            QVERIFY(near(got[8 * c], 0.30, 0.011));
            QVERIFY(near(got[8 * c + 1], r[static_cast<std::size_t>(std::lround(got[8 * c] * 100))], 1e-5));
        }
        QCOMPARE(featuresOf(text, std::vector<float>(600, 3.0f)), std::vector<float>(16, 0.0f));
    }

    void tonesFollowTheirDefinition()
    {
        const std::vector<float> rows = someRows(333, 8);
        for (double frequency : {0.4, 3.3, 12.0}) {
            const std::vector<float> got =
                featuresOf(QStringLiteral(R"([{"block": "tones", "channels": [2], "parameters":
                    {"frequency": %1, "harmonics": 4}}])")
                               .arg(frequency)
                               .toUtf8(),
                           rows);
            const Reals x = channelOf(rows, 2);
            const double mean = energiesOf(x)[0];
            for (std::size_t h = 1; h <= 4; ++h) {
                std::complex<double> sum;
                for (std::size_t i = 0; i < x.size(); ++i)
                    sum += (x[i] - mean) * std::polar(1.0, -2 * kPi * frequency * static_cast<double>(h * i) / 100);
                const double expected = 2 * std::norm(sum) / std::pow(static_cast<double>(x.size()), 2);
                QVERIFY2(near(got[h - 1], expected, 1e-5 * (expected + 1)), qPrintable(QString::number(frequency)));
            }
        }
    }

    void waveletBandsSumToTheMeanSquare()
    {
        const std::vector<float> rows = someRows(256, 9);
        const Reals x = channelOf(rows, 1);
        for (const char* wavelet : {"haar", "db2", "db4"}) {
            const std::vector<float> got =
                featuresOf(QStringLiteral(R"([{"block": "wavelet", "channels": [1], "parameters": {"wavelet": "%1"}}])")
                               .arg(QLatin1String(wavelet))
                               .toUtf8(),
                           rows);
            QCOMPARE(got.size(), std::size_t(5));
            double sum = 0;
            for (float band : got)
                sum += static_cast<double>(band);
            QVERIFY(std::abs(sum / energiesOf(x)[3] - 1) < 2e-5);
            double haar = 0;
            for (std::size_t i = 0; i < 128; ++i)
                haar += std::pow(x[2 * i] - x[2 * i + 1], 2) / 2 / 256;
            if (QByteArray(wavelet) == "haar")
                QVERIFY(near(got[0], haar, 1e-5 * haar));
        }
        std::vector<float> constant(3 * 64, 2.5f);
        const std::vector<float> none = featuresOf(
            R"([{"block": "wavelet", "channels": [1], "parameters": {"wavelet": "db4", "levels": 3}}])", constant);
        for (std::size_t level = 0; level < 3; ++level)
            QVERIFY(none[level] < 1e-12f);
        QVERIFY(near(none[3], 6.25, 1e-5));
    }

    void tiltFollowsItsDefinition()
    {
        QRandomGenerator random(10);
        for (int trial = 0; trial < 200; ++trial) {
            double g[3];
            for (double& part : g)
                part = 20 * random.generateDouble() - 10;
            std::vector<float> rows;
            for (int i = 0; i < 10; ++i) {
                for (double part : g)
                    rows.push_back(static_cast<float>(part));
            }
            const std::vector<float> got = featuresOf(R"([{"block": "tilt", "channels": [0, 1, 2]}])", rows);
            const double turn = 180 / kPi;
            QVERIFY(near(got[0], std::atan2(g[1], g[2]) * turn, 5e-5));
            QVERIFY(near(got[1], std::atan2(-g[0], std::hypot(g[1], g[2])) * turn, 5e-5));
            QVERIFY(near(got[2], std::atan2(std::hypot(g[0], g[1]), g[2]) * turn, 5e-5));
        }
    }

    void brokenSamplesMakeEveryFeatureNaN()
    {
        for (float broken : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            std::vector<float> rows = someRows(64, 11);
            rows[100] = broken; // of ay
            const std::vector<float> got = featuresOf(R"([
                {"stage": "filter", "channels": ["ay"], "parameters": {"cut-off": 5}},
                {"stage": "median", "channels": ["ay"]},
                {"stage": "gravity", "channels": ["ay"]},
                {"block": "quantiles", "channels": ["ay"]}, {"block": "histogram", "channels": ["ay.gravity"]},
                {"block": "autocorrelation", "channels": ["ay"], "parameters": {"lags": 20}},
                {"block": "tones", "channels": ["ay"], "parameters": {"frequency": 10}},
                {"block": "wavelet", "channels": ["ay"]}])",
                                                      rows);
            QVERIFY(!got.empty());
            for (float value : got)
                QVERIFY(std::isnan(value));
        }
    }

    void presetsAreChosenByUnitsAndRate()
    {
        signal::StreamSpec stream = imu();
        const auto chosen = [&stream](double seconds) { return choosePreset(stream, seconds).name; };
        QCOMPARE(chosen(2), QStringLiteral("motion"));
        QVERIFY(choosePreset(stream, 2).why.contains(QStringLiteral("m/s2")));
        stream.rateHz = 3200;
        QCOMPARE(chosen(2), QStringLiteral("vibration"));
        stream = imu();
        stream.channels.resize(1);
        QCOMPARE(chosen(2), QStringLiteral("vibration"));
        stream.channels[0].unit = QStringLiteral("mA");
        QCOMPARE(chosen(2), QStringLiteral("current"));
        stream.channels[0].unit.clear();
        QCOMPARE(chosen(2), QStringLiteral("generic"));
        stream.rateHz = 16'000;
        QCOMPARE(chosen(1), QStringLiteral("keyword"));
        QCOMPARE(chosen(4), QStringLiteral("audio-event"));
        QVERIFY(!presetPipeline(QStringLiteral("keyword"), imu(), 200, 100));
        // Each is good for what chooses it, however short the window.
        for (const double seconds : {1.0, 4.0}) {
            for (const double rate : {4000.0, 8000.0, 16'000.0, 44'100.0}) {
                stream.rateHz = rate;
                const int rows = static_cast<int>(std::min(seconds * rate, 65536.0));
                const auto made = presetPipeline(choosePreset(stream, seconds).name, stream, rows, rows);
                QVERIFY2(made, qPrintable(made ? QString() : made.error().toString()));
            }
        }
        for (const QString& name : presetNames())
            QVERIFY(!presetHelp(name).isEmpty());
    }

    void projectionsAreFittedAndKept()
    {
        // Two features that vary together, one that stays, one with holes.
        QRandomGenerator random(12);
        std::vector<float> matrix;
        for (int r = 0; r < 200; ++r) {
            const double a = random.generateDouble();
            matrix.push_back(static_cast<float>(5 + 10 * a));
            matrix.push_back(static_cast<float>(-3 * a + 0.01 * random.generateDouble()));
            matrix.push_back(7.0f);
            matrix.push_back(r % 50 == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(r));
        }
        const auto standard = fitProjection(matrix, 4, Scaler::Standard, 2);
        const auto robust = fitProjection(matrix, 4, Scaler::Robust);
        const auto span = fitProjection(matrix, 4, Scaler::MinMax);
        QVERIFY(standard && robust && span);
        QCOMPARE(standard->factors[2], 0.0f);
        QCOMPARE(standard->outputs(), 2);
        const std::vector<float> scaled = project(*span, matrix);
        for (std::size_t i = 0; i < scaled.size(); i += 4)
            QVERIFY(scaled[i] >= 0.0f && scaled[i] <= 1.000001f && scaled[i + 2] == 0.0f);
        std::vector<float> middle;
        const std::vector<float> centred = project(*robust, matrix);
        for (std::size_t i = 0; i < centred.size(); i += 4)
            middle.push_back(centred[i]);
        std::sort(middle.begin(), middle.end());
        QVERIFY(std::abs(middle[99] + middle[100]) < 1e-4f);
        // The first component lies along the two features that vary together, which have opposite signs.
        const float* first = standard->components.data();
        QVERIFY(near(std::abs(first[0]), std::numbers::sqrt2 / 2, 0.02) && near(first[0] + first[1], 0, 0.02));
        double product = 0;
        double length = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            product += static_cast<double>(first[i]) * static_cast<double>(first[4 + i]);
            length += std::pow(static_cast<double>(first[i]), 2);
        }
        QVERIFY(std::abs(product) < 1e-6 && std::abs(length - 1) < 1e-6);
        QVERIFY(!fitProjection(matrix, 4, Scaler::Standard, 5));

        // As a part of a pipeline: the same numbers, and the same text again.
        Pipeline pipeline = pipelineOf(R"([{"block": "statistics", "channels": ["ax", "ay"]}])", 60);
        std::vector<float> features;
        for (quint32 seed = 0; seed < 20; ++seed) {
            const auto row = extract(pipeline, bytesOf(someRows(60, seed)));
            QVERIFY(row);
            features.insert(features.end(), row->begin(), row->end());
        }
        for (int components : {0, 3}) {
            pipeline.projection = {};
            pipeline.projection = fitProjection(features, 10, Scaler::Standard, components).value();
            const auto got = extract(pipeline, bytesOf(someRows(60, 4)));
            QVERIFY2(got, qPrintable(got ? QString() : got.error().toString()));
            const std::vector<float> expected = project(pipeline.projection, std::span(features).subspan(40, 10));
            QCOMPARE(*got, expected);
            QCOMPARE(featureNames(pipeline).size(), qsizetype(expected.size()));
            const auto back = pipelineFromJson(toJson(pipeline));
            QVERIFY(back);
            QCOMPARE(*back, pipeline);
        }
        QJsonObject broken = toJson(pipeline);
        broken.insert("projection", QJsonObject{{"offset", QJsonArray{1, 2}}, {"factor", QJsonArray{1}}});
        QVERIFY(!pipelineFromJson(broken));
        broken.insert("projection", QJsonObject{{"offset", QJsonArray{1, 2}}, {"factor", QJsonArray{1, 1}}});
        QVERIFY(!pipelineFromJson(broken)); // for two features, and the blocks make ten
    }

    void everythingIsDescribedAsData()
    {
        const QJsonObject all = describeAll();
        QCOMPARE(all["blocks"].toArray().size(), qsizetype(allBlocks().size()));
        QCOMPARE(all["stages"].toArray().size(), qsizetype(allStages().size()));
        QCOMPARE(all["presets"].toArray().size(), presetNames().size());
        for (const char* kind : {"blocks", "stages"}) {
            const QJsonArray items = all[QLatin1String(kind)].toArray();
            for (const QJsonValue& item : items) {
                QVERIFY(!item["help"].toString().isEmpty() && !item["source"].toString().isEmpty());
                const QJsonArray parameters = item["parameters"].toArray();
                for (const QJsonValue& parameter : parameters)
                    QVERIFY(parameter["choices"].isArray() ||
                            parameter["minimum"].toDouble() < parameter["maximum"].toDouble());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestBlocks)
#include "tst_blocks.moc"
