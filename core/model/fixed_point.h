// SPDX-License-Identifier: GPL-3.0-or-later
// Integer arithmetic of TensorFlow Lite Micro, to the last bit: Jacob et al., "Quantization and Training of Neural
// Networks for Efficient Integer-Arithmetic-Only Inference" (CVPR 2018), and the fixed-point functions of gemmlowp.
#pragma once

#include <QtGlobal>

#include <cstdint>

namespace ember::model {

/// How a product with a fixed-point multiplier is rounded. Double rounds twice, half away from zero in the end: the
/// reference kernels and CMSIS-NN as they are built by default. Single rounds once, half up: desktop runtimes. Nearest
/// rounds the product of reals, half away from zero: what the others approximate, and what runtimes that compute
/// integer layers in reals give.
enum class RequantiseRounding : quint8
{
    Double,
    Single,
    Nearest
};

/// A positive real as value * 2^(shift - 31) with 2^30 <= value < 2^31.
struct Multiplier
{
    qint32 value = 0;
    qint32 shift = 0;
};

/// The multiplier of a real; 0 for what is too small to matter. Requires a finite number that is not negative.
Multiplier makeMultiplier(double real, RequantiseRounding rounding = RequantiseRounding::Double);

/// The high word of 2ab, rounded half away from zero; saturates where both are the smallest number.
qint32 roundingDoublingHighMul(qint32 a, qint32 b);

/// x / 2^exponent, rounded half away from zero. Requires 0 <= exponent <= 31.
qint32 roundingShiftRight(qint32 x, int exponent);

/// x times the multiplier.
qint32 scaleBy(qint32 x, Multiplier m, RequantiseRounding rounding);

/// The same for the 64-bit sums of 16-bit activations: the multiplier is cut to 16 bits, and rounded once.
qint32 scaleWideBy(qint64 x, Multiplier m);

/// x * 2^exponent, saturating.
qint32 saturatingShiftLeft(qint32 x, int exponent);

/// exp(x) for x <= 0 given in Q(integerBits).(31 - integerBits); the result is Q0.31.
qint32 expOnNegative(qint32 x, int integerBits);

/// 1 / (1 + x) for 0 <= x <= 1 in Q0.31.
qint32 oneOverOnePlus(qint32 x);

/// (1 - x) / (1 + x) for 0 <= x <= 1 in Q0.31.
qint32 oneMinusOverOnePlus(qint32 x);

/// 1 / x for x in Q(integerBits).(31 - integerBits), as Q0.31 that stands for result * 2^-bitsOverUnit.
qint32 reciprocal(qint32 x, int integerBits, int& bitsOverUnit);

/// The logistic function and the hyperbolic tangent of x in Q(integerBits).(31 - integerBits); results are Q0.31.
qint32 logisticFixed(qint32 x, int integerBits);
qint32 tanhFixed(qint32 x, int integerBits);

/// The largest difference from the zero point that a table of `inputBits` integer bits can tell (CalculateInputRadius).
qint32 inputRadius(int integerBits, int leftShift, int totalBits = 31);

/// Both functions for 16-bit values: x in Q3.12, the result in Q0.15, by a table of 256 steps and interpolation.
qint16 logistic16(qint32 scaled);
qint16 tanh16(qint32 scaled);

} // namespace ember::model
