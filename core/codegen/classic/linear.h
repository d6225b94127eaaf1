// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// What a linear model does to its scores at last.
enum class ScoreTransform : quint8
{
    None,
    Softmax,
    Logistic
};

/// A linear model on whole-number features, in the integers of device-agent/runtime/fixed_linear.hpp. Weights are
/// rounded, so a label can differ from the float model's: verification counts.
struct LoweredLinear
{
    quint16 features = 0;
    quint16 outputs = 0;
    bool classifier = true;
    bool wide = false;           ///< weights of 32 bits and sums of 64, else 16 and 32
    std::vector<qint32> weights; ///< outputs x features
    std::vector<qint32> biases;  ///< in units of the scores
    quint8 scoreShift = 0;
    quint8 scoreBits = 0; ///< behind the point of a score, before the transform
    ScoreTransform transform = ScoreTransform::None;
    quint32 farAway = 0; ///< as in runtime::ShareShape, as the next two; zeros without a transform
    quint32 slope = 0;
    quint8 slopeShift = 0;
    std::vector<quint16> powers; ///< empty without a transform
};

} // namespace ember::codegen
