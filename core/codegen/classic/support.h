// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// A support vector machine with the kernel e^(-gamma d) on whole-number features, in the integers of
/// device-agent/runtime/support.hpp. Distances are exact where all features weigh the same; kernels have 16 bits and
/// coefficients 16, so a label can differ from the float model's: verification counts.
struct LoweredSupport
{
    quint16 features = 0;
    quint16 vectorCount = 0;
    quint16 classes = 0;
    qint32 mostFeature = 0; ///< magnitude of a centred feature beyond which it counts as this
    quint32 farAway = 0;
    quint32 slope = 0;
    quint8 slopeShift = 0;
    quint8 decisionShift = 0;
    std::vector<qint8> vectors; ///< vectorCount x padded features, relative to the centres
    std::vector<quint32> lengths;
    std::vector<qint16> centres;  ///< empty: zeros
    std::vector<quint16> weights; ///< of squared differences; empty: ones
    std::vector<quint16> powers;
    std::vector<qint16> coefficients; ///< classes - 1 x vectorCount
    std::vector<quint16> firsts;
    std::vector<qint32> rho; ///< one for each pair of classes, in units of the decisions

    std::size_t pairs() const { return rho.size(); }
};

} // namespace ember::codegen
