// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/functions.h"
#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>

namespace ember::model::ops {
namespace {

bool makesBool(UnaryKind kind)
{
    return kind == UnaryKind::IsInf || kind == UnaryKind::IsNaN;
}

// Functions of whole numbers that stay whole.
bool isWholeFunction(UnaryKind kind)
{
    switch (kind) {
    case UnaryKind::Abs:
    case UnaryKind::Identity:
    case UnaryKind::Negate:
    case UnaryKind::Relu:
    case UnaryKind::Shrink:
    case UnaryKind::Sign:
    case UnaryKind::Square:
        return true;
    default:
        return false;
    }
}

qint64 wholeFunction(UnaryKind kind, qint64 x)
{
    // Through unsigned numbers, where the smallest number's negative is defined: itself.
    const auto negative = static_cast<qint64>(0 - static_cast<quint64>(x));
    switch (kind) {
    case UnaryKind::Abs:
        return x < 0 ? negative : x;
    case UnaryKind::Negate:
        return negative;
    case UnaryKind::Relu:
        return std::max<qint64>(x, 0);
    case UnaryKind::Sign:
        return x > 0 ? 1 : (x < 0 ? -1 : 0);
    case UnaryKind::Square:
        return static_cast<qint64>(static_cast<quint64>(x) * static_cast<quint64>(x));
    default:
        return x;
    }
}

template <typename Real>
void runReal(const Unary& op, Call& call)
{
    const std::span<const Real> x = call.in(0).as<Real>();
    if (makesBool(op.kind)) {
        const std::span<quint8> y = call.out().as<quint8>();
        for (std::size_t i = 0; i < x.size(); ++i) {
            const bool positive = op.alpha != 0.0f && x[i] > 0;
            const bool negative = op.beta != 0.0f && x[i] < 0;
            y[i] = op.kind == UnaryKind::IsNaN ? std::isnan(x[i]) : std::isinf(x[i]) && (positive || negative);
        }
        return;
    }
    const std::span<Real> y = call.out().as<Real>();
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = applyFunction(op, x[i]);
}

// One function from stored to stored numbers, as the reference kernels compute it.
class StoredFunction
{
public:
    StoredFunction(const Unary& op, const Call& call)
        : m_op(op)
        , m_in(*call.inputQuantisation[0])
        , m_out(*call.outputQuantisation[0])
        , m_rounding(call.rounding)
        , m_wide(call.in(0).type() == TensorType::Int16)
        , m_range(quantisedRange(Activation::None, m_out, call.outputs[0].type()))
    {
        const auto in = static_cast<double>(m_in.scale());
        const auto out = static_cast<double>(m_out.scale());
        switch (op.kind) {
        case UnaryKind::Relu:
        case UnaryKind::Relu6:
        case UnaryKind::ReluMinus1To1:
            m_range = quantisedRange(clampOf(op.kind), m_out, call.outputs[0].type());
            m_identity = makeMultiplier(in / out, m_rounding);
            break;
        case UnaryKind::LeakyRelu:
            m_identity = makeMultiplier(in / out, m_rounding);
            // A negative slope changes the sign of the product, which rounds the same both ways.
            m_alpha = makeMultiplier(std::abs(in * static_cast<double>(op.alpha) / out), m_rounding);
            break;
        case UnaryKind::Sigmoid:
        case UnaryKind::Tanh:
            m_wide ? prepareSteps(in) : prepareRadius(in);
            break;
        default:
            break;
        }
    }

    qint32 operator()(qint32 stored) const
    {
        const qint32 x = stored - m_in.zeroPoint();
        switch (m_op.kind) {
        case UnaryKind::Relu:
        case UnaryKind::Relu6:
        case UnaryKind::ReluMinus1To1:
            return clamped(static_cast<qint64>(m_out.zeroPoint()) + scaleBy(x, m_identity, m_rounding));
        case UnaryKind::LeakyRelu: {
            const qint32 scaled = x >= 0 ? scaleBy(x, m_identity, m_rounding) : scaleBy(x, m_alpha, m_rounding);
            return clamped(static_cast<qint64>(m_out.zeroPoint()) + (x < 0 && m_op.alpha < 0 ? -scaled : scaled));
        }
        case UnaryKind::Sigmoid:
        case UnaryKind::Tanh:
            return m_wide ? byTable(x) : byPolynomial(x);
        default: {
            // What the reference computes in float for a table over all 256 values.
            const float real = static_cast<float>(x) * m_in.scale();
            const float y = applyFunction(m_op, real);
            const double q = std::round(static_cast<double>(y / m_out.scale())) + m_out.zeroPoint();
            return std::isnan(q) ? m_range.low
                                 : static_cast<qint32>(std::clamp(q, double(m_range.low), double(m_range.high)));
        }
        }
    }

private:
    static Activation clampOf(UnaryKind kind)
    {
        if (kind == UnaryKind::Relu6)
            return Activation::Relu6;
        return kind == UnaryKind::Relu ? Activation::Relu : Activation::ReluMinus1To1;
    }

    qint32 clamped(qint64 value) const
    {
        return static_cast<qint32>(std::clamp<qint64>(value, m_range.low, m_range.high));
    }

    // 8 bits: 4 integer bits before the point.
    void prepareRadius(double scale)
    {
        m_identity = makeMultiplier(scale * static_cast<double>(1 << 27), m_rounding);
        m_radius = inputRadius(4, m_identity.shift);
    }

