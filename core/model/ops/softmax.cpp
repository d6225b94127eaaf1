// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/op.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace ember::model::ops {
namespace {

// Elements of one softmax lie `inner` apart.
struct Rows
{
    qint64 outer = 1;
    qint64 size = 1;
    qint64 inner = 1;
};

Result<Rows> rowsOf(const Softmax& op, const Shape& x)
{
    if (x.empty())
        return Rows();
    // The axis may name the end of the shape when everything from it on is flattened.
    EMBER_TRY(const std::size_t axis, axisOf(op.axis, x.size()));
    if (op.flatten)
        return Rows{product(x, 0, axis), product(x, axis, x.size()), 1};
    return Rows{product(x, 0, axis), x[axis], product(x, axis + 1, x.size())};
}

template <typename Real>
void realRow(const Softmax& op, const Real* x, Real* y, const Rows& rows)
{
    qint64 best = 0;
    for (qint64 k = 1; k < rows.size; ++k) {
        if (x[k * rows.inner] > x[best * rows.inner])
            best = k;
    }
    if (op.kind == SoftmaxKind::Hardmax) {
        for (qint64 k = 0; k < rows.size; ++k)
            y[k * rows.inner] = k == best ? Real(1) : Real(0);
        return;
    }
    const Real largest = x[best * rows.inner];
    const Real beta = static_cast<Real>(op.beta);
    Real sum = 0;
    for (qint64 k = 0; k < rows.size; ++k)
        sum += std::exp((x[k * rows.inner] - largest) * beta);
    const Real logSum = std::log(sum);
    for (qint64 k = 0; k < rows.size; ++k) {
        const Real difference = (x[k * rows.inner] - largest) * beta;
        y[k * rows.inner] = op.kind == SoftmaxKind::LogSoftmax ? difference - logSum : std::exp(difference) / sum;
    }
}

template <typename Real>
void runReal(const Softmax& op, const Rows& rows, Call& call)
{
    const Real* x = call.in(0).as<Real>().data();
    Real* y = call.out().as<Real>().data();
    for (qint64 o = 0; o < rows.outer; ++o) {
        for (qint64 i = 0; i < rows.inner; ++i)
            realRow(op, x + o * rows.size * rows.inner + i, y + o * rows.size * rows.inner + i, rows);
    }
}

// The softmax of int8 values: exponentials of the differences from the largest in Q0.31, their sum in Q12.19.
template <typename Out>
class StoredSoftmax
{
public:
    StoredSoftmax(float beta, float scale, RequantiseRounding rounding)
    {
        // x * beta * scale in Q5.26, which the largest multiplier bounds.
        const double multiplier = std::min(static_cast<double>(beta) * static_cast<double>(scale) * (1 << 26),
                                           static_cast<double>((1LL << 31) - 1));
        const Multiplier m = makeMultiplier(multiplier, rounding);
        const qint32 least = -inputRadius(5, m.shift);
        for (qint32 difference = 0; difference < 256; ++difference) {
            const bool counts = -difference >= least;
            m_counts[static_cast<std::size_t>(difference)] = counts;
            if (counts)
                m_exponentials[static_cast<std::size_t>(difference)] =
                    expOnNegative(scaleBy(-difference, m, rounding), 5);
        }
    }

