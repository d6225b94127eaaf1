// SPDX-License-Identifier: GPL-3.0-or-later
// What moves elements, asks for shapes or makes values. Part of operations.h.
#pragma once

#include "core/model/operations_layers.h"

#include <vector>

namespace ember::model {

/// x, shape. -1 is what is left; 0 keeps the dimension unless `zeroIsZero`.
struct Reshape
{
    bool zeroIsZero = false;
};

/// x, [axes]; without axes every dimension of 1 goes.
struct Squeeze
{
    std::vector<qint64> axes;
};

/// x, [axes].
struct Unsqueeze
{
    std::vector<qint64> axes;
};

/// x to two dimensions: those before the axis and those from it on.
struct Flatten
{
    qint64 axis = 1;
};

/// x, shape: broadcast both ways.
struct Expand
{};

/// x, repeats.
struct Tile
{};

/// x; an empty permutation reverses the dimensions.
struct Transpose
{
    std::vector<qint64> permutation;
};

/// Any number of values.
struct Concat
{
    qint64 axis = 0;
};

/// x, [sizes]; without sizes equal parts, the last one smaller if need be.
struct Split
{
    qint64 axis = 0;
    std::vector<qint64> sizes;
};

/// x, starts, ends, [axes], [steps].
struct Slice
{};

/// x, begin, end, strides: TensorFlow's form with its bit masks.
struct StridedSlice
{
    qint32 beginMask = 0;
    qint32 endMask = 0;
    qint32 ellipsisMask = 0;
    qint32 newAxisMask = 0;
    qint32 shrinkAxisMask = 0;
};

enum class PadMode : quint8
{
    Constant,
    Reflect,   ///< the edge is not repeated
    Symmetric, ///< the edge is repeated
    Edge,
    Wrap
};

/// x, pads, [value], [axes]. Pads are begin... end..., or begin, end for each dimension when `pairs`.
struct Pad
{
    PadMode mode = PadMode::Constant;
    bool pairs = false;
};

/// x, indices.
struct Gather
{
    qint64 axis = 0;
};

/// x, indices of the shape of the result.
struct GatherElements
{
    qint64 axis = 0;
};

/// x, indices whose last dimension points into x.
struct GatherNd
{};

/// x, indices, updates: x with some elements replaced.
struct ScatterElements
{
    qint64 axis = 0;
};

/// x: its shape as Int64 (Int32 from TensorFlow), from `begin` to before `end`.
struct ShapeOf
{
    qint64 begin = 0;
    qint64 end = 1'000'000;
    TensorType type = TensorType::Int64;
};

/// x: the number of its elements.
struct SizeOf
{};

/// start, limit, delta.
struct Range
{};

/// shape, [value]: ONNX's ConstantOfShape carries the value as a constant.
struct Fill
{};

/// x (its shape), ones on the k-th diagonal.
struct EyeLike
{
    qint64 diagonal = 0;
    bool ofInputType = true;
    TensorType type = TensorType::Float32;
};

/// indices, depth, values [off, on].
struct OneHot
{
    qint64 axis = -1;
};

/// x: blocks of cells to channels or back. `columnRowDepth` is ONNX's CRD order.
struct DepthSpace
{
    bool toDepth = false;
    qint64 block = 1;
    bool columnRowDepth = false;
    Layout layout = Layout::ChannelsLast;
};

enum class ResizeKind : quint8
{
    Nearest,
    Linear,
    Cubic
};

enum class ResizeOrigin : quint8
{
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    CropAndResize
};

enum class NearestKind : quint8
{
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil
};

enum class AspectPolicy : quint8
{
    Stretch,
    NotLarger,
    NotSmaller
};

/// x, [region of interest], [scales], [sizes].
struct Resize
{
    ResizeKind kind = ResizeKind::Nearest;
    ResizeOrigin origin = ResizeOrigin::HalfPixel;
    NearestKind nearest = NearestKind::RoundPreferFloor;
    AspectPolicy policy = AspectPolicy::Stretch;
    std::vector<qint64> axes;
    float cubicA = -0.75f;
    float extrapolation = 0.0f;
    bool excludeOutside = false;
    bool antialias = false;
};

} // namespace ember::model
