// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/memory_planner.h"
#include "core/codegen/options.h"
#include "core/model/graph.h"
#include "core/model/interpreter.h"

#include <QByteArray>
#include <QString>

#include <algorithm>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

namespace ember::codegen {

/// Zero point and limits of what a step stores.
struct StoredRange
{
    qint32 zero = 0;
    qint32 least = -128;
    qint32 most = 127;
};

/// A multiplier as the kernels take it: value * 2^(-31 - right).
struct ChannelScale
{
    qint32 multiplier = 0;
    qint32 right = 0;
};

/// AnyScale, DownScale, ReluScale and ByteScale of device-agent/runtime/nn/scale.hpp.
enum class LayerScale : quint8
{
    Any,
    Down,
    Relu,
    Byte
};

/// Weights in the order of their kernel, and the constants of each output channel. The bias holds what the zero point
/// of the input adds.
struct LayerTables
{
    QByteArray weights;
    std::vector<qint32> bias;
    std::vector<ChannelScale> scales;
    StoredRange range;
    qint32 inputZero = 0;

    /// The shortest of scale.hpp that computes the same.
    LayerScale scale() const;
};

/// A window that moves over an image of rows x columns x channels.
struct WindowGeometry
{
    int inHeight = 1, inWidth = 1, inChannels = 1;
    int kernelHeight = 1, kernelWidth = 1;
    int strideY = 1, strideX = 1;
    int padTop = 0, padLeft = 0;
    int outHeight = 1, outWidth = 1, outChannels = 1;

    /// A kernel of one cell with steps of one: a pixel's result depends on that pixel alone.
    bool isPointwise() const { return kernelHeight == 1 && kernelWidth == 1 && strideY == 1 && strideX == 1; }
    /// Of four lanes, for each row of the kernel and for all.
    int rowGroups() const { return (kernelWidth * inChannels + 3) / 4; }
    int groups() const { return kernelHeight * rowGroups(); }
    /// Cells of a row with its padding.
    int ringWidth() const { return std::max((outWidth - 1) * strideX + kernelWidth, padLeft + inWidth); }
};

struct DepthwiseStep
{
    WindowGeometry window;
    LayerTables tables;
};

struct DenseStep
{
    int rows = 1, in = 1, out = 1;
    LayerTables tables;
};

struct PoolStep
{
    WindowGeometry window;
    bool average = true;
    StoredRange range;
};

enum class PairKind : quint8
{
    Add,
    Subtract,
    Multiply
};

struct PairStep
{
    PairKind kind = PairKind::Add;
    qint64 count = 0;
    qint32 zeroA = 0, zeroB = 0;
    ChannelScale a, b, result;
    StoredRange range;
};

/// What is made of the result by the same kernel is in `sum` or `dense`; see fuse_steps.h.
struct ConvStep
{
    WindowGeometry window;
    LayerTables tables;
    bool backward = false;
    std::optional<PairStep> sum = std::nullopt;    ///< of the result and the step's second input; not with `dense`
    bool sumMadeFirst = false;                     ///< the result is the first of the pair
    std::optional<DenseStep> dense = std::nullopt; ///< that reads the result

    /// Where things are in the step's scratch: columns of lanes, two pixels of the result, sums of `dense`.
    struct Scratch
    {
        qint64 made = 0, sums = 0, bytes = 0;
    };
    Scratch scratch() const;
};

/// Any function of one value.
struct LookUpStep
{
    qint64 count = 0;
    QByteArray table; ///< 256 results, that of -128 first
};

struct SoftmaxStep
{
    int rows = 1, size = 1;
    std::vector<qint32> exponentials; ///< exp(-d * scale) in Q0.31
};

/// Adds, subtracts, multiplies by or divides by a constant of each element.
struct RealStep
{
    model::BinaryKind kind = model::BinaryKind::Add;
    std::vector<float> operands;

    bool isUniform() const
    {
        return std::adjacent_find(operands.begin(), operands.end(), std::not_equal_to<>()) == operands.end();
    }
};

/// Features, after arithmetic with constants in float32, as integers.
struct QuantiseStep
{
    qint64 count = 0;
    std::vector<quint16> source; ///< feature of each element; empty: in order
    std::vector<RealStep> arithmetic;
    float scale = 1;
    qint32 zero = 0;
};

/// Rows of bytes of one input, at their places there and in the result.
struct MovePart
{
    int input = 0; ///< of the step's
    qint64 from = 0, fromStep = 0, to = 0, toStep = 0, rows = 1, bytes = 0;
};

/// The same numbers at other places.
struct MoveStep
{
    qint64 count = 0;
    std::optional<qint32> fill = std::nullopt; ///< of what no part covers
    std::vector<MovePart> parts;
};

using StepKind = std::variant<ConvStep, DepthwiseStep, DenseStep, PoolStep, PairStep, LookUpStep, SoftmaxStep,
                              QuantiseStep, MoveStep>;

constexpr int kNetworkInput = -1; ///< the caller's features, which are only read

/// One call of a kernel. Values are numbered; the last step makes the network's output.
struct NetworkStep
{
    StepKind kind;
    QString name; ///< of the operation
    std::vector<int> inputs;
    int output = 0;
    qint64 scratchBytes = 0;
    qint64 scratchOffset = 0; ///< in the arena
};

struct NetworkValue
{
    qint64 bytes = 0;
    qint64 offset = -1; ///< in the arena; -1 for the network's output, which is the caller's
};

/// An int8 network of one input and one output as calls of the kernels in device-agent/runtime/nn. The interpreter is
/// what the desktop runs.
struct LoweredNetwork
{
    std::vector<NetworkStep> steps;
    std::vector<NetworkValue> values;
    ArenaPlan arena;
    model::ValueInfo input;
    FeatureType featureType = FeatureType::Int8; ///< in which the code takes the input
    model::Quantisation outputQuantisation;
    int compared = -1; ///< value whose largest element is the class; -1: none is chosen
    /// Its outputs are the network's, and the compared value if that is another one.
    std::optional<model::Interpreter> interpreter;

    qint64 constantBytes() const;
};

} // namespace ember::codegen
