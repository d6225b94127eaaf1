// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/fft_tables.h"
#include "device-agent/runtime/spectrum.hpp"
#include "tests/features/test_signal.h"

#include <QTest>

#include <complex>
#include <numeric>

using namespace ember;
using namespace ember::runtime;
using namespace ember::test;

namespace {

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

class TestSpectrum : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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

    void aSampleThatIsNoNumberMakesTheSpectrumNan()
    {
        const std::vector<quint16> edges = features::bandEdges(64, 3, features::BandSpacing::Linear);
        for (const Signal& x : signalsWithABadSample()) {
            const Signal power = spectrumOf(x, 64, true);
            for (float value : shapeOf(power))
                QVERIFY(isNan(value));
            for (float value : peaksOf(power, 3))
                QVERIFY(isNan(value));
            for (quint32 level : {kLevelPower, kLevelLog2}) {
                Signal bands(3);
                bandPowers(level, power.data(), edges.data(), 3, bands.data());
                for (float value : bands)
                    QVERIFY(isNan(value));
            }
        }
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

QTEST_GUILESS_MAIN(TestSpectrum)
#include "tst_spectrum.moc"
