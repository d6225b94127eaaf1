// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/fft_tables.h"
#include "device-agent/runtime/correlation.hpp"
#include "device-agent/runtime/norm.hpp"
#include "device-agent/runtime/raw.hpp"
#include "device-agent/runtime/rows.hpp"
#include "device-agent/runtime/spectrum.hpp"
#include "device-agent/runtime/statistics.hpp"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numeric>
#include <vector>

using namespace ember;
using namespace ember::runtime;

namespace {

using Signal = std::vector<float>;
constexpr quint32 kAll = (1u << kStatisticCount) - 1;

/// Two sines, noise and an offset as large as gravity is for an accelerometer.
Signal testSignal(QRandomGenerator& random, std::size_t rows, double offset)
{
    Signal x(rows);
    const double f1 = 0.01 + 0.2 * random.generateDouble();
    const double f2 = 0.01 + 0.4 * random.generateDouble();
    for (std::size_t i = 0; i < rows; ++i) {
        const double t = 6.283185307179586 * static_cast<double>(i);
        x[i] = static_cast<float>(offset + 2.0 * std::sin(f1 * t) + 0.7 * std::cos(f2 * t) + random.generateDouble());
    }
    return x;
}

double meanOf(const Signal& x)
{
    double sum = 0;
    for (float v : x)
        sum += static_cast<double>(v);
    return sum / static_cast<double>(x.size());
}

double momentOf(const Signal& x, int order)
{
    const double mean = meanOf(x);
    double sum = 0;
    for (float v : x)
        sum += std::pow(static_cast<double>(v) - mean, order);
    return sum / static_cast<double>(x.size());
}

double trendOf(const Signal& x)
{
    const double mean = meanOf(x);
    const double middle = static_cast<double>(x.size() - 1) / 2;
    double up = 0;
    double down = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double t = static_cast<double>(i) - middle;
        up += t * (static_cast<double>(x[i]) - mean);
        down += t * t;
    }
    return up / down * static_cast<double>(x.size() - 1);
}

/// All statistics by their definitions, in double, in the order of the bits.
std::vector<double> statisticsOracle(const Signal& x)
{
    const auto n = static_cast<double>(x.size());
    const double mean = meanOf(x);
    double square = 0;
    double absolutes = 0;
    double differences = 0;
    int crossings[2] = {}; // of the mean and of zero
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto v = static_cast<double>(x[i]);
        const auto before = static_cast<double>(x[i > 0 ? i - 1 : 0]);
        square += v * v;
        absolutes += std::abs(v);
        differences += std::abs(v - before);
        crossings[1] += (v > 0) != (before > 0) ? 1 : 0;
        crossings[0] += (v > mean) != (before > mean) ? 1 : 0;
    }
    const auto low = static_cast<double>(*std::min_element(x.begin(), x.end()));
    const auto high = static_cast<double>(*std::max_element(x.begin(), x.end()));
    return {mean,
            std::sqrt(momentOf(x, 2)),
            std::sqrt(square / n),
            low,
            high,
            high - low,
            momentOf(x, 3) / std::pow(momentOf(x, 2), 1.5),
            momentOf(x, 4) / std::pow(momentOf(x, 2), 2) - 3.0,
            crossings[0] / (n - 1),
            square / n,
            absolutes / n,
            differences / (n - 1),
            trendOf(x),
            crossings[1] / (n - 1),
            std::max(-low, high) / std::sqrt(square / n)};
}

Signal statisticsOf(const Signal& x, quint32 chosen = kAll)
{
    Signal out(static_cast<std::size_t>(qPopulationCount(chosen)));
    statistics(chosen, x.data(), x.size(), out.data());
    return out;
}

bool near(float value, double expected, double tolerance)
{
    return std::abs(static_cast<double>(value) - expected) <= tolerance;
}

std::vector<std::complex<double>> dft(const std::vector<double>& x)
{
    const std::size_t n = x.size();
    std::vector<std::complex<double>> out(n / 2 + 1);
    for (std::size_t k = 0; k < out.size(); ++k) {
        for (std::size_t i = 0; i < n; ++i) {
            const double angle = -6.283185307179586 * static_cast<double>((k * i) % n) / static_cast<double>(n);
            out[k] += x[i] * std::polar(1.0, angle);
        }
    }
    return out;
}

