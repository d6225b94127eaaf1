// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/window.h"

#include <algorithm>

namespace ember::model::ops {
namespace {

constexpr qint64 kMaxStep = 1'000'000; // of a kernel, stride, dilation or pad

Status readList(const std::vector<qint64>& list, std::size_t spatial, qint64 least, const char* what,
                std::array<qint64, 3>& into)
{
    if (list.empty())
        return {};
    if (list.size() != spatial)
        return bad(QStringLiteral("%1 %2 for %3 dimensions").arg(list.size()).arg(QLatin1String(what)).arg(spatial));
    for (std::size_t i = 0; i < spatial; ++i) {
        if (list[i] < least || list[i] > kMaxStep)
            return bad(QStringLiteral("%1 of %2").arg(QLatin1String(what)).arg(list[i]));
        into[3 - spatial + i] = list[i];
    }
    return {};
}

} // namespace

Result<Volume> volumeOf(const Shape& shape, Layout layout)
{
    if (shape.size() < 3 || shape.size() > 5)
        return cannot(
            QStringLiteral("an input of %1 where 1 to 3 spatial dimensions are supported").arg(shapeText(shape)));
    const std::size_t spatial = shape.size() - 2;
    Volume volume;
    volume.batch = shape[0];
    volume.channels = layout == Layout::ChannelsFirst ? shape[1] : shape.back();
    for (std::size_t i = 0; i < spatial; ++i)
        volume.size[3 - spatial + i] = shape[(layout == Layout::ChannelsFirst ? 2 : 1) + i];
    return volume;
}

Shape shapeLike(const Shape& like, Layout layout, const std::array<qint64, 3>& size, qint64 channels)
{
    const std::size_t spatial = like.size() - 2;
    Shape shape{like[0]};
    if (layout == Layout::ChannelsFirst)
        shape.push_back(channels);
    for (std::size_t i = 0; i < spatial; ++i)
        shape.push_back(size[3 - spatial + i]);
    if (layout == Layout::ChannelsLast)
        shape.push_back(channels);
    return shape;
}

Result<Walk> walkOf(const Window& window, const std::vector<qint64>& kernel, const Volume& input, bool ceilMode)
{
    Walk walk;
    const std::size_t spatial = kernel.size();
    if (spatial < 1 || spatial > 3)
        return cannot(QStringLiteral("a window over %1 dimensions").arg(spatial));
    EMBER_CHECK(readList(kernel, spatial, 1, "kernel sizes", walk.kernel));
    EMBER_CHECK(readList(window.strides, spatial, 1, "strides", walk.stride));
    EMBER_CHECK(readList(window.dilations, spatial, 1, "dilations", walk.dilation));
    if (window.padding == Padding::Explicit) {
        EMBER_CHECK(readList(window.padsBegin, spatial, 0, "pads", walk.padBegin));
        EMBER_CHECK(readList(window.padsEnd, spatial, 0, "pads", walk.padEnd));
    }
    for (std::size_t d = 3 - spatial; d < 3; ++d) {
        const qint64 reach = (walk.kernel[d] - 1) * walk.dilation[d] + 1;
        if (window.padding == Padding::SameUpper || window.padding == Padding::SameLower) {
            walk.output[d] = (input.size[d] + walk.stride[d] - 1) / walk.stride[d];
            const qint64 total = std::max<qint64>(0, (walk.output[d] - 1) * walk.stride[d] + reach - input.size[d]);
            walk.padBegin[d] = window.padding == Padding::SameUpper ? total / 2 : total - total / 2;
            walk.padEnd[d] = total - walk.padBegin[d];
            continue;
        }
        const qint64 room = input.size[d] + walk.padBegin[d] + walk.padEnd[d] - reach;
        if (room < 0)
            return bad(QStringLiteral("a window of %1 over %2 cells").arg(reach).arg(input.size[d]));
        walk.output[d] = (ceilMode ? (room + walk.stride[d] - 1) / walk.stride[d] : room / walk.stride[d]) + 1;
        // A window that would begin in the padding behind the data does not count.
        if (ceilMode && (walk.output[d] - 1) * walk.stride[d] >= input.size[d] + walk.padBegin[d])
            --walk.output[d];
    }
    // A kernel of weights is as large as the file; that of a pool is only numbers.
    if (saturatedProduct(saturatedProduct(walk.kernel[0], walk.kernel[1]), walk.kernel[2]) > kMaxTensorElements)
        return cannot(QStringLiteral("a window of more than %1 million cells").arg(kMaxTensorElements / 1'000'000));
    return walk;
}

} // namespace ember::model::ops
