// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/accumulate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::model::ops {
namespace {

struct Geometry
{
    Volume in;
    Walk walk;
};

Result<Geometry> geometryOf(const Pool& op, const Shape& x)
{
    Geometry g;
    EMBER_TRY(g.in, volumeOf(x, op.layout));
    if (op.kernel.size() + 2 != x.size())
        return bad(
            QStringLiteral("a window over %1 dimensions for an input of %2").arg(op.kernel.size()).arg(shapeText(x)));
    EMBER_TRY(g.walk, walkOf(op.window, op.kernel, g.in, op.ceilMode));
    for (std::size_t d = 0; d < 3; ++d) {
        // A window that lies in the padding altogether has no maximum and no average.
        if (g.walk.padBegin[d] >= (g.walk.kernel[d] - 1) * g.walk.dilation[d] + 1)
            return bad(
                QStringLiteral("padding of %1 for a window of %2").arg(g.walk.padBegin[d]).arg(g.walk.kernel[d]));
    }
    return g;
}

// Cells of the window that lie within the data and its padding: what an average that counts the padding divides by.
qint64 paddedCells(const Geometry& g, qint64 cell)
{
    std::array<qint64, 3> at{};
    for (std::size_t d = 3; d-- > 0;) {
        at[d] = cell % g.walk.output[d];
        cell /= g.walk.output[d];
    }
    qint64 count = 1;
    for (std::size_t d = 0; d < 3; ++d) {
        qint64 inside = 0;
        for (qint64 k = 0; k < g.walk.kernel[d]; ++k) {
            const qint64 x = at[d] * g.walk.stride[d] - g.walk.padBegin[d] + k * g.walk.dilation[d];
            inside += x >= -g.walk.padBegin[d] && x < g.in.size[d] + g.walk.padEnd[d] ? 1 : 0;
        }
        count *= inside;
    }
    return count;
}

template <typename T>
T averageOf(double sum, qint64 count)
{
    if constexpr (std::is_integral_v<T>) {
        // Half away from zero, as the integer kernels round.
        const auto whole = static_cast<qint64>(sum);
        return static_cast<T>(whole > 0 ? (whole + count / 2) / count : (whole - count / 2) / count);
    } else {
        return static_cast<T>(sum / static_cast<double>(count));
    }
}

// The element of a maximum in the layout of the input.
qint64 flatIndex(const Pool& op, const Geometry& g, qint64 n, qint64 cell, qint64 channel)
{
    if (op.columnMajor) {
        const qint64 x = cell % g.in.size[2];
        const qint64 y = cell / g.in.size[2] % g.in.size[1];
        const qint64 z = cell / g.in.size[2] / g.in.size[1];
        cell = (x * g.in.size[1] + y) * g.in.size[0] + z;
    }
    if (op.layout == Layout::ChannelsFirst)
        return (n * g.in.channels + channel) * g.in.cells() + cell;
    return (n * g.in.cells() + cell) * g.in.channels + channel;
}

template <typename T, typename Sum>
class Pooler
{
public:
    Pooler(const Pool& op, const Geometry& g, Call& call)
        : m_op(op)
        , m_g(g)
        , m_call(call)
    {}

