// SPDX-License-Identifier: GPL-3.0-or-later
// Products of matrices, and the models that are little else.
#include "core/codegen/classic/program_builder.h"

namespace ember::codegen {
namespace {

constexpr qint64 kMaxPower = 16;

/// Weights as rows of `in` for each output, whatever way the graph has them.
struct DenseWeights
{
    qint64 in = 0;
    qint64 out = 0;
    std::vector<float> rows;
    std::vector<float> bias;
    bool relu = false;
};

/// Does nothing when the model's own numbers are wanted; a product with one is exact.
std::vector<float> scaled(std::vector<float> values, float factor)
{
    for (float& value : values)
        value *= factor;
    return values;
}

void pushDense(ProgramBuilder& to, const StepOperand& x, const DenseWeights& dense, const StepOperand& y)
{
    const StepOperand weights = to.constant(dense.rows);
    const StepOperand bias = to.constant(dense.bias);
    to.push(ProgramKernel::Dense, StepFunction::None, {x, weights, bias}, y, {dense.in, dense.out, dense.relu ? 1 : 0});
}

WhyNot takeDense(ProgramBuilder& to, const model::Node& node, bool rowsAreOutputs, float alpha, float beta, bool relu)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    const model::Tensor* weights = to.constantTensor(node.inputs[1]);
    if (!weights || weights->rank() != 2 || x.at.place == Place::Constant)
        return QStringLiteral("a dense layer whose weights are no constant matrix");
    DenseWeights dense;
    dense.out = weights->shape()[rowsAreOutputs ? 0 : 1];
    dense.in = weights->shape()[rowsAreOutputs ? 1 : 0];
    dense.relu = relu;
    if (x.count() != dense.in)
        return QStringLiteral("a dense layer on more than one row");
    const std::vector<float> stored = scaled(weights->toFloat(), alpha);
    dense.rows.resize(stored.size());
    for (qint64 o = 0; o < dense.out; ++o) {
        for (qint64 i = 0; i < dense.in; ++i)
            dense.rows[static_cast<std::size_t>(o * dense.in + i)] =
                stored[static_cast<std::size_t>(rowsAreOutputs ? o * dense.in + i : i * dense.out + o)];
    }
    dense.bias.assign(static_cast<std::size_t>(dense.out), 0.0f);
    if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
        const model::Tensor* given = to.constantTensor(node.inputs[2]);
        if (!given || (given->size() != dense.out && given->size() != 1))
            return QStringLiteral("a dense layer whose bias is no constant vector");
        const std::vector<float> values = scaled(given->toFloat(), beta);
        for (std::size_t o = 0; o < dense.bias.size(); ++o)
            dense.bias[o] = values[values.size() == 1 ? 0 : o];
    }
    pushDense(to, x.at, dense, to.result(node.outputs[0]).at);
    return {};
}

/// Scores of a classifier to what the model says: the transform, in place of the raw ones.
WhyNot pushTransform(ProgramBuilder& to, model::PostTransform transform, const StepOperand& raw, qint64 count,
                     const std::string& name)
{
    if (name.empty())
        return {};
    switch (transform) {
    case model::PostTransform::None:
        to.set(name, {raw, to.shapeOf(name)});
        return {};
    case model::PostTransform::Softmax:
        to.push(ProgramKernel::Softmax, StepFunction::None, {raw}, to.result(name).at, {1, count});
        return {};
    case model::PostTransform::Logistic:
        to.push(ProgramKernel::Unary, StepFunction::Logistic, {raw}, to.result(name).at, {count});
        return {};
    case model::PostTransform::SoftmaxZero:
    case model::PostTransform::Probit:
        break;
    }
    return QStringLiteral("a classifier with the transform Probit or SoftmaxZero");
}

/// The first output of a classifier's node: the index of the largest of some numbers.
void pushWinner(ProgramBuilder& to, const StepOperand& scores, qint64 count, const std::string& name)
{
    if (!name.empty())
        to.push(ProgramKernel::ArgExtreme, StepFunction::None, {scores}, to.result(name).at, {1, count, 1});
}

std::string outputOf(const model::Node& node, std::size_t index)
{
    return index < node.outputs.size() ? node.outputs[index] : std::string();
}

} // namespace

