// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/matmul.h"

#include "core/model/ops/accumulate.h"

#include <algorithm>

namespace ember::model::ops {

Result<MatMulPlan> planMatMul(const Shape& a, const Shape& b, bool transposeA, bool transposeB)
{
    if (a.empty() || b.empty())
        return bad(QStringLiteral("a product of matrices with a number"));
    // A vector is a row on the left and a column on the right, and its dimension goes from the result.
    Shape left = a.size() == 1 ? Shape{1, a[0]} : a;
    Shape right = b.size() == 1 ? Shape{b[0], 1} : b;
    if (transposeA)
        std::swap(left[left.size() - 1], left[left.size() - 2]);
    if (transposeB)
        std::swap(right[right.size() - 1], right[right.size() - 2]);
    MatMulPlan plan;
    plan.rows = left[left.size() - 2];
    plan.inner = left.back();
    plan.columns = right.back();
    if (plan.inner != right[right.size() - 2])
        return bad(QStringLiteral("a product of %1 and %2").arg(shapeText(a), shapeText(b)));
    const Shape leftBatch(left.begin(), left.end() - 2);
    const Shape rightBatch(right.begin(), right.end() - 2);
    EMBER_TRY(plan.batch, broadcastShapes(leftBatch, rightBatch));
    EMBER_TRY(const qint64 batches, elementCount(plan.batch));
    plan.shape = plan.batch;
    if (a.size() > 1)
        plan.shape.push_back(plan.rows);
    if (b.size() > 1)
        plan.shape.push_back(plan.columns);
    plan.macs = saturatedProduct(saturatedProduct(batches, plan.rows), saturatedProduct(plan.inner, plan.columns));
    plan.leftBatch = leftBatch;
    plan.rightBatch = rightBatch;
    return plan;
}

namespace {

template <typename Real>
void runMatMul(const MatMul& op, const MatMulPlan& plan, Call& call)
{
    const std::span<Real> y = call.out().as<Real>();
    multiplyMatrices(plan, op.transposeA, op.transposeB, call.in(0).as<Real>().data(), call.in(1).as<Real>().data(),
                     y.data());
}

template <typename Real>
void runGemm(const Gemm& op, const MatMulPlan& plan, Call& call)
{
    const std::span<Real> y = call.out().as<Real>();
    multiplyMatrices(plan, op.transposeA, op.transposeB, call.in(0).as<Real>().data(), call.in(1).as<Real>().data(),
                     y.data());
    std::vector<qint64> places;
    if (call.has(2))
        places = broadcastIndices(call.in(2).shape(), call.out().shape());
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] *= static_cast<Real>(op.alpha);
        if (!places.empty())
            y[i] += static_cast<Real>(op.beta) * call.in(2).as<Real>()[static_cast<std::size_t>(places[i])];
    }
}

} // namespace

Result<Inference> infer(const MatMul& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needType(context.at(0),
                         {TensorType::Float32, TensorType::Float64, TensorType::Int32, TensorType::Int64}, "input"));
    EMBER_CHECK(needSameType(context.at(0), context.at(1)));
    EMBER_TRY(MatMulPlan plan, planMatMul(context.at(0).shape, context.at(1).shape, op.transposeA, op.transposeB));
    return one(context.at(0).type, std::move(plan.shape), plan.macs);
}

Status evaluate(const MatMul& op, Call& call)
{
    EMBER_TRY(const MatMulPlan plan, planMatMul(call.in(0).shape(), call.in(1).shape(), op.transposeA, op.transposeB));
    switch (call.in(0).type()) {
    case TensorType::Float64:
        runMatMul<double>(op, plan, call);
        break;
    case TensorType::Int32:
    case TensorType::Int64: {
        // Unsigned sums wrap as whole numbers do here.
        const std::vector<qint64> a = call.in(0).toInt64();
        const std::vector<qint64> b = call.in(1).toInt64();
        std::vector<quint64> ua(a.begin(), a.end());
        std::vector<quint64> ub(b.begin(), b.end());
        std::vector<quint64> uy(static_cast<std::size_t>(call.out().size()));
        multiplyMatrices(plan, op.transposeA, op.transposeB, ua.data(), ub.data(), uy.data());
        const std::vector<qint64> y(uy.begin(), uy.end());
        call.out().assign(std::span<const qint64>(y));
        break;
    }
    default:
        runMatMul<float>(op, plan, call);
        break;
    }
    return {};
}

Result<Inference> infer(const Gemm& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needFloat(context.at(0), "input"));
    EMBER_CHECK(needSameType(context.at(0), context.at(1)));
    if (context.at(0).shape.size() != 2 || context.at(1).shape.size() != 2)
        return bad(QStringLiteral("a general product of %1 and %2")
                       .arg(shapeText(context.at(0).shape), shapeText(context.at(1).shape)));
    EMBER_TRY(MatMulPlan plan, planMatMul(context.at(0).shape, context.at(1).shape, op.transposeA, op.transposeB));
    if (context.has(2)) {
        EMBER_CHECK(needSameType(context.at(0), context.at(2)));
        EMBER_TRY(const Shape together, broadcastShapes(context.at(2).shape, plan.shape));
        if (together != plan.shape)
            return bad(
                QStringLiteral("an addend of %1 for %2").arg(shapeText(context.at(2).shape), shapeText(plan.shape)));
    }
    return one(context.at(0).type, std::move(plan.shape), plan.macs);
}

Status evaluate(const Gemm& op, Call& call)
{
    EMBER_TRY(const MatMulPlan plan, planMatMul(call.in(0).shape(), call.in(1).shape(), op.transposeA, op.transposeB));
    if (call.in(0).type() == TensorType::Float64)
        runGemm<double>(op, plan, call);
    else
        runGemm<float>(op, plan, call);
    return {};
}

} // namespace ember::model::ops