/// Welch's method by definition.
std::vector<double> spectrumOracle(const Signal& x, std::size_t points, bool hann)
{
    std::vector<double> weights(points, 1.0);
    for (std::size_t i = 0; hann && i < points; ++i)
        weights[i] = std::pow(std::sin(3.141592653589793 * static_cast<double>(i) / static_cast<double>(points)), 2);
    double weightSquares = 0;
    for (double w : weights)
        weightSquares += w * w;
    const double mean = meanOf(x);
    std::vector<double> power(points / 2 + 1);
    const std::size_t segments = (x.size() - points) / (points / 2) + 1;
    const std::size_t begin = (x.size() - points - (segments - 1) * (points / 2)) / 2;
    for (std::size_t s = 0; s < segments; ++s) {
        std::vector<double> segment(points);
        for (std::size_t i = 0; i < points; ++i)
            segment[i] = (static_cast<double>(x[begin + s * points / 2 + i]) - mean) * weights[i];
        const auto transformed = dft(segment);
        for (std::size_t k = 0; k < power.size(); ++k) {
            const double sides = k == 0 || k == points / 2 ? 1.0 : 2.0;
            power[k] += sides * std::norm(transformed[k]) /
                        (static_cast<double>(points) * weightSquares * static_cast<double>(segments));
        }
    }
    return power;
}

Signal spectrumOf(const Signal& x, std::size_t points, bool hann)
{
    const std::vector<float> sine = features::sineTable(static_cast<int>(points));
    std::vector<Complex> work(points / 2);
    Signal power(spectrumBins(points));
    powerSpectrum(hann ? kTaperHann : kTaperNone, x.data(), x.size(), points, sine.data(), work.data(), power.data());
    return power;
}

Signal shapeOf(const Signal& power, float binWidth = 1.0f)
{
    Signal out(kShapeCount);
    spectrumShape((1u << kShapeCount) - 1, power.data(), power.size(), binWidth, out.data());
    return out;
}

Signal peaksOf(const Signal& power, std::size_t count)
{
    Signal out(2 * count);
    spectrumPeaks(power.data(), power.size(), 1.0f, count, out.data());
    return out;
}

} // namespace

