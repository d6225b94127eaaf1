// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/fixed_point.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <limits>

using namespace ember::model;

namespace {

constexpr qint32 kMin = std::numeric_limits<qint32>::min();
constexpr qint32 kMax = std::numeric_limits<qint32>::max();

qint32 someNumber(QRandomGenerator& random)
{
    // All magnitudes alike.
    return static_cast<qint32>(random.generate()) >> random.bounded(31);
}

// Rounded half away from zero, in exact integers.
qint64 halfAway(qint64 numerator, qint64 denominator)
{
    const bool negative = numerator < 0;
    const qint64 magnitude = negative ? -numerator : numerator;
    const qint64 rounded = (2 * magnitude + denominator) / (2 * denominator);
    return static_cast<qint64>(negative ? -rounded : rounded);
}

} // namespace

class TestFixedPoint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void multipliersStandForTheirReals()
    {
        QRandomGenerator random(1);
        for (int i = 0; i < 10'000; ++i) {
            const double real = std::ldexp(0.5 + random.generateDouble() / 2, random.bounded(40) - 30);
            const Multiplier m = makeMultiplier(real);
            QVERIFY(m.value >= 1 << 30);
            QVERIFY(std::abs(std::ldexp(static_cast<double>(m.value), m.shift - 31) / real - 1) < 1e-9);
        }
        QCOMPARE(makeMultiplier(0).value, 0);
        QCOMPARE(makeMultiplier(1e-12).value, 0);
        // A fraction that rounds up to 1 moves on to the next power of two.
        const Multiplier one = makeMultiplier(1.0 - 1e-12);
        QCOMPARE(one.value, 1 << 30);
        QCOMPARE(one.shift, 1);
    }

    void highWordsAreRoundedHalfAwayFromZero()
    {
        QRandomGenerator random(2);
        for (int i = 0; i < 100'000; ++i) {
            const qint32 a = someNumber(random), b = someNumber(random);
            // The reference truncates after its nudge: ties of negative products go towards zero.
            const qint64 product = static_cast<qint64>(a) * b;
            const qint64 expected = (product + (product >= 0 ? (1LL << 30) : 1 - (1LL << 30))) / (1LL << 31);
            QCOMPARE(static_cast<qint64>(roundingDoublingHighMul(a, b)), expected);
            QVERIFY(std::abs(static_cast<double>(expected) - static_cast<double>(product) / 2147483648.0) <= 0.5);
        }
        QCOMPARE(roundingDoublingHighMul(kMin, kMin), kMax);
    }

    void shiftsAreRoundedHalfAwayFromZero()
    {
        QRandomGenerator random(3);
        for (int i = 0; i < 100'000; ++i) {
            const qint32 x = someNumber(random);
            const int exponent = random.bounded(31);
            QCOMPARE(static_cast<qint64>(roundingShiftRight(x, exponent)), halfAway(x, 1LL << exponent));
        }
        QCOMPARE(roundingShiftRight(5, 1), 3);
        QCOMPARE(roundingShiftRight(-5, 1), -3);
        QCOMPARE(roundingShiftRight(kMin, 31), -1);
    }

    void roundingsDifferAsTheyShould()
    {
        QRandomGenerator random(4);
        int differ = 0;
        for (int i = 0; i < 100'000; ++i) {
            const auto x = static_cast<qint32>(random.bounded(2'000'000)) - 1'000'000;
            const Multiplier m = makeMultiplier(0.0005 + 0.01 * random.generateDouble());
            const double real = static_cast<double>(x) * std::ldexp(static_cast<double>(m.value), m.shift - 31);
            const qint32 twice = scaleBy(x, m, RequantiseRounding::Double);
            const qint32 once = scaleBy(x, m, RequantiseRounding::Single);
            // One rounding is off by half a step at most, two by a little more.
            QVERIFY(std::abs(once - real) <= 0.5);
            QVERIFY(std::abs(twice - real) <= 0.5 + 0.01);
            QCOMPARE(scaleBy(x, m, RequantiseRounding::Nearest), static_cast<qint32>(std::round(real)));
            differ += twice != once ? 1 : 0;
        }
        QVERIFY(differ > 0);
        QVERIFY(differ < 2'000);
    }

    void wideSumsKeepSixteenBitsOfTheMultiplier()
    {
        QRandomGenerator random(5);
        for (int i = 0; i < 10'000; ++i) {
            const qint64 x = static_cast<qint64>(random.generate64() >> 20) - (1LL << 43);
            const Multiplier m = makeMultiplier(std::ldexp(0.5 + random.generateDouble() / 2, -30));
            const qint64 reduced = m.value < 0x7FFF0000 ? (m.value + (1 << 15)) >> 16 : 0x7FFF;
            const int total = 15 - m.shift;
            const double real = static_cast<double>(x) * static_cast<double>(reduced) / std::ldexp(1.0, total);
            QVERIFY(std::abs(scaleWideBy(x, m) - real) <= 0.5);
        }
    }

    void functionsAreNearTheirReals()
    {
        // A Taylor polynomial of degree 4 within 1/8 of its middle is off by 1/8^5 / 5! = 2.5e-7 at most.
        // exp(x) for x in [-32, 0] in Q5.26, and the logistic function and tangent for x in [-16, 16) in Q4.27.
        for (qint32 x = kMin; x < 0; x += 65'521) {
            const double real = std::exp(static_cast<double>(x) / (1 << 26));
            QVERIFY(std::abs(expOnNegative(x, 5) / 2147483648.0 - real) < 2.6e-7);
        }
        QCOMPARE(expOnNegative(0, 5), kMax);
        for (qint64 x = kMin; x < kMax; x += 65'521) {
            const auto fixed = static_cast<qint32>(x);
            const double real = static_cast<double>(x) / (1 << 27);
            QVERIFY(std::abs(logisticFixed(fixed, 4) / 2147483648.0 - 1 / (1 + std::exp(-real))) < 2.6e-7);
            QVERIFY(std::abs(tanhFixed(fixed, 4) / 2147483648.0 - std::tanh(real)) < 5.2e-7);
        }
    }

    void reciprocalsAreNearTheirReals()
    {
        for (qint32 x = 1 << 19; x < kMax - 100'003; x += 100'003) {
            int bits = 0;
            const double result = reciprocal(x, 12, bits) / 2147483648.0;
            const double real = 1.0 / (static_cast<double>(x) / (1 << 19));
            QVERIFY(std::abs(std::ldexp(result, -bits) / real - 1) < 1e-7);
        }
    }

    void sixteenBitFunctionsAreNearTheirReals()
    {
        // A step of the table is 1/24 of the logistic function's argument, and 512 numbers wide.
        for (qint32 x = -131'072; x <= 131'072; x += 17) {
            const double argument = x / 512.0 / 24.0;
            QVERIFY(std::abs(logistic16(x) / 32768.0 - 1 / (1 + std::exp(-argument))) < 2e-4);
            QVERIFY(std::abs(tanh16(x) / 32768.0 - std::tanh(argument)) < 4e-4);
        }
        QCOMPARE(logistic16(0), qint16(16384));
        QCOMPARE(tanh16(0), qint16(0));
    }
};

QTEST_GUILESS_MAIN(TestFixedPoint)
#include "tst_fixed_point.moc"
