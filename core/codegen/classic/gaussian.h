// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// Gaussian naive Bayes, mixtures of Gaussians and nearest centres, on whole-number features, in the integers of
/// device-agent/runtime/gaussian.hpp. Means have a few bits behind the point and weights 11 bits, factors of
/// covariances 32, so a label can differ from the float model's: verification counts.
struct LoweredGaussian
{
    quint16 features = 0;
    quint16 components = 0; ///< as many as classes but for mixtures
    quint16 classes = 0;
    quint8 fractionBits = 0;
    quint8 scoreShift = 0;
    qint32 mostFeature = 0;        ///< magnitude beyond which a feature counts as this
    std::vector<quint32> table;    ///< components x features words of mean and weight
    std::vector<qint32> factors;   ///< with covariances, in place of the table: components x features x features
    std::vector<qint32> offsets;   ///< components x features
    std::vector<qint32> constants; ///< one for each component, in units of the scores
    std::vector<quint16> firsts;   ///< of mixtures: where the components of each class begin, and the end; else empty
    std::vector<quint8> logs;      ///< of mixtures: runtime::logOfSum()'s table; zeros: the largest counts alone
    bool detector = false;         ///< the one class's score is a decision, and its opposite the second output
    std::vector<double> spreads;   ///< with a table: standard deviation around each mean, in units of the features
    bool centres = false; ///< spreads are those of all rows, by the model's scaler, or 1 without one: classes have none
};

} // namespace ember::codegen
