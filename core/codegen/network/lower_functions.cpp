// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/lower_functions.h"

#include "core/codegen/network/layer_tables.h"
#include "core/codegen/network/lower_moves.h"
#include "core/codegen/network/pack_weights.h"
#include "core/model/fixed_point.h"

#include <algorithm>
#include <bit>

namespace ember::codegen {
namespace {

using Lowered = Result<std::optional<StepKind>>;

Lowered lowerPair(const model::Binary& op, const NodeValues& values)
{
    PairStep step;
    switch (op.kind) {
    case model::BinaryKind::Add:
        break;
    case model::BinaryKind::Subtract:
        step.kind = PairKind::Subtract;
        break;
    case model::BinaryKind::Multiply:
        step.kind = PairKind::Multiply;
        break;
    default:
        return noKernel(model::operationName(op));
    }
    if (!values.has(1) || values.constants[0] || values.constants[1] || values.in(1).type != model::TensorType::Int8 ||
        !values.in(1).quantisation || values.in(0).shape != values.in(1).shape)
        return noKernel(
            QStringLiteral("%1 of values that differ in shape, or with a constant").arg(model::operationName(op)));
    const auto a = static_cast<double>(values.in(0).quantisation->scale());
    const auto b = static_cast<double>(values.in(1).quantisation->scale());
    const auto out = static_cast<double>(values.output->quantisation->scale());
    step.count = elementsOf(values.in(0).shape);
    step.zeroA = values.in(0).quantisation->zeroPoint();
    step.zeroB = values.in(1).quantisation->zeroPoint();
    EMBER_TRY(step.range, storedRange(op.activation, *values.output->quantisation));
    if (step.kind == PairKind::Multiply) {
        step.result = channelScale(a * b / out);
    } else {
        // Both are brought to twice the larger scale with 20 more bits: the larger one's factor is then a half.
        const double twiceLargest = 2 * std::max(a, b);
        step.a = channelScale(a / twiceLargest);
        step.b = channelScale(b / twiceLargest);
        step.result = channelScale(twiceLargest / ((1 << 20) * out));
    }
    // Sums are below 2^29, products below 2^16.
    if (step.result.right < (step.kind == PairKind::Multiply ? -13 : 0))
        return noKernel(QStringLiteral("%1 whose result is scaled up").arg(model::operationName(op)));
    return std::optional<StepKind>(std::move(step));
}

/// A function of one value as a table: what the interpreter says to all 256.
Result<QByteArray> tableOf(const model::Operation& operation, const NodeValues& values)
{
    constexpr qint64 kValues = 256;
    model::Model model;
    model::ValueInfo in = values.in(0);
    model::ValueInfo out = *values.output;
    in.name = "x";
    out.name = "y";
    in.shape = out.shape = {1, kValues};
    model.graph.inputs = {in};
    model.graph.outputs = {out};
    model.graph.values = {{"y", out}};
    model.graph.nodes.push_back({"f", operation, {"x"}, {"y"}});
    EMBER_TRY(const model::Interpreter interpreter, model::Interpreter::create(std::move(model)));
    std::vector<qint8> all;
    for (int value = -128; value < 128; ++value)
        all.push_back(static_cast<qint8>(value));
    std::vector<model::Tensor> inputs;
    inputs.push_back(model::Tensor::of(all, {1, kValues}));
    EMBER_TRY(const std::vector<model::Tensor> outputs, interpreter.run(std::move(inputs)));
    const std::span<const std::byte> bytes = outputs.front().bytes();
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()));
}

Lowered lowerTable(const model::Operation& operation, const NodeValues& values)
{
    LookUpStep step;
    step.count = elementsOf(values.in(0).shape);
    EMBER_TRY(step.table, tableOf(operation, values));
    return std::optional<StepKind>(std::move(step));
}