class TestKernels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void statisticsFollowTheirDefinitions()
    {
        QRandomGenerator random(1);
        for (std::size_t rows : {2u, 3u, 16u, 17u, 50u, 200u, 1000u, 5000u}) {
            for (double offset : {0.0, 9.81, -1000.0}) {
                const Signal x = testSignal(random, rows, offset);
                const std::vector<double> expected = statisticsOracle(x);
                const Signal got = statisticsOf(x);
                // Absolute for figures below 1, relative above; an offset of 1000 must not cost the shape its digits.
                for (std::size_t i = 0; i < expected.size(); ++i) {
                    const double scale = std::max(1.0, std::abs(expected[i]));
                    QVERIFY2(near(got[i], expected[i], 3e-6 * scale),
                             qPrintable(QStringLiteral("statistic %1 of %2 rows at %3: %4, not %5")
                                            .arg(i)
                                            .arg(rows)
                                            .arg(offset)
                                            .arg(static_cast<double>(got[i]), 0, 'g', 9)
                                            .arg(expected[i], 0, 'g', 9)));
                }
            }
        }
    }

    void eachStatisticIsTheSameAloneAndWithOthers()
    {
        QRandomGenerator random(2);
        const Signal x = testSignal(random, 133, 3.0);
        const Signal all = statisticsOf(x);
        for (unsigned bit = 0; bit < kStatisticCount; ++bit)
            QCOMPARE(bitsOf(statisticsOf(x, 1u << bit).front()), bitsOf(all[bit]));
        for (int i = 0; i < 200; ++i) {
            const quint32 chosen = random.bounded(1u, kAll + 1);
            const Signal some = statisticsOf(x, chosen);
            std::size_t at = 0;
            for (unsigned bit = 0; bit < kStatisticCount; ++bit) {
                if ((chosen >> bit & 1u) != 0)
                    QCOMPARE(bitsOf(some[at++]), bitsOf(all[bit]));
            }
        }
    }

    void aConstantSignalHasNoShape()
    {
        for (float level : {0.0f, 0.1f, -9.80665f, 16777217.0f, 1e-40f}) {
            const Signal got = statisticsOf(Signal(200, level));
            const float size = std::abs(level);
            QCOMPARE(got[0], level);
            QCOMPARE(got[3], level);
            QCOMPARE(got[4], level);
            for (std::size_t zero : {1u, 5u, 6u, 7u, 8u, 11u, 12u}) // std, range, skewness, kurtosis, crossings, ...
                QCOMPARE(bitsOf(got[zero]), 0u);
            QVERIFY(near(got[2], static_cast<double>(size), 1e-6 * static_cast<double>(size) + 1e-30));
        }
    }

    void aSaturatedSignalStaysFinite()
    {
        // Full-scale square wave of 32-bit samples, the largest that comes without a scale.
        Signal x(200);
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = i % 20 < 10 ? 2147483647.0f : -2147483648.0f;
        const Signal got = statisticsOf(x);
        for (float value : got)
            QVERIFY(isFinite(value));
        QVERIFY(near(got[1], 2147483648.0, 1000.0));
        QVERIFY(near(got[7], -2.0, 1e-6));
        QVERIFY(near(got[8], 19.0 / 199.0, 1e-7));
    }

    void aSampleThatIsNoNumberMakesEveryFeatureNan()
    {
        for (float bad :
             {quietNan(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
            for (std::size_t at : {0u, 31u, 63u}) {
                Signal raw(64, 1.0f);
                raw[5] = 4.0f;
                raw[at] = bad;
                Signal x(64);
                loadChannel(raw.data(), raw.size(), 1, 1.0f, 0.0f, x.data());
                for (float value : statisticsOf(x))
                    QVERIFY(isNan(value));
                const Signal power = spectrumOf(x, 64, true);
                for (float value : shapeOf(power))
                    QVERIFY(isNan(value));
                for (float value : peaksOf(power, 3))
                    QVERIFY(isNan(value));
                const std::vector<quint16> edges = features::bandEdges(64, 3, features::BandSpacing::Linear);
                for (quint32 level : {kLevelPower, kLevelLog2}) {
                    Signal bands(3);
                    bandPowers(level, power.data(), edges.data(), 3, bands.data());
                    for (float value : bands)
                        QVERIFY(isNan(value));
                }
                float r = 0;
                const Signal clean(64, 2.0f);
                correlation(x.data(), clean.data(), 64, &r);
                QVERIFY(isNan(r));
            }
        }
    }

    void correlationFollowsItsDefinition()
    {
        QRandomGenerator random(3);
        for (std::size_t rows : {2u, 30u, 200u, 3000u}) {
            const Signal x = testSignal(random, rows, 9.81);
            Signal y = testSignal(random, rows, -40.0);
            for (std::size_t i = 0; i < rows; ++i)
                y[i] += 0.5f * x[i];
            double product = 0;
            for (std::size_t i = 0; i < rows; ++i)
                product += (static_cast<double>(x[i]) - meanOf(x)) * (static_cast<double>(y[i]) - meanOf(y));
            const double expected =
                product / static_cast<double>(rows) / std::sqrt(momentOf(x, 2)) / std::sqrt(momentOf(y, 2));
            float r = 0;
            correlation(x.data(), y.data(), rows, &r);
            QVERIFY2(near(r, expected, 1e-5), qPrintable(QString::number(static_cast<double>(r))));
        }
        const Signal x = testSignal(random, 100, 0.0);
        Signal opposite(x.size());
        std::transform(x.begin(), x.end(), opposite.begin(), [](float v) { return -3.0f * v; });
        float r = 0;
        correlation(x.data(), x.data(), x.size(), &r);
        QVERIFY(r > 0.999999f && r <= 1.0f);
        correlation(x.data(), opposite.data(), x.size(), &r);
        QVERIFY(r < -0.999999f && r >= -1.0f);
        correlation(x.data(), Signal(100, 5.0f).data(), x.size(), &r);
        QCOMPARE(bitsOf(r), 0u);
    }

    void rawSamplesFollowTheirDefinition()
    {
        QRandomGenerator random(5);
        const Signal x = testSignal(random, 75, 9.81);
        const double mean = meanOf(x), deviation = std::sqrt(momentOf(x, 2));
        for (std::size_t factor : {1u, 2u, 7u, 75u}) {
            const std::size_t values = x.size() / factor;
            for (quint32 choice : {kRawAsIs, kRawCentred, kRawStandard}) {
                Signal out(2 * values, 99.0f);
                rawSamples(choice, x.data(), x.size(), factor, 2, out.data());
                for (std::size_t k = 0; k < values; ++k) {
                    double expected = 0;
                    for (std::size_t i = 0; i < factor; ++i)
                        expected += static_cast<double>(x[k * factor + i]) / static_cast<double>(factor);
                    expected = choice == kRawAsIs ? expected : expected - mean;
                    expected = choice == kRawStandard ? expected / deviation : expected;
                    QVERIFY(std::abs(static_cast<double>(out[2 * k]) - expected) < 1e-5);
                    QCOMPARE(out[2 * k + 1], 99.0f); // another channel's
                }
            }
        }
        Signal out(2);
        rawSamples(kRawStandard, Signal(4, 5.0f).data(), 4, 2, 1, out.data());
        QCOMPARE(out, Signal(2, 0.0f));
    }

    void rowsBecomePhysicalInTwoRoundings()
    {
        const std::vector<qint16> raw = {1, -2, 32767, -32768, 100, 7};
        Signal out(2);
        loadChannel(raw.data() + 1, 2, 3, 0.0024f, 9.8f, out.data());
        const volatile float first = -2.0f * 0.0024f; // volatile: a rounding of its own
        const volatile float second = 100.0f * 0.0024f;
        QCOMPARE(out[0], first + 9.8f);
        QCOMPARE(out[1], second + 9.8f);
    }

    void normsFollowTheirDefinitions()
    {
        QRandomGenerator random(4);
        const Signal x = testSignal(random, 50, 1.0);
        const Signal y = testSignal(random, 50, -2.0);
        Signal length(50);
        Signal sum(50);
        clearSignal(50, length.data());
        clearSignal(50, sum.data());
        for (const Signal* each : {&x, &y}) {
            addSquares(each->data(), 50, length.data());
            addAbsolutes(each->data(), 50, sum.data());
        }
        squareRoots(50, length.data());
        for (std::size_t i = 0; i < 50; ++i) {
            const auto a = static_cast<double>(x[i]);
            const auto b = static_cast<double>(y[i]);
            QVERIFY(near(length[i], std::hypot(a, b), 3e-7 * std::hypot(a, b)));
            QVERIFY(near(sum[i], std::abs(a) + std::abs(b), 3e-7 * (std::abs(a) + std::abs(b))));
        }
    }

    void sineTablesAreCorrectlyRounded()
    {
        for (int points = 8; points <= 4096; points *= 2) {
            const std::vector<float> table = features::sineTable(points);
            QCOMPARE(table.size(), sineTableSize(static_cast<std::size_t>(points)));
            for (std::size_t i = 0; i < table.size(); ++i) {
                const long double angle = 2.0L * 3.14159265358979323846264338L * static_cast<long double>(i) / points;
                QCOMPARE(table[i], static_cast<float>(std::sin(angle)));
            }
        }
    }

    void transformsEqualTheDefinition()
    {
        QRandomGenerator random(5);
        for (std::size_t points = 8; points <= 2048; points *= 2) {
            std::vector<double> x(points);
            std::vector<Complex> z(points / 2);
            double squares = 0;
            for (std::size_t i = 0; i < points; ++i) {
                const auto value = static_cast<float>(random.generateDouble() * 2 - 1);
                x[i] = static_cast<double>(value);
                squares += x[i] * x[i];
                (i % 2 == 0 ? z[i / 2].re : z[i / 2].im) = value;
            }
            const std::vector<float> sine = features::sineTable(static_cast<int>(points));
            realFft(z.data(), points, sine.data());
            const auto expected = dft(x);
            // Rounding errors of a transform grow with the root of log2(points), relative to the root of the energy.
            const double tolerance = 3e-7 * std::sqrt(std::log2(static_cast<double>(points)) * squares);
            QVERIFY(near(z[0].re, expected[0].real(), tolerance));
            QVERIFY(near(z[0].im, expected[points / 2].real(), tolerance));
            for (std::size_t k = 1; k < points / 2; ++k) {
                QVERIFY2(near(z[k].re, expected[k].real(), tolerance) && near(z[k].im, expected[k].imag(), tolerance),
                         qPrintable(QStringLiteral("%1 of %2").arg(k).arg(points)));
            }
        }
    }

    void spectraEqualTheDefinition()
    {
        QRandomGenerator random(6);
        for (bool hann : {false, true}) {
            for (std::size_t points : {8u, 32u, 64u, 128u}) {
                for (std::size_t rows : {points, points + 3, 2 * points, 3 * points + points / 2 + 1}) {
                    const Signal x = testSignal(random, rows, 9.81);
                    const Signal got = spectrumOf(x, points, hann);
                    const std::vector<double> expected = spectrumOracle(x, points, hann);
                    const double total = std::accumulate(expected.begin(), expected.end(), 0.0);
                    for (std::size_t k = 0; k < got.size(); ++k)
                        QVERIFY(near(got[k], expected[k], 2e-6 * total));
                }
            }
        }
    }

    void theBinsSumToTheVariance()
    {
        QRandomGenerator random(7);
        const Signal x = testSignal(random, 256, 9.81);
        const Signal power = spectrumOf(x, 256, false);
        const double sum = std::accumulate(power.begin(), power.end(), 0.0);
        QVERIFY(std::abs(sum / momentOf(x, 2) - 1.0) < 1e-5);
    }

    void aSineShowsItsFrequencyAndPower()
    {
        Signal x(256);
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = static_cast<float>(3.0 * std::sin(6.283185307179586 * 10.0 * static_cast<double>(i) / 128.0) + 50.0);
        const Signal power = spectrumOf(x, 128, true);
        const Signal peaks = peaksOf(power, 2);
        QCOMPARE(peaks[0], 10.0f);
        // Hann spreads a line over three bins, two thirds of its power (9 / 2) in the middle one.
        QVERIFY(near(peaks[1], 3.0, 1e-4));
        const Signal shape = shapeOf(power);
        QVERIFY(near(shape[0], 10.0, 1e-3));
        QVERIFY(shape[1] >= 10.0f && shape[1] <= 11.0f);
        QVERIFY(shape[2] < 0.3f);
    }

    void silenceHasADefinedSpectrum()
    {
        const Signal power = spectrumOf(Signal(200, 9.81f), 64, true);
        for (float value : power)
            QCOMPARE(bitsOf(value), 0u);
        for (float value : shapeOf(power))
            QCOMPARE(bitsOf(value), 0u);
        for (float value : peaksOf(power, 3))
            QCOMPARE(bitsOf(value), 0u);
        const std::vector<quint16> edges = features::bandEdges(64, 4, features::BandSpacing::Logarithmic);
        Signal bands(4);
        bandPowers(kLevelLog2, power.data(), edges.data(), 4, bands.data());
        for (float value : bands)
            QCOMPARE(value, kSilenceLog2);
        bandPowers(kLevelPower, power.data(), edges.data(), 4, bands.data());
        for (float value : bands)
            QCOMPARE(bitsOf(value), 0u);
    }

    void peaksComeHighestFirst()
    {
        const Signal power = {99.0f, 1.0f, 5.0f, 2.0f, 7.0f, 7.0f, 3.0f, 3.5f, 5.0f};
        // Bin 0 never counts; a plateau counts once; the last bin may be a maximum; equal heights from low to high.
        const Signal peaks = peaksOf(power, 5);
        const Signal expected = {4.0f, 7.0f, 2.0f, 5.0f, 8.0f, 5.0f, 0.0f, 0.0f, 0.0f, 0.0f};
        QCOMPARE(peaks, expected);
        QCOMPARE(peaksOf({0.0f, 4.0f, 3.0f, 2.0f, 1.0f}, 1), (Signal{1.0f, 4.0f}));
    }

    void shapeFollowsItsDefinitions()
    {
        const Signal flat(65, 2.0f);
        const Signal even = shapeOf(flat, 0.5f);
        QVERIFY(near(even[0], 0.5 * 65.0 / 2.0, 1e-4));
        QVERIFY(near(even[1], 0.5 * 55.0, 1e-6)); // the first of 64 bins at which 0.85 * 64 = 54.4 are reached
        QVERIFY(near(even[2], 1.0, 1e-6));
        Signal line(65, 0.0f);
        line[20] = 3.0f;
        const Signal one = shapeOf(line, 0.5f);
        QCOMPARE(one[0], 10.0f);
        QCOMPARE(one[1], 10.0f);
        QCOMPARE(bitsOf(one[2]), 0u);
    }

    void bandsCoverEveryBinOnce()
    {
        for (int points : {8, 64, 4096}) {
            for (int bands : {1, 2, 3, 4, 64}) {
                if (bands > points / 2)
                    continue;
                for (auto spacing : {features::BandSpacing::Linear, features::BandSpacing::Logarithmic}) {
                    const std::vector<quint16> edges = features::bandEdges(points, bands, spacing);
                    QCOMPARE(edges.size(), static_cast<std::size_t>(bands) + 1);
                    QCOMPARE(edges.front(), quint16(1));
                    QCOMPARE(int(edges.back()), points / 2 + 1);
                    for (std::size_t b = 1; b < edges.size(); ++b)
                        QVERIFY(edges[b] > edges[b - 1]);
                }
            }
        }
        QCOMPARE(features::bandEdges(64, 4, features::BandSpacing::Logarithmic),
                 (std::vector<quint16>{1, 2, 6, 14, 33}));
    }
};

QTEST_GUILESS_MAIN(TestKernels)
#include "tst_kernels.moc"
