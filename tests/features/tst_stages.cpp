// SPDX-License-Identifier: GPL-3.0-or-later
// Stages against their definitions in double, through whole pipelines.
#include "core/features/stage.h"
#include "tests/features/pipeline_test.h"

#include <QTest>

#include <complex>

using namespace ember;
using namespace ember::features;
using namespace ember::features::testing;

namespace {

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

class TestStages : public QObject
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
};

QTEST_GUILESS_MAIN(TestStages)
#include "tst_stages.moc"
