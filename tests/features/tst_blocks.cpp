// SPDX-License-Identifier: GPL-3.0-or-later
// Stages and blocks against their definitions in double, through whole pipelines.
#include "core/features/block.h"
#include "core/features/describe.h"
#include "core/features/extractor.h"
#include "core/features/presets.h"
#include "core/features/stage.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <vector>

using namespace ember;
using namespace ember::features;

namespace {

constexpr double kPi = std::numbers::pi;
using Reals = std::vector<double>;

signal::StreamSpec imu(double rate = 100)
{
    signal::StreamSpec stream;
    stream.name = QStringLiteral("imu");
    stream.type = signal::SampleType::Float32;
    stream.rateHz = rate;
    for (const char* name : {"ax", "ay", "az"})
        stream.channels.push_back({QString::fromLatin1(name), QStringLiteral("m/s2"), 1.0, 0.0});
    return stream;
}

/// Rows of three channels: waves, noise, and an offset as large as gravity.
std::vector<float> someRows(int rows, quint32 seed)
{
    QRandomGenerator random(seed);
    std::vector<float> x;
    for (int i = 0; i < rows; ++i) {
        for (int c = 0; c < 3; ++c)
            x.push_back(static_cast<float>((c == 2 ? 9.81 : 0.3 * c - 0.4) + 2.0 * std::sin(0.21 * i + c) +
                                           0.5 * std::cos(1.7 * i) + random.generateDouble() - 0.5));
    }
    return x;
}

Reals channelOf(const std::vector<float>& rows, std::size_t channel)
{
    Reals x;
    for (std::size_t i = channel; i < rows.size(); i += 3)
        x.push_back(static_cast<double>(rows[i]));
    return x;
}

QByteArray bytesOf(const std::vector<float>& rows)
{
    return QByteArray(reinterpret_cast<const char*>(rows.data()), static_cast<qsizetype>(rows.size() * sizeof(float)));
}

Pipeline pipelineOf(const QByteArray& text, int rows, double rate = 100)
{
    auto pipeline = pipelineFromText(text, imu(rate), rows, rows);
    if (!pipeline)
        qWarning("%s", qPrintable(pipeline.error().toString()));
    return pipeline ? *pipeline : Pipeline();
}

std::vector<float> featuresOf(const QByteArray& text, const std::vector<float>& rows, double rate = 100)
{
    const auto features = extract(pipelineOf(text, static_cast<int>(rows.size() / 3), rate), bytesOf(rows));
    if (!features)
        qWarning("%s", qPrintable(features.error().toString()));
    return features ? *features : std::vector<float>();
}

/// Mean, least, most, mean square, mean magnitude and mean step: what kFigures asks for.
Reals energiesOf(const Reals& x)
{
    double square = 0;
    double absolute = 0;
    double difference = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        square += x[i] * x[i];
        absolute += std::abs(x[i]);
        difference += i > 0 ? std::abs(x[i] - x[i - 1]) : 0;
    }
    const auto n = static_cast<double>(x.size());
    double mean = 0;
    for (double value : x)
        mean += value / n;
    return {mean,
            *std::min_element(x.begin(), x.end()),
            *std::max_element(x.begin(), x.end()),
            square / n,
            absolute / n,
            difference / (n - 1)};
}

const QByteArray kFigures =
    R"("parameters": {"statistics": ["mean", "min", "max", "energy", "mean-absolute", "mean-difference"]}})";

bool near(float got, double expected, double tolerance)
{
    return std::abs(static_cast<double>(got) - expected) <= tolerance;
}

/// A filter by its poles: Butterworth's on the circle, moved by the bilinear transform, each pair as a recurrence in
/// double; before the window its first sample had been there for ever.
Reals butterworthOracle(const Reals& in, int order, double cutOff, double rate, bool high)
{
    Reals x = in;
    const double warped = 2.0 * rate * std::tan(kPi * cutOff / rate);
    for (int k = 0; k < (order + 1) / 2; ++k) {
        const double angle = kPi / 2 + kPi * (2 * k + 1) / (2.0 * order);
        const std::complex<double> pole = warped * std::polar(1.0, angle);
        const std::complex<double> z = (2.0 * rate + pole) / (2.0 * rate - pole);
        const bool single = order % 2 == 1 && k == order / 2;
        // Zeros at -1 for a low-pass and 1 for a high-pass; unit gain at 0 or half the rate.
        const double zero = high ? 1.0 : -1.0;
        const Reals a = single ? Reals{1.0, -z.real(), 0.0} : Reals{1.0, -2.0 * z.real(), std::norm(z)};
        const Reals b = single ? Reals{1.0, -zero, 0.0} : Reals{1.0, -2.0 * zero, 1.0};
        const double at = high ? -1.0 : 1.0;
        const double gain = (a[0] + a[1] * at + a[2]) / (b[0] + b[1] * at + b[2]);
        Reals y;
        const double steady = high ? 0.0 : x[0];
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double x1 = i >= 1 ? x[i - 1] : x[0];
            const double x2 = i >= 2 ? x[i - 2] : x[0];
            const double y1 = i >= 1 ? y[i - 1] : steady;
            const double y2 = i >= 2 ? y[i - 2] : steady;
            y.push_back(gain * (b[0] * x[i] + b[1] * x1 + b[2] * x2) - a[1] * y1 - a[2] * y2);
        }
        x = y;
    }
    return x;
}

} // namespace

