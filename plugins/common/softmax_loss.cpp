// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/softmax_loss.h"

#include <cmath>

namespace ember::common {

double softmaxLoss(Matrix& scores, const std::vector<int>& labels)
{
    double loss = 0;
    for (Eigen::Index row = 0; row < scores.rows(); ++row) {
        const int label = labels[static_cast<std::size_t>(row)];
        const double highest = scores.row(row).maxCoeff();
        const double own = scores(row, label) - highest;
        scores.row(row) = (scores.row(row).array() - highest).exp();
        const double sum = scores.row(row).sum();
        loss += std::log(sum) - own;
        scores.row(row) /= sum;
        scores(row, label) -= 1;
    }
    scores /= static_cast<double>(scores.rows());
    return loss / static_cast<double>(scores.rows());
}

} // namespace ember::common
