// SPDX-License-Identifier: GPL-3.0-or-later
#include "device-agent/runtime/real.hpp"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace ember::runtime;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The float nearest to the true root: 53 bits are enough to round to 24 without a second rounding error.
float rootByDefinition(float x)
{
    return static_cast<float>(std::sqrt(static_cast<double>(x)));
}

std::vector<float> edgeValues()
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    return {0.0f,       -0.0f, 1e-45f,        1.1754942e-38f, 1.1754944e-38f, 1.0f,    0.25f,      2.0f, 16777215,
            16777216.f, 1e30f, 3.4028235e38f, kInfinity,      -1.0f,          -1e-45f, -kInfinity, nan,  -nan};
}

} // namespace

class TestReal : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // The digits of a root depend on the significand and on whether the exponent is even: these two octaves are all
    // cases there are for normal numbers.
    void everySignificandHasItsNearestRoot()
    {
        qint64 wrong = 0;
        for (quint32 bits = 0x3F800000u; bits < 0x40800000u; ++bits) {
            const float x = fromBits(bits);
            wrong += bitsOf(squareRootByDigits(x)) != bitsOf(rootByDefinition(x)) ? 1 : 0;
        }
        QCOMPARE(wrong, 0);
    }

    void rootsOfAllMagnitudesAgreeWithTheInstruction()
    {
        QRandomGenerator random(1);
        for (int i = 0; i < 2'000'000; ++i) {
            const float x = fromBits(random.generate() & 0x7FFFFFFFu);
            if (isNan(x))
                continue;
            QVERIFY2(bitsOf(squareRootByDigits(x)) == bitsOf(rootByDefinition(x)),
                     qPrintable(QString::number(bitsOf(x), 16)));
            QCOMPARE(bitsOf(squareRoot(x)), bitsOf(rootByDefinition(x)));
        }
    }

    void rootsOfEdgeValues()
    {
        for (float x : edgeValues()) {
            const quint32 expected = x >= 0.0f ? bitsOf(rootByDefinition(x)) : 0x7FC00000u;
            QCOMPARE(bitsOf(squareRoot(x)), expected);
            QCOMPARE(bitsOf(squareRootByDigits(x)), expected);
        }
    }

    void logarithmIsWithinItsBound()
    {
        QRandomGenerator random(2);
        for (int i = 0; i < 1'000'000; ++i) {
            // Every other one near 1, where the result is small and cancellation would show.
            const float x = (i & 1) != 0 ? fromBits(random.generate() & 0x7FFFFFFFu)
                                         : static_cast<float>(0.5 + random.generateDouble());
            if (!isFinite(x) || x == 0.0f)
                continue;
            const double expected = std::log2(static_cast<double>(x));
            const double allowed = std::max(2e-7, 2.0 * std::abs(expected) * 1.2e-7);
            QVERIFY2(std::abs(static_cast<double>(log2Of(x)) - expected) <= allowed,
                     qPrintable(QStringLiteral("log2(%1)").arg(static_cast<double>(x), 0, 'g', 9)));
        }
        for (int e = -149; e <= 127; ++e)
            QCOMPARE(log2Of(std::ldexp(1.0f, e)), static_cast<float>(e));
    }

    void logarithmOfEdgeValues()
    {
        QCOMPARE(log2Of(0.0f), -kInfinity);
        QCOMPARE(log2Of(-0.0f), -kInfinity);
        QCOMPARE(log2Of(kInfinity), kInfinity);
        QCOMPARE(bitsOf(log2Of(-1.0f)), 0x7FC00000u);
        QCOMPARE(bitsOf(log2Of(quietNan())), 0x7FC00000u);
    }

    void lesserAndGreaterLetNoNanPass()
    {
        const float nan = quietNan();
        QVERIFY(isNan(lesser(nan, 1.0f)) && isNan(lesser(1.0f, nan)) && isNan(lesser(nan, nan)));
        QVERIFY(isNan(greater(nan, 1.0f)) && isNan(greater(1.0f, nan)) && isNan(greater(nan, nan)));
        QCOMPARE(lesser(1.0f, 2.0f), 1.0f);
        QCOMPARE(greater(1.0f, 2.0f), 2.0f);
        QCOMPARE(bitsOf(lesser(-0.0f, 0.0f)), bitsOf(-0.0f));
        QCOMPARE(bitsOf(greater(0.0f, -0.0f)), bitsOf(0.0f));
    }

    void everyNanLeavesAsTheSame()
    {
        std::vector<float> values = {1.0f, fromBits(0xFFC00000u), fromBits(0x7F800001u), kInfinity, -0.0f};
        canonicalNans(values.data(), values.size());
        QCOMPARE(bitsOf(values[0]), bitsOf(1.0f));
        QCOMPARE(bitsOf(values[1]), 0x7FC00000u);
        QCOMPARE(bitsOf(values[2]), 0x7FC00000u);
        QCOMPARE(values[3], kInfinity);
        QCOMPARE(bitsOf(values[4]), bitsOf(-0.0f));
    }

    void sumsOfManyTermsStayExactEnough()
    {
        // A million times 0.1: term by term in float this is 0.9 % off.
        const double sum = static_cast<double>(blockSum(1'000'000, [](size_t) { return 0.1f; }));
        QVERIFY2(std::abs(sum / 1e5 - 1.0) < 1e-3, qPrintable(QString::number(sum)));
        QCOMPARE(blockSum(0, [](size_t) { return 1.0f; }), 0.0f);
        QCOMPARE(blockSum(17, [](size_t i) { return real(i); }), 136.0f);
    }
};

QTEST_GUILESS_MAIN(TestReal)
#include "tst_real.moc"
