// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// Gaussian naive Bayes on whole-number features, in the integers of device-agent/runtime/gaussian.hpp. Means have a
/// few bits behind the point and weights 11 bits, so a label can differ from the float model's: verification counts.
struct LoweredGaussian
{
    quint16 features = 0;
    quint16 classes = 0;
    quint8 fractionBits = 0;
    quint8 scoreShift = 0;
    qint32 mostFeature = 0;        ///< magnitude beyond which a feature counts as this
    std::vector<quint32> table;    ///< classes x features words of mean and weight
    std::vector<qint32> constants; ///< one for each class, in units of the scores
};

} // namespace ember::codegen
