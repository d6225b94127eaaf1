// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/class_shares.h"

#include <algorithm>
#include <cmath>

namespace ember::workflow {
namespace {

constexpr double kShareTolerance = 1e-3;

} // namespace

std::vector<float> classShares(const model::Evaluation& evaluation)
{
    bool areShares = true;
    for (std::size_t row = 0; row < evaluation.rows() && areShares; ++row) {
        float sum = 0, least = 0;
        for (const float score : evaluation.row(row)) {
            sum += score;
            least = std::min(least, score);
        }
        areShares = least >= 0 && std::abs(static_cast<double>(sum) - 1) < kShareTolerance;
    }
    if (areShares)
        return evaluation.scores;
    std::vector<float> shares(evaluation.scores.size(), 0.0f);
    for (std::size_t row = 0; row < evaluation.rows(); ++row)
        shares[row * evaluation.targets + static_cast<std::size_t>(evaluation.winners[row])] = 1.0f;
    return shares;
}

} // namespace ember::workflow
