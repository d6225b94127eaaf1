// SPDX-License-Identifier: GPL-3.0-or-later
// Windows that move over 1 to 3 spatial dimensions, brought to three. Private to core/model.
#pragma once

#include "core/model/ops/op.h"

#include <array>

namespace ember::model::ops {

/// One value of an image, volume or series: always depth, height, width; missing ones are 1.
struct Volume
{
    qint64 batch = 1;
    std::array<qint64, 3> size{1, 1, 1};
    qint64 channels = 1;

    qint64 cells() const { return size[0] * size[1] * size[2]; }
};

/// How a window walks. Unused leading dimensions have kernel, stride and dilation 1 and no padding.
struct Walk
{
    std::array<qint64, 3> kernel{1, 1, 1};
    std::array<qint64, 3> stride{1, 1, 1};
    std::array<qint64, 3> dilation{1, 1, 1};
    std::array<qint64, 3> padBegin{0, 0, 0};
    std::array<qint64, 3> padEnd{0, 0, 0};
    std::array<qint64, 3> output{1, 1, 1};

    qint64 taps() const { return kernel[0] * kernel[1] * kernel[2]; }
    qint64 outputs() const { return output[0] * output[1] * output[2]; }
};

/// Reads N,C and spatial sizes. Errors: Unsupported for other than 3 to 5 dimensions (1 to 3 spatial ones).
Result<Volume> volumeOf(const Shape& shape, Layout layout);
/// The shape of `volume` with other spatial sizes and channels, in the rank and layout of `like`.
Shape shapeLike(const Shape& like, Layout layout, const std::array<qint64, 3>& size, qint64 channels);

/// Sizes, padding and output of a window over an input. `kernel` holds the spatial sizes. Errors: BadData for strides,
/// dilations, pads and kernels that make no sense or leave no output.
Result<Walk> walkOf(const Window& window, const std::vector<qint64>& kernel, const Volume& input,
                    bool ceilMode = false);

/// N,C,spatial to N,spatial,C for elements of `T`, and back.
template <typename T>
std::vector<T> toChannelsLast(std::span<const T> from, qint64 batch, qint64 channels, qint64 cells)
{
    std::vector<T> to(from.size());
    for (qint64 n = 0; n < batch; ++n) {
        const T* source = from.data() + n * channels * cells;
        T* target = to.data() + n * channels * cells;
        for (qint64 c = 0; c < channels; ++c) {
            for (qint64 i = 0; i < cells; ++i)
                target[i * channels + c] = source[c * cells + i];
        }
    }
    return to;
}

template <typename T>
void toChannelsFirst(std::span<const T> from, qint64 batch, qint64 channels, qint64 cells, std::span<T> to)
{
    for (qint64 n = 0; n < batch; ++n) {
        const T* source = from.data() + n * channels * cells;
        T* target = to.data() + n * channels * cells;
        for (qint64 c = 0; c < channels; ++c) {
            for (qint64 i = 0; i < cells; ++i)
                target[c * cells + i] = source[i * channels + c];
        }
    }
}

} // namespace ember::model::ops
