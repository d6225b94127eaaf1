// SPDX-License-Identifier: MIT-0
#pragma once

#include "tensor.hpp"

namespace ember {
namespace runtime {

// Windows that move over an image (a series has one row). Channels may come first or last: steps say how far apart
// neighbours lie.

struct ImageWindow
{
    size_t height, width, outHeight, outWidth;
    size_t kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft;
    size_t channelStep, rowStep, columnStep;          ///< of the input
    size_t outChannelStep, outRowStep, outColumnStep; ///< of the result
};

/// Cells of a window along one dimension that lie inside the input: first to before end.
struct WindowSpan
{
    size_t first, end;
    size_t start; ///< start + cell * dilation - pad is the place in the input, for those inside
};

inline WindowSpan spanOf(size_t at, size_t stride, size_t pad, size_t dilation, size_t kernel, size_t size)
{
    WindowSpan span{0, kernel, at * stride};
    while (span.first < kernel && span.start + span.first * dilation < pad)
        ++span.first;
    while (span.end > span.first && span.start + (span.end - 1) * dilation >= size + pad)
        --span.end;
    return span;
}

struct FilterShape
{
    size_t outChannels, inPerGroup, outPerGroup, relu;
};

/// Weights are [outChannels, inPerGroup, kernelHeight, kernelWidth]; padding is zeros.
template <typename X, typename W, typename B>
inline void convolve(const ImageWindow& w, const FilterShape& shape, X x, W weights, B bias, float* y)
{
    const size_t step = w.dilationWidth * w.columnStep;
    for (size_t o = 0; o < shape.outChannels; ++o) {
        const size_t firstChannel = o / shape.outPerGroup * shape.inPerGroup;
        for (size_t oy = 0; oy < w.outHeight; ++oy) {
            const WindowSpan rows = spanOf(oy, w.strideHeight, w.padTop, w.dilationHeight, w.kernelHeight, w.height);
            for (size_t ox = 0; ox < w.outWidth; ++ox) {
                const WindowSpan columns =
                    spanOf(ox, w.strideWidth, w.padLeft, w.dilationWidth, w.kernelWidth, w.width);
                float sum = bias[o];
                for (size_t c = 0; c < shape.inPerGroup; ++c) {
                    for (size_t ky = rows.first; ky < rows.end && columns.first < columns.end; ++ky) {
                        size_t from = (firstChannel + c) * w.channelStep +
                                      (rows.start + ky * w.dilationHeight - w.padTop) * w.rowStep +
                                      (columns.start + columns.first * w.dilationWidth - w.padLeft) * w.columnStep;
                        size_t tap = ((o * shape.inPerGroup + c) * w.kernelHeight + ky) * w.kernelWidth;
                        for (size_t kx = columns.first; kx < columns.end; ++kx) {
                            sum += rounded(x[from] * weights[tap + kx]);
                            from += step;
                        }
                    }
                }
                y[o * w.outChannelStep + oy * w.outRowStep + ox * w.outColumnStep] =
                    shape.relu != 0 && sum < 0.0f ? 0.0f : sum;
            }
        }
    }
}

struct PoolShape
{
    size_t channels, maximum, countPadding;
};

/// Maximum or mean; the mean is over the cells inside, or over the whole window.
template <typename X>
inline void pool(const ImageWindow& w, const PoolShape& shape, X x, float* y)
{
    for (size_t c = 0; c < shape.channels; ++c) {
        for (size_t oy = 0; oy < w.outHeight; ++oy) {
            const WindowSpan rows = spanOf(oy, w.strideHeight, w.padTop, w.dilationHeight, w.kernelHeight, w.height);
            for (size_t ox = 0; ox < w.outWidth; ++ox) {
                const WindowSpan columns =
                    spanOf(ox, w.strideWidth, w.padLeft, w.dilationWidth, w.kernelWidth, w.width);
                float result = 0.0f;
                size_t cells = 0;
                for (size_t ky = rows.first; ky < rows.end; ++ky) {
                    for (size_t kx = columns.first; kx < columns.end; ++kx, ++cells) {
                        const float value =
                            x[c * w.channelStep + (rows.start + ky * w.dilationHeight - w.padTop) * w.rowStep +
                              (columns.start + kx * w.dilationWidth - w.padLeft) * w.columnStep];
                        if (shape.maximum != 0)
                            result = cells == 0 ? value : greater(result, value);
                        else
                            result += value;
                    }
                }
                if (shape.maximum == 0)
                    result = result / real(shape.countPadding != 0 ? w.kernelHeight * w.kernelWidth : cells);
                y[c * w.outChannelStep + oy * w.outRowStep + ox * w.outColumnStep] = result;
            }
        }
    }
}

} // namespace runtime
} // namespace ember
