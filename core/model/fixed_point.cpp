// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/fixed_point.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace ember::model {
namespace {

constexpr qint32 kMin = std::numeric_limits<qint32>::min();
constexpr qint32 kMax = std::numeric_limits<qint32>::max();

qint32 saturated(qint64 x)
{
    return static_cast<qint32>(std::clamp<qint64>(x, kMin, kMax));
}

// (a + b) / 2 in Q0.31, rounded half away from zero.
qint32 roundingHalfSum(qint32 a, qint32 b)
{
    const qint64 sum = static_cast<qint64>(a) + b;
    return static_cast<qint32>((sum + (sum >= 0 ? 1 : -1)) / 2);
}

// exp(a) for a in [-1/4, 0), Q0.31: a Taylor polynomial of the fourth degree around -1/8.
qint32 expOnQuarter(qint32 a)
{
    constexpr qint32 kExpMinusEighth = 1895147668;
    constexpr qint32 kThird = 715827883;
    const qint32 x = a + (1 << 28);
    const qint32 x2 = roundingDoublingHighMul(x, x);
    const qint32 x3 = roundingDoublingHighMul(x2, x);
    const qint32 x4 = roundingDoublingHighMul(x2, x2);
    const qint32 x4Over4 = roundingShiftRight(x4, 2);
    const qint32 sum = roundingShiftRight(
        saturated(static_cast<qint64>(roundingDoublingHighMul(saturated(static_cast<qint64>(x4Over4) + x3), kThird)) +
                  x2),
        1);
    return saturated(static_cast<qint64>(kExpMinusEighth) +
                     roundingDoublingHighMul(kExpMinusEighth, saturated(static_cast<qint64>(x) + sum)));
}

// 1 / ((1 + x) / 2) in Q2.29 by three steps of Newton's method, begun at 48/17 - 32/17 * (1 + x) / 2.
qint32 newtonReciprocal(qint32 halfDenominator)
{
    constexpr qint32 k48Over17 = 1515870810;
    constexpr qint32 kMinus32Over17 = -1010580540;
    qint32 x = k48Over17 + roundingDoublingHighMul(halfDenominator, kMinus32Over17);
    for (int step = 0; step < 3; ++step) {
        const qint32 product = roundingDoublingHighMul(halfDenominator, x);
        const qint32 oneMinus = (1 << 29) - product;
        x = saturated(static_cast<qint64>(x) + saturatingShiftLeft(roundingDoublingHighMul(x, oneMinus), 2));
    }
    return x;
}

// 0 to 10.7 in 256 steps of 1/24, the logistic function in Q0.16: what 16-bit kernels interpolate in.
const std::array<quint32, 257>& sigmoidTable()
{
    static const auto table = [] {
        std::array<quint32, 257> values{};
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<quint32>(
                std::min(65535.0, std::round(65536.0 / (1.0 + std::exp(-static_cast<double>(i) / 24.0)))));
        return values;
    }();
    return table;
}

} // namespace

Multiplier makeMultiplier(double real, RequantiseRounding rounding)
{
    if (real == 0.0)
        return {};
    int shift = 0;
    const double fraction = std::frexp(real, &shift);
    auto fixed = static_cast<qint64>(std::round(fraction * (1LL << 31)));
    if (fixed == (1LL << 31)) {
        fixed /= 2;
        ++shift;
    }
    if (shift < -31)
        return {};
    if (rounding == RequantiseRounding::Single && shift > 30)
        return {kMax, 30};
    return {static_cast<qint32>(fixed), shift};
}

qint32 roundingDoublingHighMul(qint32 a, qint32 b)
{
    if (a == kMin && b == kMin)
        return kMax;
    const qint64 product = static_cast<qint64>(a) * b;
    const qint64 nudge = product >= 0 ? (1LL << 30) : 1 - (1LL << 30);
    return static_cast<qint32>((product + nudge) / (1LL << 31));
}

