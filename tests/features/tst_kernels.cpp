// SPDX-License-Identifier: GPL-3.0-or-later
#include "device-agent/runtime/correlation.hpp"
#include "device-agent/runtime/norm.hpp"
#include "device-agent/runtime/raw.hpp"
#include "device-agent/runtime/rows.hpp"
#include "device-agent/runtime/statistics.hpp"
#include "tests/features/test_signal.h"

#include <QTest>

#include <algorithm>
#include <vector>

using namespace ember;
using namespace ember::runtime;
using namespace ember::test;

namespace {

constexpr quint32 kAll = (1u << kStatisticCount) - 1;

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

    void aSampleThatIsNoNumberMakesEveryStatisticNan()
    {
        for (const Signal& x : signalsWithABadSample()) {
            for (float value : statisticsOf(x))
                QVERIFY(isNan(value));
            float r = 0;
            const Signal clean(x.size(), 2.0f);
            correlation(x.data(), clean.data(), x.size(), &r);
            QVERIFY(isNan(r));
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
};

QTEST_GUILESS_MAIN(TestKernels)
#include "tst_kernels.moc"
