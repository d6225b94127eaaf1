// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/linear/sefr.h"

namespace ember::linear {

using common::Matrix;
using common::RowVector;

Weights fitSefr(const Matrix& rows, const common::PresentClasses& classes)
{
    Weights weights;
    weights.coefficients.resize(classes.count(), rows.cols());
    weights.intercepts.resize(classes.count());
    const RowVector sum = rows.colwise().sum();
    for (int c = 0; c < classes.count(); ++c) {
        const Matrix own = classes.select(rows, c);
        const auto inside = static_cast<double>(own.rows());
        const auto outside = static_cast<double>(rows.rows() - own.rows());
        const RowVector ownSum = own.colwise().sum();
        const RowVector meanInside = ownSum / inside;
        const RowVector meanOutside = (sum - ownSum) / outside;
        const RowVector both = meanInside + meanOutside;
        weights.coefficients.row(c) =
            (both.array() > 0).select((meanInside - meanOutside).array() / both.array().max(1e-300), 0.0);
        const double scoreInside = meanInside.dot(weights.coefficients.row(c));
        const double scoreOutside = meanOutside.dot(weights.coefficients.row(c));
        weights.intercepts[c] = -(outside * scoreInside + inside * scoreOutside) / (inside + outside);
    }
    return weights;
}

} // namespace ember::linear