    // 16 bits: a step of the table is 1/24, reached by 3 times the value in Q3.12.
    void prepareSteps(double scale)
    {
        double multiplier = scale * 4096.0 * 3.0;
        m_stepShift = 0;
        const double log = std::log2(scale);
        const bool powerOfTwo = std::abs(log - std::round(log)) < 1e-3;
        const double shift = std::round(log) + 12;
        // Tables are reached without rounding from these scales only; twice the smaller one for the tangent.
        if (powerOfTwo && shift >= 0 && shift <= (m_op.kind == UnaryKind::Sigmoid ? 0 : 1)) {
            m_step = 3 << static_cast<int>(shift);
            return;
        }
        while (multiplier <= 32767.0 / 2.0 && m_stepShift <= 30) {
            ++m_stepShift;
            multiplier *= 2.0;
        }
        m_step = static_cast<qint32>(multiplier);
    }

    qint32 byTable(qint32 x) const
    {
        const qint32 round = m_stepShift > 0 ? 1 << (m_stepShift - 1) : 0;
        const qint64 scaled = (static_cast<qint64>(x) * m_step + round) >> m_stepShift;
        const auto input = static_cast<qint32>(std::clamp<qint64>(scaled, -(1 << 30), 1 << 30));
        return m_op.kind == UnaryKind::Sigmoid ? logistic16(input) : tanh16(input);
    }

    qint32 byPolynomial(qint32 x) const
    {
        if (x <= -m_radius)
            return -128;
        if (x >= m_radius)
            return 127;
        const qint32 scaled = scaleBy(x, m_identity, m_rounding);
        if (m_op.kind == UnaryKind::Sigmoid)
            return std::clamp(roundingShiftRight(logisticFixed(scaled, 4), 23) - 128, -128, 127);
        return std::clamp(roundingShiftRight(tanhFixed(scaled, 4), 24), -128, 127);
    }

    Unary m_op;
    const Quantisation& m_in;
    const Quantisation& m_out;
    RequantiseRounding m_rounding;
    bool m_wide;
    ClampRange m_range;
    Multiplier m_identity;
    Multiplier m_alpha;
    qint32 m_radius = 0;
    qint32 m_step = 3;
    int m_stepShift = 0;
};

template <typename Stored>
void runStored(const Unary& op, Call& call)
{
    const StoredFunction function(op, call);
    const std::span<const Stored> x = call.in(0).as<Stored>();
    const std::span<Stored> y = call.out().as<Stored>();
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = static_cast<Stored>(function(x[i]));
}

Status checkStored(const Unary& op, const InferContext& context)
{
    const Input& x = context.at(0);
    EMBER_CHECK(needType(x, {TensorType::Int8, TensorType::Int16}, "input"));
    if (context.declared.empty() || !context.declared[0] || !context.declared[0]->quantisation ||
        context.declared[0]->type != x.type)
        return bad(QStringLiteral("an integer function without a scale for its result"));
    const Quantisation& out = *context.declared[0]->quantisation;
    if (x.type == TensorType::Int16 && (x.quantisation->zeroPoint() != 0 || out.zeroPoint() != 0))
        return cannot(QStringLiteral("16-bit values with a zero point"));
    if (x.type != TensorType::Int8)
        return {};
    // The result of these has a scale that the kernels know.
    if (op.kind == UnaryKind::Sigmoid && (out.scale() != 1.0f / 256 || out.zeroPoint() != -128))
        return cannot(QStringLiteral("a logistic function whose result is not in steps of 1/256 from -128"));
    if (op.kind == UnaryKind::Tanh && (out.scale() != 1.0f / 128 || out.zeroPoint() != 0))
        return cannot(QStringLiteral("a hyperbolic tangent whose result is not in steps of 1/128"));
    return {};
}

} // namespace

Result<Inference> infer(const Unary& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    if (op.kind == UnaryKind::Identity)
        return one(x.type, x.shape);
    if (op.kind == UnaryKind::Not) {
        EMBER_CHECK(needType(x, {TensorType::Bool}, "input"));
        return one(x.type, x.shape);
    }
    if (isFloat(x.type))
        return one(makesBool(op.kind) ? TensorType::Bool : x.type, x.shape);
    if (isQuantised(x.type, x.quantisation)) {
        EMBER_CHECK(checkStored(op, context));
        return one(x.type, x.shape);
    }
    if (x.type == TensorType::String || x.type == TensorType::Bool || !isWholeFunction(op.kind))
        return cannot(QStringLiteral("this function of %1").arg(tensorTypeName(x.type)));
    return one(x.type, x.shape);
}

Status evaluate(const Unary& op, Call& call)
{
    const Tensor& x = call.in(0);
    if (op.kind == UnaryKind::Identity) {
        call.out() = x;
    } else if (op.kind == UnaryKind::Not) {
        for (std::size_t i = 0; i < x.bytes().size(); ++i)
            call.out().bytes()[i] = x.bytes()[i] == std::byte{0} ? std::byte{1} : std::byte{0};
    } else if (x.type() == TensorType::Float32) {
        runReal<float>(op, call);
    } else if (x.type() == TensorType::Float64) {
        runReal<double>(op, call);
    } else if (isQuantised(x.type(), call.inputQuantisation[0])) {
        x.type() == TensorType::Int8 ? runStored<qint8>(op, call) : runStored<qint16>(op, call);
    } else if (op.kind == UnaryKind::Shrink) {
        std::vector<double> values = x.toDouble();
        for (double& value : values)
            value = applyFunction(op, value);
        call.out().assign(std::span<const double>(values));
    } else {
        std::vector<qint64> values = x.toInt64();
        for (qint64& value : values)
            value = wholeFunction(op.kind, value);
        call.out().assign(std::span<const qint64>(values));
    }
    return {};
}

} // namespace ember::model::ops
