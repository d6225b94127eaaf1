// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of an audio front end, each with its two functions as in op.h. Private to core/model.
#pragma once

#include "core/model/ops/op.h"

#include <bit>

namespace ember::model::ops {

#define EMBER_SIGNAL_STEP(Name)                                                                                        \
    Result<Inference> inferSignal(const Name& step, const InferContext& context);                                      \
    Status runSignal(const Name& step, Call& call);
EMBER_SIGNAL_STEP(SignalFramer)
EMBER_SIGNAL_STEP(SignalWindow)
EMBER_SIGNAL_STEP(SignalFftAutoScale)
EMBER_SIGNAL_STEP(SignalFft)
EMBER_SIGNAL_STEP(SignalEnergy)
EMBER_SIGNAL_STEP(SignalFilterBank)
EMBER_SIGNAL_STEP(SignalFilterBankSquareRoot)
EMBER_SIGNAL_STEP(SignalSpectralSubtraction)
EMBER_SIGNAL_STEP(SignalPcan)
EMBER_SIGNAL_STEP(SignalFilterBankLog)
EMBER_SIGNAL_STEP(SignalDelay)
EMBER_SIGNAL_STEP(SignalOverlapAdd)
EMBER_SIGNAL_STEP(SignalStacker)
#undef EMBER_SIGNAL_STEP

/// Largest number of samples, bins, channels or frames that an attribute may ask for.
constexpr qint64 kMaxSignalLength = 65'536;

/// Checks a number of a step. Errors: Unsupported outside [least, most].
Status needWithin(qint64 value, qint64 least, qint64 most, const char* what);
/// Checks that an input has one dimension of `count` elements. Errors: BadData.
Status needCount(const Input& input, qint64 count, const char* what);
/// Checks that a state of the type is there with so many elements. Errors: BadData.
Status needState(const InferContext& context, std::size_t index, TensorType type, qint64 count);

/// Elements along the last dimension; 1 for a scalar.
inline qint64 innermost(const Shape& shape)
{
    return shape.empty() ? 1 : shape.back();
}

/// The number of bits of x without leading zeros: 0 for 0.
inline int bitLength(quint64 x)
{
    return static_cast<int>(std::bit_width(x));
}

} // namespace ember::model::ops