    void row(const qint8* x, Out* y, qint64 size) const
    {
        const qint32 largest = *std::max_element(x, x + size);
        qint64 sum = 0;
        for (qint64 k = 0; k < size; ++k) {
            const auto difference = static_cast<std::size_t>(largest - x[k]);
            if (m_counts[difference])
                sum += roundingShiftRight(m_exponentials[difference], 12);
        }
        // Rows of more than 4096 equal values do not fit the format.
        int bits = 0;
        const auto bounded = static_cast<qint32>(std::clamp<qint64>(sum, 1, std::numeric_limits<qint32>::max()));
        const qint32 scale = reciprocal(bounded, 12, bits);
        const int exponent = std::clamp(bits + 31 - static_cast<int>(8 * sizeof(Out)), 0, 31);
        constexpr qint32 kLeast = std::numeric_limits<Out>::min();
        constexpr qint32 kMost = std::numeric_limits<Out>::max();
        for (qint64 k = 0; k < size; ++k) {
            const auto difference = static_cast<std::size_t>(largest - x[k]);
            qint64 value = kLeast;
            if (m_counts[difference])
                value += roundingShiftRight(roundingDoublingHighMul(scale, m_exponentials[difference]), exponent);
            y[k] = static_cast<Out>(std::clamp<qint64>(value, kLeast, kMost));
        }
    }

private:
    std::array<qint32, 256> m_exponentials{};
    std::array<bool, 256> m_counts{};
};

template <typename Out>
void runStored(const Softmax& op, const Rows& rows, Call& call)
{
    const StoredSoftmax<Out> softmax(op.beta, call.inputQuantisation[0]->scale(), call.rounding);
    const qint8* x = call.in(0).as<qint8>().data();
    Out* y = call.out().as<Out>().data();
    for (qint64 o = 0; o < rows.outer; ++o)
        softmax.row(x + o * rows.size, y + o * rows.size, rows.size);
}

// A function over a range as 16-bit kernels look it up: 512 steps with values in Q0.15, and lines between them. Values
// are moved by a quarter of what the line misses in the middle, so that the error is spread.
class StepTable
{
public:
    StepTable(float (*function)(float), float low, float high)
    {
        const float step = (high - low) / 512;
        const auto stored = [](float value) { return std::clamp(value, -32'768.0f, 32'767.0f); };
        for (std::size_t i = 0; i < 512; ++i) {
            const float at = low + static_cast<float>(i) * step;
            const float value = std::round(function(at) * 32'768);
            const float next = function(low + static_cast<float>(i + 1) * step) * 32'768;
            const float middle = std::round(function(at + step / 2) * 32'768);
            const float missed = std::round((next + value) / 2) - middle;
            m_values[i] = static_cast<qint16>(stored(value - std::round(missed / 2)));
        }
        m_values[512] = static_cast<qint16>(stored(std::round(function(high) * 32'768)));
    }

    /// The whole range of x is that of the function.
    qint32 operator()(qint32 x) const
    {
        const auto place = static_cast<std::size_t>(256 + (x >> 7));
        const qint32 base = m_values[place];
        return base + (((m_values[place + 1] - base) * (x & 127) + 64) >> 7);
    }

private:
    std::array<qint16, 513> m_values{};
};

// The softmax of int16 values: exponentials down to -10 and their sum's reciprocal from tables, in Q0.15.
class WideSoftmax
{
public:
    WideSoftmax(float beta, float scale, RequantiseRounding rounding)
        : m_rounding(rounding)
        , m_multiplier(
              makeMultiplier(static_cast<double>(scale) * static_cast<double>(beta) / (10.0 / 65'535.0), rounding))
    {}

    void row(const qint16* x, qint16* y, qint64 size) const
    {
        static const StepTable exponential([](float value) { return std::exp(value); }, -10.0f, 0.0f);
        static const StepTable reciprocal([](float value) { return 1.0f / (1.0f + value); }, 0.0f, 1.0f);
        const qint32 largest = *std::max_element(x, x + size);
        qint32 sum = 0;
        for (qint64 k = 0; k < size; ++k) {
            const qint64 scaled = scaleBy(x[k] - largest, m_multiplier, m_rounding);
            y[k] = static_cast<qint16>(
                exponential(static_cast<qint32>(std::clamp<qint64>(scaled + 32'767, -32'768, 32'767))));
            sum += y[k];
        }
        const int headroom = std::countl_zero(static_cast<quint32>(std::max(1, sum)));
        const qint64 shifted = ((static_cast<qint64>(sum) << (headroom - 1)) + (1 << 13)) >> 14;
        const qint64 place = std::clamp<qint64>(shifted - (1 << 15) - (1 << 16), -32'768, 32'767);
        const qint64 scale = reciprocal(static_cast<qint32>(place));
        const int shift = 31 - headroom;
        for (qint64 k = 0; k < size; ++k) {
            const qint64 round = shift > 0 ? 1LL << (shift - 1) : 0;
            y[k] = static_cast<qint16>(std::clamp<qint64>((y[k] * scale + round) >> shift, 0, 32'767));
        }
    }

private:
    RequantiseRounding m_rounding;
    Multiplier m_multiplier;
};

void runWide(const Softmax& op, const Rows& rows, Call& call)
{
    const WideSoftmax softmax(op.beta, call.inputQuantisation[0]->scale(), call.rounding);
    for (qint64 o = 0; o < rows.outer; ++o)
        softmax.row(call.in(0).as<qint16>().data() + o * rows.size, call.out().as<qint16>().data() + o * rows.size,
                    rows.size);
}

Result<TensorType> checkStored(const Softmax& op, const InferContext& context, const Rows& rows)
{
    EMBER_CHECK(needType(context.at(0), {TensorType::Int8, TensorType::Int16}, "input"));
    if (context.declared.empty() || !context.declared[0] || !context.declared[0]->quantisation)
        return bad(QStringLiteral("an integer softmax without a scale for its result"));
    const ValueInfo& out = *context.declared[0];
    if (op.kind != SoftmaxKind::Softmax || rows.inner != 1 || rows.size > 4'096)
        return cannot(QStringLiteral("this softmax of integers"));
    // Steps of 1/256 from -128 for 8 bits; 16 bits are filled from the smallest number in steps of 1/65536.
    if (context.at(0).type == TensorType::Int16) {
        if (out.type == TensorType::Int16 && std::abs(out.quantisation->scale() * 32768 - 1) < 1e-3f &&
            out.quantisation->zeroPoint() == 0 && context.at(0).quantisation->zeroPoint() == 0)
            return out.type;
        return cannot(QStringLiteral("a softmax of int16 to %1 in steps of %2 from %3; the kernels know 1/32768 from 0")
                          .arg(tensorTypeName(out.type))
                          .arg(static_cast<double>(out.quantisation->scale()))
                          .arg(out.quantisation->zeroPoint()));
    }
    const bool narrow = out.type == TensorType::Int8 && out.quantisation->scale() == 1.0f / 256 &&
                        out.quantisation->zeroPoint() == -128;
    const bool wide = out.type == TensorType::Int16 && std::abs(out.quantisation->scale() * 65536 - 1) < 1e-3f &&
                      out.quantisation->zeroPoint() == -32768;
    if (!narrow && !wide)
        return cannot(
            QStringLiteral("a softmax to %1 in steps of %2 from %3; the kernels know 1/256 from -128 and 1/65536 "
                           "from -32768")
                .arg(tensorTypeName(out.type))
                .arg(static_cast<double>(out.quantisation->scale()))
                .arg(out.quantisation->zeroPoint()));
    return out.type;
}

} // namespace

Result<Inference> infer(const Softmax& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    EMBER_TRY(const Rows rows, rowsOf(op, x.shape));
    if (rows.size < 1)
        return bad(QStringLiteral("a softmax over no elements"));
    if (isQuantised(x.type, x.quantisation)) {
        EMBER_TRY(const TensorType type, checkStored(op, context, rows));
        return one(type, x.shape);
    }
    EMBER_CHECK(needFloat(x, "input"));
    return one(x.type, x.shape);
}

Status evaluate(const Softmax& op, Call& call)
{
    EMBER_TRY(const Rows rows, rowsOf(op, call.in(0).shape()));
    if (call.in(0).type() == TensorType::Float32)
        runReal<float>(op, rows, call);
    else if (call.in(0).type() == TensorType::Float64)
        runReal<double>(op, rows, call);
    else if (call.in(0).type() == TensorType::Int16)
        runWide(op, rows, call);
    else if (call.out().type() == TensorType::Int8)
        runStored<qint8>(op, rows, call);
    else
        runStored<qint16>(op, rows, call);
    return {};
}

} // namespace ember::model::ops
