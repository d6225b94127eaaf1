// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/network/memory_planner.h"
#include "core/model/interpreter.h"

#include <QByteArray>
#include <QString>

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

/// AnyScale, ReluScale and ByteScale of device-agent/runtime/nn/scale.hpp.
enum class LayerScale : quint8
{
    Any,
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
    int groups() const { return (kernelHeight * kernelWidth * inChannels + 3) / 4; }
    /// Cells of a row with its padding.
    int ringWidth() const { return std::max((outWidth - 1) * strideX + kernelWidth, padLeft + inWidth); }
};

struct ConvStep
{
    WindowGeometry window;
    LayerTables tables;
    bool backward = false;
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

using StepKind = std::variant<ConvStep, DepthwiseStep, DenseStep, PoolStep, PairStep, LookUpStep, SoftmaxStep>;

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
    qint64 macs = 0;
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
    model::Shape inputShape;
    std::optional<model::Interpreter> interpreter;

    qint64 constantBytes() const;
};

} // namespace ember::codegen