class TestBlocks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void filtersFollowTheirPoles_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("order");
        QTest::addColumn<double>("cutOff");
        for (int order = 1; order <= 8; ++order) {
            for (double cutOff : {0.3, 5.0, 20.0, 45.0}) {
                for (const char* kind : {"low-pass", "high-pass"})
                    QTest::addRow("%s of order %d at %g Hz", kind, order, cutOff) << kind << order << cutOff;
            }
        }
    }

    void filtersFollowTheirPoles()
    {
        QFETCH(QString, kind);
        QFETCH(int, order);
        QFETCH(double, cutOff);
        const std::vector<float> rows = someRows(300, 1);
        const QByteArray stage = QStringLiteral(R"([{"stage": "filter", "channels": ["ax", "az"], "parameters":
            {"kind": "%1", "order": %2, "cut-off": %3}}, {"block": "statistics", "channels": ["ax", "az"], )")
                                     .arg(kind)
                                     .arg(order)
                                     .arg(cutOff)
                                     .toUtf8();
        const std::vector<float> got = featuresOf(stage + kFigures + "]", rows);
        QCOMPARE(got.size(), std::size_t(12));
        for (std::size_t c = 0; c < 2; ++c) {
            const Reals in = channelOf(rows, 2 * c);
            const Reals expected = energiesOf(butterworthOracle(in, order, cutOff, 100, kind == "high-pass"));
            const double size = std::sqrt(energiesOf(in)[3]);
            for (std::size_t f = 0; f < 6; ++f)
                QVERIFY2(
                    near(got[6 * c + f], expected[f], 1e-5 * (f == 3 ? size * size : size)),
                    qPrintable(QStringLiteral("%1: %2 instead of %3").arg(f).arg(got[6 * c + f]).arg(expected[f])));
        }
    }

    void aBandPassIsTwoFilters()
    {
        const std::vector<float> rows = someRows(300, 2);
        const std::vector<float> got =
            featuresOf(R"([{"stage": "filter", "channels": [0], "parameters": {"kind": "band-pass", "cut-off": 2,
                "upper": 9, "order": 3}}, {"block": "statistics", "channels": [0], )" +
                           kFigures + "]",
                       rows);
        const Reals expected =
            energiesOf(butterworthOracle(butterworthOracle(channelOf(rows, 0), 3, 2, 100, true), 3, 9, 100, false));
        for (std::size_t f = 0; f < 6; ++f)
            QVERIFY(near(got[f], expected[f], 2e-5));
    }

    void aNotchTakesOneFrequencyOut()
    {
        std::vector<float> rows;
        for (int i = 0; i < 4000; ++i) {
            const double t = i / 1000.0;
            rows.push_back(static_cast<float>(5.0 + std::sin(2 * kPi * 50 * t)));
            rows.push_back(static_cast<float>(std::sin(2 * kPi * 80 * t)));
            rows.push_back(0.0f);
        }
        // The energy of four seconds: what the notch lets through while it settles is little of it.
        const QByteArray text =
            R"([{"stage": "filter", "channels": [0, 1], "parameters": {"kind": "notch", "cut-off": 50}},
            {"block": "statistics", "channels": [0, 1], "parameters": {"statistics": ["mean", "std"]}}])";
        const std::vector<float> got = featuresOf(text, rows, 1000);
        QVERIFY(near(got[0], 5.0, 1e-3));
        QVERIFY(got[1] < 0.08f);
        QVERIFY(got[3] > 0.68f);
    }

    void gravityAndMotionSumToTheSignal()
    {
        const std::vector<float> rows = someRows(200, 3);
        const QByteArray text = R"([{"stage": "gravity", "channels": ["ax", "az"]},
            {"block": "statistics", "channels": ["az.gravity", "az", "ax.gravity", "ay"], )" +
                                kFigures + "]";
        const Pipeline pipeline = pipelineOf(text, 200);
        QCOMPARE(signalNames(pipeline), (QStringList{"ax", "ay", "az", "ax.gravity", "az.gravity"}));
        const auto back = pipelineFromJson(toJson(pipeline));
        QVERIFY(back);
        QCOMPARE(*back, pipeline);
        QCOMPARE(featureNames(pipeline).first(), QStringLiteral("az.gravity.mean"));
        const std::vector<float> got = featuresOf(text, rows);
        const Reals z = channelOf(rows, 2);
        const Reals slow = butterworthOracle(z, 2, 0.3, 100, false);
        Reals fast;
        for (std::size_t i = 0; i < z.size(); ++i)
            fast.push_back(z[i] - slow[i]);
        const std::vector<Reals> expected = {energiesOf(slow), energiesOf(fast),
                                             energiesOf(butterworthOracle(channelOf(rows, 0), 2, 0.3, 100, false)),
                                             energiesOf(channelOf(rows, 1))};
        for (std::size_t s = 0; s < expected.size(); ++s) {
            for (std::size_t f = 0; f < 6; ++f)
                QVERIFY(near(got[6 * s + f], expected[s][f], f == 3 ? 1e-3 : 1e-4));
        }
    }

    void simpleStagesFollowTheirDefinition()
    {
        const std::vector<float> rows = someRows(121, 4);
        const Reals x = channelOf(rows, 2);
        Reals median;
        for (int i = 0; i < 121; ++i) {
            Reals last;
            for (int j = 0; j < 5; ++j)
                last.push_back(x[static_cast<std::size_t>(std::max(i - j, 0))]);
            std::sort(last.begin(), last.end());
            median.push_back(last[2]);
        }
        Reals groups;
        for (std::size_t g = 0; g < 121 / 4; ++g)
            groups.push_back((x[4 * g] + x[4 * g + 1] + x[4 * g + 2] + x[4 * g + 3]) / 4);
        Reals centred;
        for (double value : x)
            centred.push_back(value - energiesOf(x)[0]);
        Reals taps;
        double sum = 0;
        for (int i = 0; i < 9; ++i) {
            const double at = 2.0 * 10 / 100 * (i - 4);
            taps.push_back((at == 0 ? 1 : std::sin(kPi * at) / (kPi * at)) * (0.54 - 0.46 * std::cos(2 * kPi * i / 8)));
            sum += taps.back();
        }
        Reals fir;
        for (int i = 0; i < 121; ++i) {
            double value = 0;
            for (int j = 0; j < 9; ++j)
                value += taps[static_cast<std::size_t>(j)] / sum * x[static_cast<std::size_t>(std::max(i - j, 0))];
            fir.push_back(value);
        }
        const std::vector<std::pair<QByteArray, Reals>> cases = {
            {R"({"stage": "median", "channels": [2]})", median},
            {R"({"stage": "decimate", "parameters": {"factor": 4}})", groups},
            {R"({"stage": "remove-mean", "channels": [2]})", centred},
            {R"({"stage": "fir", "channels": [2], "parameters": {"taps": 9}})", fir},
        };
        for (const auto& [stage, expected] : cases) {
            const std::vector<float> got =
                featuresOf("[" + stage + R"(, {"block": "statistics", "channels": [2], )" + kFigures + "]", rows);
            const Reals figures = energiesOf(expected);
            for (std::size_t f = 0; f < 6; ++f)
                QVERIFY2(near(got[f], figures[f], 1e-5 * (1 + std::abs(figures[f]))), stage.constData());
        }
    }

    void decimationChangesRowsAndRate()
    {
        const Pipeline pipeline = pipelineOf(R"([{"block": "spectrum", "channels": [0], "parameters":
            {"fft-size": 32, "bands": 0, "peaks": 1, "shape": []}}, {"stage": "decimate", "parameters": {"factor": 4}}])",
                                             300);
        QCOMPARE(applyStages(pipeline).seen.windowRows, 75);
        std::vector<float> rows(900);
        for (int i = 0; i < 300; ++i)
            rows[static_cast<std::size_t>(3 * i)] = static_cast<float>(std::sin(2 * kPi * 25.0 / 8 * i / 100.0));
        const auto got = extract(pipeline, bytesOf(rows));
        QVERIFY(got);
        QCOMPARE((*got)[0], 25.0f / 8); // in Hz, of the time of the stream
    }

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

    void wrongStagesSayWhatIsWrong_data()
    {
        QTest::addColumn<QByteArray>("stage");
        QTest::addColumn<QString>("word");
        const auto row = [](const char* name, const char* stage, const char* word) {
            QTest::newRow(name) << QByteArray(stage) << QString::fromLatin1(word);
        };
        row("unknown", R"({"stage": "magic", "channels": [0]})", "magic");
        row("no channels", R"({"stage": "filter"})", "channels");
        row("above half the rate", R"({"stage": "filter", "channels": [0], "parameters": {"cut-off": 50}})", "50 Hz");
        row("band upside down",
            R"({"stage": "filter", "channels": [0], "parameters": {"kind": "band-pass", "cut-off": 9, "upper": 3}})",
            "upper");
        row("even median", R"({"stage": "median", "channels": [0], "parameters": {"rows": 4}})", "odd");
        row("decimated to nothing", R"({"stage": "decimate", "parameters": {"factor": 60}})", "decimated");
        row("decimate one channel", R"({"stage": "decimate", "channels": [0]})", "all channels");
        row("channel that is not there", R"({"stage": "median", "channels": ["ax.gravity"]})", "channel");
        row("misspelt", R"({"stage": "median", "channel": [0]})", "channel");
        row("not a number", R"({"stage": "filter", "channels": [0], "parameters": {"cut-off": "5"}})", "cut-off");
    }

    void wrongStagesSayWhatIsWrong()
    {
        QFETCH(QByteArray, stage);
        QFETCH(QString, word);
        const auto refused =
            pipelineFromText("[" + stage + R"(, {"block": "statistics", "channels": [0]}])", imu(), 100, 100);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::BadData);
        QVERIFY2(refused.error().toString().contains(word), qPrintable(refused.error().toString()));
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