qint32 roundingShiftRight(qint32 x, int exponent)
{
    const auto mask = static_cast<qint32>((1LL << exponent) - 1);
    const qint32 remainder = x & mask;
    const qint32 threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

qint32 scaleBy(qint32 x, Multiplier m, RequantiseRounding rounding)
{
    if (rounding == RequantiseRounding::Single) {
        const int total = 31 - m.shift;
        if (total < 1)
            return saturated(static_cast<qint64>(x) * m.value); // shifts beyond 30 do not occur
        if (total > 62)
            return 0;
        return saturated((static_cast<qint64>(x) * m.value + (1LL << (total - 1))) >> total);
    }
    if (rounding == RequantiseRounding::Nearest)
        return static_cast<qint32>(std::clamp(std::round(std::ldexp(static_cast<double>(x) * m.value, m.shift - 31)),
                                              double(kMin), double(kMax)));
    const int left = std::clamp(m.shift, 0, 31);
    const int right = std::clamp(-m.shift, 0, 31);
    // The shift wraps where the reference's would overflow; real models do not get there.
    const auto shifted = static_cast<qint32>(static_cast<quint32>(x) << left);
    return roundingShiftRight(roundingDoublingHighMul(shifted, m.value), right);
}

qint32 scaleWideBy(qint64 x, Multiplier m)
{
    const qint64 reduced = m.value < 0x7FFF0000 ? (m.value + (1 << 15)) >> 16 : 0x7FFF;
    const int total = std::clamp(15 - m.shift, 1, 62);
    // Sums are below 2^47 by the format's own rule; beyond it they saturate here.
    const qint64 bounded = std::clamp<qint64>(x, -(1LL << 47), (1LL << 47) - 1);
    return saturated((bounded * reduced + (1LL << (total - 1))) >> total);
}

qint32 saturatingShiftLeft(qint32 x, int exponent)
{
    if (exponent >= 32)
        return x == 0 ? 0 : (x > 0 ? kMax : kMin);
    return saturated(static_cast<qint64>(x) * (1LL << exponent));
}

qint32 expOnNegative(qint32 x, int integerBits)
{
    const int fractionBits = 31 - integerBits;
    if (x == 0)
        return kMax;
    const qint32 quarter = 1 << (fractionBits - 2);
    const qint32 fraction = (x & (quarter - 1)) - quarter;
    qint32 result = expOnQuarter(saturatingShiftLeft(fraction, integerBits));
    const qint32 remainder = fraction - x;
    // exp(-2^k) in Q0.31 for k = -2 ... 4.
    constexpr std::array<qint32, 7> kFactors = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    for (int k = 0; k < static_cast<int>(kFactors.size()); ++k) {
        const int exponent = k - 2;
        if (integerBits > exponent && (remainder & (1 << (fractionBits + exponent))) != 0)
            result = roundingDoublingHighMul(result, kFactors[static_cast<std::size_t>(k)]);
    }
    if (integerBits > 5 && x < -(1 << (fractionBits + 5)))
        result = 0;
    return result;
}

qint32 oneOverOnePlus(qint32 x)
{
    // The result has 1 more bit than the method's; the last shift saturates.
    return saturatingShiftLeft(newtonReciprocal(roundingHalfSum(x, kMax)), 1);
}

qint32 oneMinusOverOnePlus(qint32 x)
{
    const qint32 y = newtonReciprocal(roundingHalfSum(x, kMax));
    return saturatingShiftLeft(y - (1 << 29), 2);
}

qint32 reciprocal(qint32 x, int integerBits, int& bitsOverUnit)
{
    const int headroom = std::countl_zero(static_cast<quint32>(x));
    bitsOverUnit = integerBits - headroom;
    const auto shifted = static_cast<qint32>((static_cast<quint32>(x) << headroom) - (1U << 31));
    return oneOverOnePlus(shifted);
}

qint32 logisticFixed(qint32 x, int integerBits)
{
    if (x == 0)
        return 1 << 30;
    const qint32 positive = oneOverOnePlus(expOnNegative(x > 0 ? -x : x, integerBits));
    return x > 0 ? positive : kMax - positive;
}

qint32 tanhFixed(qint32 x, int integerBits)
{
    if (x == 0)
        return 0;
    // exp(-2|x|): the same number read with one more integer bit is twice as large.
    const qint32 magnitude = oneMinusOverOnePlus(expOnNegative(x > 0 ? -x : x, integerBits + 1));
    return x > 0 ? magnitude : -magnitude;
}

qint32 inputRadius(int integerBits, int leftShift, int totalBits)
{
    const double largest = static_cast<double>((1LL << integerBits) - 1) *
                           static_cast<double>(1LL << (totalBits - integerBits)) /
                           std::ldexp(1.0, std::clamp(leftShift, -62, 62));
    return saturated(static_cast<qint64>(std::min(std::floor(largest), 4e9)));
}

qint16 logistic16(qint32 scaled)
{
    const auto magnitude = static_cast<quint32>(std::abs(static_cast<qint64>(scaled)));
    const quint32 high = magnitude >> 9;
    quint32 result = 0x7FFFU << 10;
    if (high < 255) {
        const quint32 a = sigmoidTable()[high];
        const quint32 b = sigmoidTable()[high + 1];
        result = (a << 9) + (magnitude & 0x1FF) * (b - a);
    }
    result = scaled >= 0 ? result + (1U << 9) : (1U << 25) - result + (1U << 9) - 1;
    return static_cast<qint16>(result >> 10);
}

qint16 tanh16(qint32 scaled)
{
    const auto magnitude = static_cast<quint32>(std::abs(static_cast<qint64>(scaled)));
    const quint32 high = magnitude >> 8;
    qint32 result = 0xFFFF << 8;
    if (high < 255) {
        const quint32 a = sigmoidTable()[high];
        const quint32 b = sigmoidTable()[high + 1];
        result = static_cast<qint32>((a << 8) + (magnitude & 0xFF) * (b - a));
    }
    result = scaled >= 0 ? result - (1 << (14 + 9)) + (1 << (9 - 2)) : -result + (1 << (14 + 9)) + (1 << (9 - 2)) - 1;
    return static_cast<qint16>(result >> (9 - 1));
}

} // namespace ember::model
