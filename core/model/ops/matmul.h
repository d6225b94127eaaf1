// SPDX-License-Identifier: GPL-3.0-or-later
// Products of stacks of matrices. Private to core/model.
#pragma once

#include "core/model/ops/op.h"

namespace ember::model::ops {

struct MatMulPlan
{
    qint64 rows = 0;
    qint64 inner = 0;
    qint64 columns = 0;
    Shape batch; ///< of the result
    Shape leftBatch;
    Shape rightBatch;
    Shape shape; ///< of the result, vectors taken back
    qint64 macs = 0;
};

/// NumPy's rules for the product of a and b. Errors: BadData.
Result<MatMulPlan> planMatMul(const Shape& a, const Shape& b, bool transposeA, bool transposeB);

/// y = a b for every matrix of the batch.
template <typename A, typename B, typename Y>
void multiplyMatrices(const MatMulPlan& plan, bool transposeA, bool transposeB, const A* a, const B* b, Y* y)
{
    const std::vector<qint64> fromA = broadcastIndices(plan.leftBatch, plan.batch);
    const std::vector<qint64> fromB = broadcastIndices(plan.rightBatch, plan.batch);
    const qint64 aRow = transposeA ? 1 : plan.inner;
    const qint64 aStep = transposeA ? plan.rows : 1;
    const qint64 bRow = transposeB ? 1 : plan.columns;
    const qint64 bStep = transposeB ? plan.inner : 1;
    for (std::size_t m = 0; m < fromA.size(); ++m) {
        const A* left = a + fromA[m] * plan.rows * plan.inner;
        const B* right = b + fromB[m] * plan.inner * plan.columns;
        for (qint64 r = 0; r < plan.rows; ++r) {
            Y* row = y + (static_cast<qint64>(m) * plan.rows + r) * plan.columns;
            std::fill(row, row + plan.columns, Y(0));
            for (qint64 k = 0; k < plan.inner; ++k) {
                const Y factor = static_cast<Y>(left[r * aRow + k * aStep]);
                const B* column = right + k * bRow;
                for (qint64 c = 0; c < plan.columns; ++c)
                    row[c] += factor * static_cast<Y>(column[c * bStep]);
            }
        }
    }
}

} // namespace ember::model::ops