Lowered lowerSoftmax(const model::Softmax& op, const NodeValues& values)
{
    const model::Shape& shape = values.in(0).shape;
    const model::Quantisation& out = *values.output->quantisation;
    const bool last = op.axis == -1 || op.axis == static_cast<qint64>(shape.size()) - 1;
    if (op.kind != model::SoftmaxKind::Softmax || op.flatten || !last || shape.empty() || shape.back() > 4095 ||
        out.scale() != 1.0f / 256 || out.zeroPoint() != -128)
        return noKernel(QStringLiteral("this softmax: it must be over the last dimension, to steps of 1/256"));
    SoftmaxStep step;
    step.size = static_cast<int>(shape.back());
    step.rows = static_cast<int>(elementsOf(shape) / shape.back());
    // As core/model/ops/softmax.cpp: differences times beta and scale in Q5.26.
    const double real =
        std::min(static_cast<double>(op.beta) * static_cast<double>(values.in(0).quantisation->scale()) * (1 << 26),
                 2147483647.0);
    const model::Multiplier multiplier = model::makeMultiplier(real);
    const qint32 least = -model::inputRadius(5, multiplier.shift);
    // Exponentials below 2^11 add nothing to the sum (Q12.19 of Q0.31) and are less than half a step of the result.
    constexpr qint32 kCounts = 1 << 11;
    for (qint32 difference = 0; difference < 256 && -difference >= least; ++difference) {
        const qint32 exponential =
            model::expOnNegative(model::scaleBy(-difference, multiplier, model::RequantiseRounding::Double), 5);
        if (exponential < kCounts)
            break;
        step.exponentials.push_back(exponential);
    }
    return std::optional<StepKind>(std::move(step));
}

/// Whether exactly the dimensions between the first and the last are taken together; those of 1 do not matter.
bool isOverImage(const model::Reduce& op, const NodeValues& values)
{
    const auto rank = static_cast<qint64>(values.in(0).shape.size());
    std::vector<qint64> axes = op.axes;
    if (values.has(1)) {
        if (!values.constants[1])
            return false;
        const std::vector<qint64> more = values.constants[1]->value.toInt64();
        axes.insert(axes.end(), more.begin(), more.end());
    }
    for (qint64 d = 0; d < rank; ++d) {
        const bool reduced = axes.empty() || std::any_of(axes.begin(), axes.end(),
                                                         [&](qint64 axis) { return axis == d || axis == d - rank; });
        if (values.in(0).shape[static_cast<std::size_t>(d)] > 1 && reduced != (d > 0 && d + 1 < rank))
            return false;
    }
    return !(axes.empty() && op.noAxesMeansNone);
}

/// A mean over an image is a depthwise convolution with ones, for the reference scales the sum of x - zero once.
Lowered lowerMean(const model::Reduce& op, const NodeValues& values)
{
    const model::Shape& shape = values.in(0).shape;
    const qint64 elements = elementsOf(shape);
    const qint64 kept = elementsOf(values.output->shape);
    if (op.kind != model::ReduceKind::Mean || shape.size() < 3 || shape.front() != 1 || !isOverImage(op, values) ||
        elements / kept > 4096 || shape.back() > 65535)
        return noKernel(QStringLiteral("%1 over anything but an image").arg(model::operationName(op)));
    const int cells = static_cast<int>(elements / kept);
    WindowGeometry window;
    window.inWidth = window.kernelWidth = cells;
    window.inChannels = window.outChannels = static_cast<int>(kept);
    ChannelScale scale = channelScale(static_cast<double>(values.in(0).quantisation->scale()) /
                                      static_cast<double>(values.output->quantisation->scale()));
    // 1/n joins the multiplier as in core/model/ops/reduce.cpp.
    int shift = 31 - std::countl_zero(static_cast<quint32>(cells));
    shift = std::clamp(std::min(shift, 31 - scale.right), 0, 32);
    scale.multiplier = static_cast<qint32>((static_cast<qint64>(scale.multiplier) << shift) / cells);
    scale.right += shift;
    DepthwiseStep step{window, {}};
    step.tables.bias.assign(static_cast<std::size_t>(kept), 0);
    step.tables.scales.assign(static_cast<std::size_t>(kept), scale);
    EMBER_TRY(step.tables.range, storedRange(model::Activation::None, *values.output->quantisation));
    step.tables.inputZero = values.in(0).quantisation->zeroPoint();
    const std::vector<qint8> ones(static_cast<std::size_t>(elements), 1);
    EMBER_CHECK(checkSums(ones, step.tables, true));
    packDepthwise(ones, window, step.tables);
    return std::optional<StepKind>(std::move(step));
}

} // namespace

Result<std::optional<StepKind>> lowerFunction(const model::Operation& operation, const NodeValues& values)
{
    if (const auto* op = std::get_if<model::Binary>(&operation))
        return lowerPair(*op, values);
    if (const auto* op = std::get_if<model::Softmax>(&operation))
        return lowerSoftmax(*op, values);
    if (const auto* op = std::get_if<model::Reduce>(&operation))
        return lowerMean(*op, values);
    if (std::holds_alternative<model::Unary>(operation) || std::holds_alternative<model::Requantise>(operation))
        return lowerTable(operation, values);
    if (isMove(operation))
        return lowerMove(operation, values);
    return noKernel(QStringLiteral("the operator %1").arg(model::operationName(operation)));
}

} // namespace ember::codegen
