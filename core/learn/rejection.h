// SPDX-License-Identifier: GPL-3.0-or-later
// "Unknown" as an answer: where the share of the winner is small, saying nothing is better than saying something wrong.
#pragma once

#include "core/learn/validation.h"

#include <optional>
#include <span>
#include <vector>

namespace ember::learn {

/// What comes of answering only where the winner's share is `threshold` or more.
struct RejectionPoint
{
    double threshold = 0;
    double coverage = 1; ///< share of the rows that are answered
    double accuracy = 0; ///< of these
};

/// From what is surest alone to everything, one point for each share that occurs (risk and coverage, El-Yaniv and
/// Wiener 2010). One entry per row each.
std::vector<RejectionPoint> rejectionCurve(std::span<const double> confidence, const std::vector<bool>& right);

/// The point with the most coverage whose answers are right as often as `wanted`. Nothing when not even the surest are.
std::optional<RejectionPoint> pointForAccuracy(const std::vector<RejectionPoint>& curve, double wanted);

struct Rejection
{
    double wanted = 0;        ///< accuracy that was asked for
    double threshold = 0;     ///< from all tested rows: what the model is given; 0: every answer is kept
    double coverage = 0;      ///< by thresholds of the other half of the groups
    double accuracy = 0;      ///< likewise, of what was answered; 1 where nothing was
    double accuracyOfAll = 0; ///< when everything is answered
};

/// The threshold for answers of that accuracy, by the validation. What it leads to is told honestly: each half of the
/// groups (without groups: of the rows) is judged by the threshold that the other half gave. Errors: Usage (`wanted`
/// not within (0, 1], scores that are no shares of classes, an accuracy that no threshold reaches).
Result<Rejection> chooseRejection(const ValidationReport& report, const Matrix& matrix, double wanted);

} // namespace ember::learn
