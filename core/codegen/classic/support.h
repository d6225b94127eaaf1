// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::codegen {

/// runtime::FeatureWeight.
struct SupportWeight
{
    quint32 weight = 0;
    qint32 most = 0;
};

/// What a machine of kernels makes of them: decisions for each pair of classes, one decision (normal or not), or a
/// score for each class from all vectors (relevance vectors).
enum class SupportForm : quint8
{
    Pairs,
    Detector,
    Scores
};

/// A support vector machine with the kernel e^(-gamma d) on whole-number features, in the integers of
/// device-agent/runtime/support.hpp. Distances are exact where all features weigh the same, and weights are whole
/// numbers of some ten bits otherwise; kernels and coefficients have 16 bits. So a label can differ from the float
/// model's: verification counts.
struct LoweredSupport
{
    SupportForm form = SupportForm::Pairs;
    quint16 features = 0;
    quint16 vectorCount = 0;
    quint16 classes = 0;
    qint16 mostFeature = 0; ///< as in runtime::SupportShape, as the next four
    quint32 farAway = 0;
    quint8 distanceShift = 0;
    quint32 slope = 0;
    quint8 decisionShift = 0;
    std::vector<qint8> vectors; ///< vectorCount x padded features, relative to the centres
    std::vector<quint32> lengths;
    std::vector<qint16> centres;        ///< empty: zeros
    std::vector<SupportWeight> weights; ///< of squared differences; empty: ones
    std::vector<quint16> powers;
    std::vector<qint16> coefficients; ///< classes - 1 x vectorCount; of scores classes x vectorCount, of a detector one
    std::vector<quint16> firsts;      ///< of pairs
    std::vector<qint32> rho;          ///< one for each decision or score, in their units

    std::size_t pairs() const { return rho.size(); }
};

} // namespace ember::codegen