    void run()
    {
        std::span<const T> x = m_call.in(0).as<T>();
        std::vector<T> xLast;
        const bool first = m_op.layout == Layout::ChannelsFirst;
        if (first) {
            xLast = toChannelsLast(x, m_g.in.batch, m_g.in.channels, m_g.in.cells());
            x = xLast;
        }
        std::vector<T> y(static_cast<std::size_t>(m_call.out().size()));
        std::vector<qint64> indices(m_call.outputs.size() > 1 ? y.size() : 0);
        for (qint64 n = 0; n < m_g.in.batch; ++n) {
            const T* image = x.data() + n * m_g.in.cells() * m_g.in.channels;
            forEachWindow(m_g.in, m_g.walk, [&](qint64 cell, const std::vector<Tap>& taps) {
                const qint64 base = (n * m_g.walk.outputs() + cell) * m_g.in.channels;
                for (qint64 c = 0; c < m_g.in.channels; ++c) {
                    qint64 winner = 0;
                    y[static_cast<std::size_t>(base + c)] = reduce(image + c, cell, taps, winner);
                    if (!indices.empty())
                        indices[static_cast<std::size_t>(base + c)] = flatIndex(m_op, m_g, n, winner, c);
                }
            });
        }
        if (!first) {
            std::copy(y.begin(), y.end(), m_call.out().as<T>().begin());
            if (!indices.empty())
                m_call.out(1).assign(std::span<const qint64>(indices));
            return;
        }
        toChannelsFirst<T>(y, m_g.in.batch, m_g.in.channels, m_g.walk.outputs(), m_call.out().as<T>());
        if (!indices.empty())
            toChannelsFirst<qint64>(indices, m_g.in.batch, m_g.in.channels, m_g.walk.outputs(),
                                    m_call.out(1).as<qint64>());
    }

private:
    T reduce(const T* channel, qint64 cell, const std::vector<Tap>& taps, qint64& winner) const
    {
        if (taps.empty())
            return static_cast<T>(realZero());
        if (m_op.kind == PoolKind::Maximum) {
            winner = taps.front().cell;
            for (const Tap& t : taps) {
                if (channel[t.cell * m_g.in.channels] > channel[winner * m_g.in.channels])
                    winner = t.cell;
            }
            return clamped(channel[winner * m_g.in.channels]);
        }
        Sum sum = 0;
        for (const Tap& t : taps) {
            const auto value = static_cast<Sum>(channel[t.cell * m_g.in.channels]);
            sum += m_op.kind == PoolKind::Average
                       ? value
                       : static_cast<Sum>(std::pow(std::abs(static_cast<double>(value)), static_cast<double>(m_op.p)));
        }
        if (m_op.kind == PoolKind::Lp)
            return static_cast<T>(std::pow(static_cast<double>(sum), 1.0 / static_cast<double>(m_op.p)));
        const qint64 count = m_op.countPadding ? paddedCells(m_g, cell) : static_cast<qint64>(taps.size());
        if constexpr (std::is_integral_v<T>) {
            // Integer kernels round the mean of stored numbers; computed in reals, it is rounded away from real zero.
            // Padding that counts is real zero, and only the cells inside are in the sum.
            const bool centred = m_op.countPadding || m_call.rounding == RequantiseRounding::Nearest;
            const qint64 zero = centred ? realZero() : 0;
            const qint64 inside = static_cast<qint64>(taps.size());
            const auto mean = averageOf<qint64>(static_cast<double>(sum - zero * inside), count);
            return clamped(static_cast<T>(mean + zero));
        } else {
            return clamped(averageOf<T>(static_cast<double>(sum), count));
        }
    }

    /// The stored number for 0.
    qint64 realZero() const
    {
        const Quantisation* q = m_call.inputQuantisation[0];
        return q ? q->zeroPoint() : 0;
    }

    T clamped(T value) const
    {
        if (m_op.activation == Activation::None)
            return value;
        if constexpr (std::is_integral_v<T>) {
            if (const Quantisation* q = m_call.outputQuantisation[0]) {
                const ClampRange range = quantisedRange(m_op.activation, *q, m_call.outputs[0].type());
                return static_cast<T>(std::clamp<qint32>(value, range.low, range.high));
            }
        }
        return static_cast<T>(activated(m_op.activation, static_cast<float>(value)));
    }

    const Pool& m_op;
    const Geometry& m_g;
    Call& m_call;
};

} // namespace

Result<Inference> infer(const Pool& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    EMBER_CHECK(
        needType(x, {TensorType::Float32, TensorType::Float64, TensorType::Int8, TensorType::UInt8, TensorType::Int16},
                 "input"));
    if (op.p < 1)
        return bad(QStringLiteral("the norm %1").arg(op.p));
    EMBER_TRY(const Geometry g, geometryOf(op, x.shape));
    Shape shape = shapeLike(x.shape, op.layout, g.walk.output, g.in.channels);
    // Pools count as no multiplications, so what they cost is bounded here.
    EMBER_TRY(const qint64 outputs, elementCount(shape));
    if (saturatedProduct(outputs, g.walk.taps()) > 1'000'000'000)
        return cannot(QStringLiteral("a pool of %1 cells for each of %2 results").arg(g.walk.taps()).arg(outputs));
    Inference inference = one(x.type, shape);
    if (context.declared.size() > 1)
        inference.outputs.push_back({TensorType::Int64, std::move(shape)});
    return inference;
}

Status evaluate(const Pool& op, Call& call)
{
    EMBER_TRY(const Geometry g, geometryOf(op, call.in(0).shape()));
    switch (call.in(0).type()) {
    case TensorType::Float64:
        Pooler<double, double>(op, g, call).run();
        break;
    case TensorType::Int8:
        Pooler<qint8, qint64>(op, g, call).run();
        break;
    case TensorType::UInt8:
        Pooler<quint8, qint64>(op, g, call).run();
        break;
    case TensorType::Int16:
        Pooler<qint16, qint64>(op, g, call).run();
        break;
    default:
        Pooler<float, float>(op, g, call).run();
        break;
    }
    return {};
}

} // namespace ember::model::ops