WhyNot take(ProgramBuilder& to, const model::Gemm& gemm, const model::Node& node)
{
    if (gemm.transposeA)
        return QStringLiteral("the operator Gemm with a transposed input");
    return takeDense(to, node, gemm.transposeB, gemm.alpha, gemm.beta, false);
}

WhyNot take(ProgramBuilder& to, const model::Dense& dense, const model::Node& node)
{
    if (dense.activation != model::Activation::None && dense.activation != model::Activation::Relu)
        return QStringLiteral("a dense layer with an activation other than relu");
    return takeDense(to, node, true, 1, 1, dense.activation == model::Activation::Relu);
}

WhyNot take(ProgramBuilder& to, const model::MatMul& matMul, const model::Node& node)
{
    const ProgramValue a = to.operand(node.inputs[0]);
    const model::Tensor* weights = to.constantTensor(node.inputs[1]);
    if (weights && weights->rank() == 2 && !matMul.transposeA && a.at.place != Place::Constant && !a.shape.empty() &&
        a.count() == a.shape.back())
        return takeDense(to, node, matMul.transposeB, 1, 1, false);
    const ProgramValue b = to.operand(node.inputs[1]);
    const auto isMatrix = [](const model::Shape& shape) {
        return shape.size() >= 2 && productOf(shape, 0, shape.size() - 2) == 1;
    };
    if (!isMatrix(a.shape) || !isMatrix(b.shape))
        return QStringLiteral("the operator MatMul on %1 and %2")
            .arg(model::shapeText(a.shape), model::shapeText(b.shape));
    const qint64 aWidth = a.shape.back();
    const qint64 bWidth = b.shape.back();
    const qint64 aRows = a.shape[a.shape.size() - 2];
    const qint64 bRows = b.shape[b.shape.size() - 2];
    to.push(ProgramKernel::MatrixProduct, StepFunction::None, {a.at, b.at}, to.result(node.outputs[0]).at,
            {matMul.transposeA ? aWidth : aRows, matMul.transposeA ? aRows : aWidth, matMul.transposeB ? bRows : bWidth,
             matMul.transposeA ? 1 : aWidth, matMul.transposeA ? aWidth : 1, matMul.transposeB ? 1 : bWidth,
             matMul.transposeB ? bWidth : 1});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::LinearModel& linear, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    DenseWeights dense;
    dense.out = linear.targets;
    dense.in = static_cast<qint64>(linear.coefficients.size()) / linear.targets;
    dense.rows = linear.coefficients;
    dense.bias = linear.intercepts;
    dense.bias.resize(static_cast<std::size_t>(dense.out), 0.0f);
    if (x.count() != dense.in)
        return QStringLiteral("a linear model on more than one row");
    if (linear.classifier && linear.classes == 2 && linear.targets == 1) {
        // One score for two classes says -s and s.
        const std::vector<float> negative = scaled(dense.rows, -1.0f);
        dense.rows.insert(dense.rows.begin(), negative.begin(), negative.end());
        dense.bias.insert(dense.bias.begin(), -dense.bias.front());
        dense.out = 2;
    }
    const StepOperand raw = to.scratch(dense.out);
    pushDense(to, x.at, dense, raw);
    if (!linear.classifier)
        return pushTransform(to, linear.transform, raw, dense.out, outputOf(node, 0));
    pushWinner(to, raw, dense.out, outputOf(node, 0));
    return pushTransform(to, linear.transform, raw, dense.out, outputOf(node, 1));
}

