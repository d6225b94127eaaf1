// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/lower_layers.h"

#include "core/codegen/network/layer_tables.h"
#include "core/codegen/network/lower_functions.h"
#include "core/codegen/network/pack_weights.h"

namespace ember::codegen {
namespace {

using Lowered = Result<std::optional<StepKind>>;

constexpr qint64 kMaxSize = 65535; // of a dimension, in the kernels

/// Height, width and channels of 1xHxWxC or 1xWxC.
struct Image
{
    qint64 height = 1, width = 1, channels = 1;
};

Result<Image> imageOf(const model::Shape& shape)
{
    if (shape.size() != 3 && shape.size() != 4)
        return noKernel(QStringLiteral("a window over values of %1").arg(model::shapeText(shape)));
    if (shape.front() != 1)
        return noKernel(QStringLiteral("a batch of %1").arg(shape.front()));
    for (const qint64 size : shape) {
        if (size < 1 || size > kMaxSize)
            return noKernel(QStringLiteral("values of %1").arg(model::shapeText(shape)));
    }
    return Image{shape.size() == 4 ? shape[1] : 1, shape[shape.size() - 2], shape.back()};
}

/// What a list of one or two numbers says of rows and columns.
struct PerDirection
{
    qint64 rows = 0, columns = 0;
};

PerDirection perDirection(const std::vector<qint64>& list, qint64 otherwise)
{
    if (list.empty())
        return {otherwise, otherwise};
    return {list.size() > 1 ? list[0] : otherwise, list.back()};
}

qint64 samePadding(qint64 in, qint64 out, qint64 stride, qint64 kernel, model::Padding padding)
{
    const qint64 total = std::max<qint64>(0, (out - 1) * stride + kernel - in);
    return padding == model::Padding::SameLower ? total - total / 2 : total / 2;
}

Result<WindowGeometry> windowOf(const model::Window& window, PerDirection kernel, const NodeValues& values)
{
    EMBER_TRY(const Image in, imageOf(values.in(0).shape));
    EMBER_TRY(const Image out, imageOf(values.output->shape));
    const PerDirection dilation = perDirection(window.dilations, 1);
    if (dilation.rows != 1 || dilation.columns != 1)
        return noKernel(QStringLiteral("a window with gaps (dilation)"));
    const bool flat = values.in(0).shape.size() == 3;
    PerDirection stride = perDirection(window.strides, 1);
    PerDirection pad = perDirection(window.padsBegin, 0);
    if (flat)
        stride.rows = 1;
    if (window.padding == model::Padding::Valid || flat)
        pad.rows = 0;
    if (window.padding == model::Padding::Valid)
        pad.columns = 0;
    if (window.padding == model::Padding::SameUpper || window.padding == model::Padding::SameLower) {
        pad.rows = flat ? 0 : samePadding(in.height, out.height, stride.rows, kernel.rows, window.padding);
        pad.columns = samePadding(in.width, out.width, stride.columns, kernel.columns, window.padding);
    }
    for (const qint64 size : {kernel.rows, kernel.columns, stride.rows, stride.columns}) {
        if (size < 1 || size > kMaxSize)
            return noKernel(QStringLiteral("a window of %1").arg(size));
    }
    if (pad.rows >= kernel.rows || pad.columns >= kernel.columns)
        return noKernel(QStringLiteral("padding as wide as the window"));
    // The same at the other end: the kernels rely on a cell of the image in every window.
    if ((out.height - 1) * stride.rows - pad.rows >= in.height ||
        (out.width - 1) * stride.columns - pad.columns >= in.width)
        return noKernel(QStringLiteral("a window that lies in the padding"));
    const auto narrow = [](qint64 size) { return static_cast<int>(size); };
    return WindowGeometry{narrow(in.height),      narrow(in.width),    narrow(in.channels),    narrow(kernel.rows),
                          narrow(kernel.columns), narrow(stride.rows), narrow(stride.columns), narrow(pad.rows),
                          narrow(pad.columns),    narrow(out.height),  narrow(out.width),      narrow(out.channels)};
}

Result<WindowGeometry> windowOfWeights(const model::Window& window, const NodeValues& values)
{
    const model::Shape& shape = values.in(1).shape;
    if (shape.size() != values.in(0).shape.size())
        return noKernel(QStringLiteral("weights of %1").arg(model::shapeText(shape)));
    return windowOf(window, {shape.size() == 4 ? shape[1] : 1, shape[shape.size() - 2]}, values);
}

std::vector<qint8> weightsOf(const NodeValues& values)
{
    const std::span<const qint8> weights = values.constants[1]->value.as<qint8>();
    return {weights.begin(), weights.end()};
}

Lowered lowerOne(const model::Conv& conv, const NodeValues& values)
{
    if (conv.groups != 1)
        return noKernel(QStringLiteral("a convolution in %1 groups").arg(conv.groups));
    if (conv.layout != model::Layout::ChannelsLast)
        return noKernel(QStringLiteral("a convolution with channels first"));
    ConvStep step;
    EMBER_TRY(step.window, windowOfWeights(conv.window, values));
    EMBER_TRY(step.tables, layerTables(values, step.window.outChannels, conv.activation, ScaleProduct::Double));
    std::vector<qint8> weights = weightsOf(values);
    foldConstants(weights, step.tables, false);
    EMBER_CHECK(checkSums(weights, step.tables, false));
    packConvolution(weights, step.window, step.tables);
    return std::optional<StepKind>(std::move(step));
}

/// Of one input channel, a depthwise convolution is an ordinary one.
std::vector<qint8> channelsToRows(std::span<const qint8> weights, std::size_t channels)
{
    std::vector<qint8> rows(weights.size());
    const std::size_t taps = weights.size() / channels;
    for (std::size_t tap = 0; tap < taps; ++tap) {
        for (std::size_t channel = 0; channel < channels; ++channel)
            rows[channel * taps + tap] = weights[tap * channels + channel];
    }
    return rows;
}

Lowered lowerOne(const model::DepthwiseConv& conv, const NodeValues& values)
{
    EMBER_TRY(const WindowGeometry window, windowOfWeights(conv.window, values));
    EMBER_TRY(LayerTables tables, layerTables(values, window.outChannels, conv.activation, ScaleProduct::Double));
    std::vector<qint8> weights = weightsOf(values);
    foldConstants(weights, tables, true);
    EMBER_CHECK(checkSums(weights, tables, true));
    if (window.inChannels == 1) {
        packConvolution(channelsToRows(weights, static_cast<std::size_t>(window.outChannels)), window, tables);
        return std::optional<StepKind>(ConvStep{window, std::move(tables)});
    }
    if (window.inChannels != window.outChannels)
        return noKernel(QStringLiteral("a depthwise convolution from %1 to %2 channels")
                            .arg(window.inChannels)
                            .arg(window.outChannels));
    packDepthwise(weights, window, tables);
    return std::optional<StepKind>(DepthwiseStep{window, std::move(tables)});
}

Lowered lowerOne(const model::Dense& dense, const NodeValues& values)
{
    const model::Shape& shape = values.in(1).shape;
    const qint64 all = elementsOf(values.in(0).shape);
    if (shape.size() != 2 || shape[0] < 1 || shape[0] > kMaxSize || shape[1] < 1 || shape[1] > kMaxSize)
        return noKernel(QStringLiteral("dense weights of %1").arg(model::shapeText(shape)));
    DenseStep step{static_cast<int>(all / shape[1]), static_cast<int>(shape[1]), static_cast<int>(shape[0]), {}};
    EMBER_TRY(step.tables, layerTables(values, step.out, dense.activation, ScaleProduct::Single));
    std::vector<qint8> weights = weightsOf(values);
    foldConstants(weights, step.tables, false);
    EMBER_CHECK(checkSums(weights, step.tables, false));
    packDense(weights, step.in, step.tables);
    return std::optional<StepKind>(std::move(step));
}

Lowered lowerOne(const model::Pool& pool, const NodeValues& values)
{
    if (pool.kind == model::PoolKind::Lp || pool.countPadding || pool.layout != model::Layout::ChannelsLast)
        return noKernel(QStringLiteral("this kind of pool"));
    PoolStep step;
    step.average = pool.kind == model::PoolKind::Average;
    EMBER_TRY(step.window, windowOf(pool.window, perDirection(pool.kernel, 1), values));
    EMBER_TRY(step.range, storedRange(pool.activation, *values.output->quantisation));
    return std::optional<StepKind>(std::move(step));
}

} // namespace

Error noKernel(const QString& what)
{
    return Error(ErrorKind::Unsupported, QStringLiteral("Code is not yet generated for %1.").arg(what),
                 QStringLiteral("'emberlab model run' computes such a model on this machine."));
}

bool isReshape(const model::Operation& operation)
{
    const auto* unary = std::get_if<model::Unary>(&operation);
    return std::holds_alternative<model::Reshape>(operation) || std::holds_alternative<model::Squeeze>(operation) ||
           std::holds_alternative<model::Unsqueeze>(operation) || std::holds_alternative<model::Flatten>(operation) ||
           (unary && unary->kind == model::UnaryKind::Identity);
}

bool isStoredInt8(const model::ValueInfo& value)
{
    return value.type == model::TensorType::Int8 && value.quantisation.has_value();
}

qint64 elementsOf(const model::Shape& shape)
{
    qint64 count = 1;
    for (const qint64 size : shape)
        count *= size;
    return count;
}

Lowered lowerOperation(const model::Operation& operation, const NodeValues& values)
{
    if (!values.has(0) || !isStoredInt8(values.in(0)) || !isStoredInt8(*values.output))
        return noKernel(QStringLiteral("an operation on values that are not int8 with a scale"));
    if (isReshape(operation))
        return std::optional<StepKind>();
    return std::visit(
        [&](const auto& op) -> Lowered {
            if constexpr (requires { lowerOne(op, values); })
                return lowerOne(op, values);
            else
                return lowerFunction(operation, values);
        },
        static_cast<const model::OperationKind&>(operation));
}

} // namespace ember::codegen
