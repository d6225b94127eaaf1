// SPDX-License-Identifier: GPL-3.0-or-later
// Windows over images and series.
#include "core/codegen/classic/program_builder.h"

#include <algorithm>
#include <array>

namespace ember::codegen {
namespace {

/// Height and width of something; a series has one row.
using Plane = std::array<qint64, 2>;

Plane planeOf(const std::vector<qint64>& spatial, qint64 missing)
{
    if (spatial.empty())
        return {missing, missing};
    return spatial.size() == 1 ? Plane{missing, spatial[0]} : Plane{spatial[0], spatial[1]};
}

/// An image, with what it takes to go to the next channel, row and column.
struct Image
{
    qint64 channels = 0;
    Plane size{};
    qint64 channelStep = 0, rowStep = 0, columnStep = 0;
};

std::optional<Image> imageOf(const model::Shape& shape, model::Layout layout)
{
    if ((shape.size() != 3 && shape.size() != 4) || shape[0] != 1)
        return std::nullopt;
    const bool first = layout == model::Layout::ChannelsFirst;
    Image image;
    image.channels = first ? shape[1] : shape.back();
    const size_t rows = first ? 2 : 1;
    image.size = shape.size() == 3 ? Plane{1, shape[rows]} : Plane{shape[rows], shape[rows + 1]};
    image.channelStep = first ? image.size[0] * image.size[1] : 1;
    image.columnStep = first ? 1 : image.channels;
    image.rowStep = image.columnStep * image.size[1];
    return image;
}

/// Padding before an input along one dimension.
qint64 padBefore(model::Padding padding, qint64 explicitPad, qint64 in, qint64 out, qint64 stride, qint64 reach)
{
    switch (padding) {
    case model::Padding::Explicit:
        return explicitPad;
    case model::Padding::Valid:
        return 0;
    case model::Padding::SameUpper:
    case model::Padding::SameLower:
        break;
    }
    const qint64 total = std::max<qint64>((out - 1) * stride + reach - in, 0);
    return padding == model::Padding::SameLower ? total - total / 2 : total / 2;
}

/// The numbers of runtime::ImageWindow.
std::vector<qint64> windowNumbers(const model::Window& window, const Plane& kernel, const Image& in, const Image& out)
{
    const Plane stride = planeOf(window.strides, 1);
    const Plane dilation = planeOf(window.dilations, 1);
    const Plane explicitPad = planeOf(window.padsBegin, 0);
    Plane pad{};
    for (std::size_t d = 0; d < 2; ++d)
        pad[d] = padBefore(window.padding, explicitPad[d], in.size[d], out.size[d], stride[d],
                           (kernel[d] - 1) * dilation[d] + 1);
    return {in.size[0],     in.size[1], out.size[0],   out.size[1],     kernel[0],   kernel[1],
            stride[0],      stride[1],  dilation[0],   dilation[1],     pad[0],      pad[1],
            in.channelStep, in.rowStep, in.columnStep, out.channelStep, out.rowStep, out.columnStep};
}

void setNumbers(ProgramStep& step, const std::vector<qint64>& window, std::initializer_list<qint64> others)
{
    step.numbers.clear();
    for (const qint64 number : window)
        step.numbers.push_back(static_cast<quint32>(number));
    for (const qint64 number : others)
        step.numbers.push_back(static_cast<quint32>(number));
}

/// Weights as [out, in, kernel] whatever the layout.
std::vector<float> channelsFirst(const model::Tensor& weights, model::Layout layout, qint64 inPerGroup)
{
    const std::vector<float> stored = weights.toFloat();
    if (layout == model::Layout::ChannelsFirst)
        return stored;
    const qint64 taps = weights.size() / weights.shape()[0] / inPerGroup;
    std::vector<float> sorted(stored.size());
    for (qint64 o = 0; o < weights.shape()[0]; ++o) {
        for (qint64 t = 0; t < taps; ++t) {
            for (qint64 c = 0; c < inPerGroup; ++c)
                sorted[static_cast<std::size_t>((o * inPerGroup + c) * taps + t)] =
                    stored[static_cast<std::size_t>((o * taps + t) * inPerGroup + c)];
        }
    }
    return sorted;
}

} // namespace

WhyNot take(ProgramBuilder& to, const model::Conv& conv, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    const model::Tensor* weights = to.constantTensor(node.inputs[1]);
    const auto in = imageOf(x.shape, conv.layout);
    const auto out = imageOf(to.shapeOf(node.outputs[0]), conv.layout);
    const bool relu = conv.activation == model::Activation::Relu;
    if (!weights || !in || !out || (conv.activation != model::Activation::None && !relu))
        return inThisForm(node);
    const bool first = conv.layout == model::Layout::ChannelsFirst;
    const model::Shape& shape = weights->shape();
    const Plane kernel = planeOf(first ? std::vector<qint64>(shape.begin() + 2, shape.end())
                                       : std::vector<qint64>(shape.begin() + 1, shape.end() - 1),
                                 1);
    const qint64 inPerGroup = in->channels / conv.groups;
    std::vector<float> bias(static_cast<std::size_t>(out->channels), 0.0f);
    if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
        const model::Tensor* given = to.constantTensor(node.inputs[2]);
        if (!given || given->size() != out->channels)
            return inThisForm(node);
        bias = given->toFloat();
    }
    const StepOperand w = to.constant(channelsFirst(*weights, conv.layout, inPerGroup));
    const StepOperand b = to.constant(bias);
    to.push(ProgramKernel::Convolve, StepFunction::None, {x.at, w, b}, to.result(node.outputs[0]).at, {});
    setNumbers(to.lastStep(), windowNumbers(conv.window, kernel, *in, *out),
               {out->channels, inPerGroup, out->channels / conv.groups, relu ? 1 : 0});
    return {};
}

WhyNot take(ProgramBuilder& to, const model::Pool& pool, const model::Node& node)
{
    const ProgramValue x = to.operand(node.inputs[0]);
    const auto in = imageOf(x.shape, pool.layout);
    const auto out = imageOf(to.shapeOf(node.outputs[0]), pool.layout);
    const bool padded =
        std::any_of(pool.window.padsEnd.begin(), pool.window.padsEnd.end(), [](qint64 pad) { return pad != 0; });
    if (!in || !out || pool.kind == model::PoolKind::Lp || pool.ceilMode || (pool.countPadding && padded) ||
        pool.activation != model::Activation::None || (node.outputs.size() > 1 && !node.outputs[1].empty()))
        return inThisForm(node);
    to.push(ProgramKernel::Pool, StepFunction::None, {x.at}, to.result(node.outputs[0]).at, {});
    setNumbers(to.lastStep(), windowNumbers(pool.window, planeOf(pool.kernel, 1), *in, *out),
               {in->channels, pool.kind == model::PoolKind::Maximum ? 1 : 0, pool.countPadding ? 1 : 0});
    return {};
}

} // namespace ember::codegen