namespace {

/// The kernel of a row with each support vector.
WhyNot pushKernels(ProgramBuilder& to, const model::SvmModel& svm, const StepOperand& x, qint64 vectors,
                   const StepOperand& y)
{
    const auto times = [&](float factor) {
        to.push(ProgramKernel::Binary, StepFunction::Multiply, {y, to.constant({factor})}, y,
                {1, 1, vectors, 0, 0, 1, 0, 0, 0});
    };
    if (svm.kernel == model::KernelKind::Rbf) {
        to.push(ProgramKernel::Distances, StepFunction::SquaredDifference, {x, to.constant(svm.vectors)}, y,
                {vectors, svm.features});
        times(-svm.gamma);
        to.push(ProgramKernel::Unary, StepFunction::Exponential, {y}, y, {vectors});
        return {};
    }
    DenseWeights products{svm.features, vectors, svm.vectors, {}, false};
    if (svm.kernel != model::KernelKind::Linear)
        products.rows = scaled(svm.vectors, svm.gamma);
    products.bias.assign(static_cast<std::size_t>(vectors), svm.kernel == model::KernelKind::Linear ? 0.0f : svm.coef0);
    pushDense(to, x, products, y);
    if (svm.kernel == model::KernelKind::Sigmoid)
        to.push(ProgramKernel::Unary, StepFunction::Tangent, {y}, y, {vectors});
    if (svm.kernel == model::KernelKind::Polynomial) {
        const auto degree = static_cast<qint64>(svm.degree);
        if (svm.degree < 1 || degree > kMaxPower || static_cast<float>(degree) < svm.degree)
            return QStringLiteral("a support vector machine with the degree %1").arg(static_cast<double>(svm.degree));
        to.push(ProgramKernel::Power, StepFunction::None, {y}, y, {vectors, degree});
    }
    return {};
}

WhyNot takePairs(ProgramBuilder& to, const model::SvmModel& svm, const StepOperand& kernels, qint64 vectors,
                 const model::Node& node)
{
    std::vector<float> firsts = {0.0f};
    for (const qint64 count : svm.vectorsPerClass)
        firsts.push_back(firsts.back() + static_cast<float>(count));
    const qint64 pairs = svm.classes * (svm.classes - 1) / 2;
    const StepOperand decisions = to.scratch(pairs);
    to.push(ProgramKernel::PairDecisions, StepFunction::None,
            {kernels, to.constant(svm.coefficients), to.constant(svm.rho), to.constant(firsts)}, decisions,
            {svm.classes, vectors});
    if (!outputOf(node, 0).empty())
        to.push(ProgramKernel::PairWinner, StepFunction::None, {decisions}, to.result(node.outputs[0]).at,
                {svm.classes});
    StepOperand raw = decisions;
    if (svm.classes == 2) {
        raw = to.scratch(2);
        to.push(ProgramKernel::Binary, StepFunction::Multiply, {to.constant({1.0f, -1.0f}), decisions}, raw,
                {1, 1, 2, 0, 0, 1, 0, 0, 0});
    }
    return pushTransform(to, svm.transform, raw, svm.classes == 2 ? 2 : pairs, outputOf(node, 1));
}

} // namespace

WhyNot take(ProgramBuilder& to, const model::SvmModel& svm, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    if (!svm.probA.empty())
        return QStringLiteral("a support vector machine with probabilities");
    if (svm.oneClass)
        return QStringLiteral("a support vector machine that says only inside or outside");
    if (x.count() != svm.features)
        return QStringLiteral("a support vector machine on more than one row");
    const qint64 vectors = static_cast<qint64>(svm.vectors.size()) / svm.features;
    if (vectors == 0) {
        if (svm.kernel != model::KernelKind::Linear)
            return QStringLiteral("a support vector machine without vectors");
        const qint64 out = svm.classifier ? svm.classes : 1;
        const DenseWeights dense{svm.features, out, svm.coefficients,
                                 std::vector<float>(static_cast<std::size_t>(out), svm.rho.front()), false};
        const StepOperand raw = to.scratch(out);
        pushDense(to, x.at, dense, raw);
        if (svm.classifier)
            pushWinner(to, raw, out, outputOf(node, 0));
        return pushTransform(to, svm.transform, raw, out, outputOf(node, svm.classifier ? 1 : 0));
    }
    const StepOperand kernels = to.scratch(vectors);
    if (WhyNot why = pushKernels(to, svm, x.at, vectors, kernels); !why.isEmpty())
        return why;
    if (svm.classifier)
        return takePairs(to, svm, kernels, vectors, node);
    const StepOperand raw = to.scratch(1);
    pushDense(to, kernels, {vectors, 1, svm.coefficients, {svm.rho.front()}, false}, raw);
    return pushTransform(to, svm.transform, raw, 1, outputOf(node, 0));
}

} // namespace ember::codegen
