// SPDX-License-Identifier: GPL-3.0-or-later
// Long short-term memory over a sequence (Hochreiter and Schmidhuber, 1997) with states that stay between runs;
// integers as TensorFlow Lite Micro computes them: gates in Q3.12 before and Q0.15 behind their function, the cell in
// 16 bits in steps of a power of two.
#include "core/model/ops/accumulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ember::model::ops {
namespace {

// Four of each, in the order of Gate.
enum Inputs : std::size_t
{
    kX,
    kInputWeights,
    kStateWeights = 5,
    kBiases = 9,
    kOutputState = 13,
    kCellState = 14
};

enum Gate : std::size_t
{
    kInputGate,
    kForgetGate,
    kCellGate,
    kOutputGate,
    kGates
};

struct Sizes
{
    qint64 batch = 0, steps = 0, in = 0, hidden = 0;

    /// The place of a step of x, counted in vectors.
    qint64 vector(bool timeMajor, qint64 b, qint64 t) const { return timeMajor ? t * batch + b : b * steps + t; }
};

Result<Sizes> sizesOf(const SequenceLstm& op, const Shape& x, const Shape& state)
{
    if (x.size() != 3 || state.size() != 2)
        return bad(QStringLiteral("an input of %1 and a state of %2").arg(shapeText(x), shapeText(state)));
    const Sizes s{x[op.timeMajor ? 1 : 0], x[op.timeMajor ? 0 : 1], x[2], state[1]};
    if (state[0] != s.batch || s.hidden < 1 || s.in < 1)
        return bad(QStringLiteral("an input of %1 and a state of %2").arg(shapeText(x), shapeText(state)));
    return s;
}

float logistic(float x)
{
    return 1.0f / (1.0f + std::exp(-x));
}

class RealCell
{
public:
    RealCell(const SequenceLstm& op, const Sizes& s, Call& call)
        : m_op(op)
        , m_s(s)
        , m_call(call)
    {
        for (auto& gate : m_gates)
            gate.resize(static_cast<std::size_t>(s.hidden));
    }

    void step(qint64 b, const float* x, float* y)
    {
        float* h = m_call.states[kOutputState]->as<float>().data() + b * m_s.hidden;
        float* c = m_call.states[kCellState]->as<float>().data() + b * m_s.hidden;
        for (std::size_t gate = 0; gate < kGates; ++gate) {
            for (qint64 u = 0; u < m_s.hidden; ++u) {
                const float sum = m_call.in(kBiases + gate).as<float>()[static_cast<std::size_t>(u)] +
                                  dot<float>(x, weights(kInputWeights + gate) + u * m_s.in, m_s.in) +
                                  dot<float>(h, weights(kStateWeights + gate) + u * m_s.hidden, m_s.hidden);
                m_gates[gate][static_cast<std::size_t>(u)] = gate == kCellGate ? std::tanh(sum) : logistic(sum);
            }
        }
        for (std::size_t u = 0; u < static_cast<std::size_t>(m_s.hidden); ++u) {
            c[u] = m_gates[kForgetGate][u] * c[u] + m_gates[kInputGate][u] * m_gates[kCellGate][u];
            if (m_op.cellClip > 0)
                c[u] = std::clamp(c[u], -m_op.cellClip, m_op.cellClip);
            h[u] = m_gates[kOutputGate][u] * std::tanh(c[u]);
            y[u] = h[u];
        }
    }

private:
    const float* weights(std::size_t input) const { return m_call.in(input).as<float>().data(); }

    const SequenceLstm& m_op;
    const Sizes& m_s;
    Call& m_call;
    std::array<std::vector<float>, kGates> m_gates;
};

qint16 saturated16(qint64 x)
{
    return static_cast<qint16>(std::clamp<qint64>(x, -32'768, 32'767));
}

// The power of two that a scale is.
int log2Of(float scale)
{
    return static_cast<int>(std::lround(std::log2(scale)));
}

// Stored: of x and the output, which are int8 (sums in 32 bits) or int16 (sums in 64 bits).
template <typename Stored, typename Sum>
class StoredCell
{
public:
    StoredCell(const SequenceLstm& op, const Sizes& s, Call& call)
        : m_s(s)
        , m_call(call)
        , m_rounding(call.rounding)
        , m_xZero(call.inputQuantisation[kX]->zeroPoint())
        , m_hZero(call.inputQuantisation[kOutputState]->zeroPoint())
    {
        constexpr double kGateStep = 1.0 / 4'096;
        constexpr double kFunctionStep = 1.0 / 32'768;
        const float x = call.inputQuantisation[kX]->scale();
        const float h = call.inputQuantisation[kOutputState]->scale();
        const auto cell = static_cast<double>(call.inputQuantisation[kCellState]->scale());
        for (std::size_t gate = 0; gate < kGates; ++gate) {
            // The reference multiplies the scales in float32, as it does for dense layers.
            const auto product = [&call](float scale, std::size_t weights) {
                return static_cast<double>(scale * call.inputQuantisation[weights]->scale());
            };
            m_fromX[gate] = makeMultiplier(product(x, kInputWeights + gate) / kGateStep, m_rounding);
            m_fromH[gate] = makeMultiplier(product(h, kStateWeights + gate) / kGateStep, m_rounding);
            m_biases[gate] = call.in(kBiases + gate).toInt64();
            m_gates[gate].resize(static_cast<std::size_t>(s.hidden));
        }
        m_forget = makeMultiplier(kFunctionStep * cell / cell, m_rounding);
        m_input = makeMultiplier(kFunctionStep * kFunctionStep / cell, m_rounding);
        m_output = makeMultiplier(kFunctionStep * kFunctionStep / static_cast<double>(h), m_rounding);
        m_cellPower = log2Of(call.inputQuantisation[kCellState]->scale());
        if (op.cellClip > 0)
            m_clip = static_cast<qint32>(std::clamp(static_cast<double>(op.cellClip) / cell, 0.0, 32'767.0));
    }

    void step(qint64 b, const Stored* x, Stored* y)
    {
        Stored* h = m_call.states[kOutputState]->as<Stored>().data() + b * m_s.hidden;
        qint16* c = m_call.states[kCellState]->as<qint16>().data() + b * m_s.hidden;
        for (std::size_t gate = 0; gate < kGates; ++gate) {
            for (qint64 u = 0; u < m_s.hidden; ++u)
                m_gates[gate][static_cast<std::size_t>(u)] = gateOf(gate, u, x, h);
        }
        for (std::size_t u = 0; u < static_cast<std::size_t>(m_s.hidden); ++u) {
            const qint16 kept = scaled16(m_gates[kForgetGate][u], c[u], m_forget);
            const qint16 added = scaled16(m_gates[kInputGate][u], m_gates[kCellGate][u], m_input);
            c[u] = saturated16(kept + added);
            if (m_clip > 0)
                c[u] = static_cast<qint16>(std::clamp<qint32>(c[u], -m_clip, m_clip));
            const qint32 out = scaleBy(m_gates[kOutputGate][u] * tanhOfCell(c[u]), m_output, m_rounding);
            h[u] = static_cast<Stored>(std::clamp<qint64>(static_cast<qint64>(out) + m_hZero,
                                                          std::numeric_limits<Stored>::min(),
                                                          std::numeric_limits<Stored>::max()));
            y[u] = h[u];
        }
    }

private:
    qint64 sum(const Stored* values, qint32 zero, std::size_t weights, qint64 unit, qint64 count) const
    {
        const qint8* w = m_call.in(weights).as<qint8>().data() + unit * count;
        Sum total = 0;
        for (qint64 i = 0; i < count; ++i)
            total += static_cast<Sum>(values[i] - zero) * w[i];
        return total;
    }

    qint16 scaledSum(qint64 total, Multiplier m) const
    {
        if constexpr (sizeof(Sum) == 8)
            return saturated16(scaleWideBy(total, m));
        else
            return saturated16(scaleBy(static_cast<qint32>(std::clamp<qint64>(total, std::numeric_limits<qint32>::min(),
                                                                              std::numeric_limits<qint32>::max())),
                                       m, m_rounding));
    }

    // The last output is read by all units before it changes: gates are computed first.
    qint16 gateOf(std::size_t gate, qint64 unit, const Stored* x, const Stored* h) const
    {
        const qint64 fromX =
            sum(x, m_xZero, kInputWeights + gate, unit, m_s.in) + m_biases[gate][static_cast<std::size_t>(unit)];
        const qint16 ofX = scaledSum(fromX, m_fromX[gate]);
        const qint16 ofH = scaledSum(sum(h, m_hZero, kStateWeights + gate, unit, m_s.hidden), m_fromH[gate]);
        // Tables are read at three times the value in Q3.12.
        const qint32 place = 3 * saturated16(ofX + ofH);
        return gate == kCellGate ? tanh16(place) : logistic16(place);
    }

    qint16 scaled16(qint16 a, qint16 b, Multiplier m) const { return saturated16(scaleBy(a * b, m, m_rounding)); }

    qint16 tanhOfCell(qint16 cell) const
    {
        const int shift = m_cellPower + 12;
        if (shift >= 0)
            return tanh16(cell * (3 << shift));
        return tanh16((3 * cell + (1 << (-shift - 1))) >> -shift);
    }

    const Sizes& m_s;
    Call& m_call;
    RequantiseRounding m_rounding;
    qint32 m_xZero;
    qint32 m_hZero;
    std::array<Multiplier, kGates> m_fromX, m_fromH;
    std::array<std::vector<qint64>, kGates> m_biases;
    std::array<std::vector<qint16>, kGates> m_gates;
    Multiplier m_forget, m_input, m_output;
    int m_cellPower = 0;
    qint32 m_clip = 0;
};

template <typename Stored, typename Cell>
void runSequences(const SequenceLstm& op, const Sizes& s, Call& call, Cell cell)
{
    const Stored* x = call.in(kX).as<Stored>().data();
    Stored* y = call.out().as<Stored>().data();
    for (qint64 b = 0; b < s.batch; ++b) {
        for (qint64 t = 0; t < s.steps; ++t) {
            const qint64 place = s.vector(op.timeMajor, b, t);
            cell.step(b, x + place * s.in, y + place * s.hidden);
        }
    }
}

Status checkShapes(const InferContext& context, const Sizes& s)
{
    const auto check = [&context](std::size_t first, const Shape& shape, const char* what) -> Status {
        for (std::size_t gate = 0; gate < kGates; ++gate) {
            if (context.at(first + gate).shape != shape)
                return bad(QStringLiteral("%1 of %2 instead of %3")
                               .arg(QLatin1String(what), shapeText(context.at(first + gate).shape), shapeText(shape)));
        }
        return {};
    };
    EMBER_CHECK(check(kInputWeights, {s.hidden, s.in}, "weights"));
    EMBER_CHECK(check(kStateWeights, {s.hidden, s.hidden}, "recurrent weights"));
    EMBER_CHECK(check(kBiases, {s.hidden}, "a bias"));
    if (context.at(kCellState).shape != context.at(kOutputState).shape)
        return bad(QStringLiteral("states of different sizes"));
    return {};
}

Status checkWeights(const InferContext& context, std::size_t input)
{
    EMBER_CHECK(needType(context.at(input), {TensorType::Int8}, "weights"));
    const Quantisation* q = context.at(input).quantisation;
    if (!q || q->perChannel() || q->zeroPoint() != 0)
        return cannot(QStringLiteral("weights of a memory without one scale from zero"));
    return {};
}

Status checkStored(const InferContext& context, const Sizes& s)
{
    const TensorType type = context.at(kX).type;
    EMBER_CHECK(needType(context.at(kX), {TensorType::Int8, TensorType::Int16}, "input"));
    EMBER_CHECK(needType(context.at(kOutputState), {type}, "state"));
    EMBER_CHECK(needType(context.at(kCellState), {TensorType::Int16}, "cell"));
    for (std::size_t gate = 0; gate < kGates; ++gate) {
        EMBER_CHECK(checkWeights(context, kInputWeights + gate));
        EMBER_CHECK(checkWeights(context, kStateWeights + gate));
        EMBER_CHECK(needType(context.at(kBiases + gate), {TensorType::Int32, TensorType::Int64}, "bias"));
    }
    const Quantisation* h = context.at(kOutputState).quantisation;
    const Quantisation* c = context.at(kCellState).quantisation;
    const ValueInfo* out = context.declared.empty() ? nullptr : context.declared[0];
    if (!h || !c || !out || !out->quantisation)
        return bad(QStringLiteral("a memory of integers without scales for its states and result"));
    if (out->type != type || out->quantisation->scale() != h->scale() ||
        out->quantisation->zeroPoint() != h->zeroPoint())
        return cannot(QStringLiteral("a memory whose result has another scale than its state"));
    const float log = std::log2(c->scale());
    if (c->zeroPoint() != 0 || std::abs(log - std::round(log)) > 1e-3f || log < -24.5f || log > 0.5f)
        return cannot(QStringLiteral("a cell in steps that are no power of two"));
    if (type == TensorType::Int16 && (h->zeroPoint() != 0 || context.at(kX).quantisation->zeroPoint() != 0))
        return cannot(QStringLiteral("16-bit values with a zero point"));
    if (std::max(s.in, s.hidden) > kMaxInt8Sum)
        return cannot(QStringLiteral("sums of %1 products").arg(std::max(s.in, s.hidden)));
    return {};
}

} // namespace

Result<Inference> infer(const SequenceLstm& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 15));
    const Input& x = context.at(kX);
    EMBER_TRY(const Sizes s, sizesOf(op, x.shape, context.at(kOutputState).shape));
    EMBER_CHECK(checkShapes(context, s));
    if (isQuantised(x.type, x.quantisation)) {
        EMBER_CHECK(checkStored(context, s));
    } else {
        for (std::size_t i = kX; i <= kCellState; ++i)
            EMBER_CHECK(needType(context.at(i), {TensorType::Float32}, "input"));
    }
    Shape shape = x.shape;
    shape[2] = s.hidden;
    return one(x.type, std::move(shape),
               saturatedProduct(saturatedProduct(s.batch, s.steps), saturatedProduct(4 * s.hidden, s.in + s.hidden)));
}

Status evaluate(const SequenceLstm& op, Call& call)
{
    if (call.states.size() <= kCellState || !call.states[kOutputState] || !call.states[kCellState])
        return bad(QStringLiteral("the states of a memory are not kept"));
    EMBER_TRY(const Sizes s, sizesOf(op, call.in(kX).shape(), call.states[kOutputState]->shape()));
    if (call.in(kX).type() == TensorType::Float32)
        runSequences<float>(op, s, call, RealCell(op, s, call));
    else if (call.in(kX).type() == TensorType::Int8)
        runSequences<qint8>(op, s, call, StoredCell<qint8, qint32>(op, s, call));
    else
        runSequences<qint16>(op, s, call, StoredCell<qint16, qint64>(op, s, call));
    return {};
}

Result<Inference> infer(const Assign&, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 2));
    EMBER_CHECK(needSameType(context.at(0), context.at(1)));
    if (context.at(0).shape != context.at(1).shape)
        return bad(QStringLiteral("a variable of %1 becomes %2")
                       .arg(shapeText(context.at(1).shape), shapeText(context.at(0).shape)));
    return one(context.at(0).type, context.at(0).shape);
}

Status evaluate(const Assign&, Call& call)
{
    if (call.states.size() < 2 || !call.states[1])
        return bad(QStringLiteral("a variable is not kept"));
    *call.states[1] = call.in(0);
    call.out() = call.in(0);
    return {};
}

} // namespace ember::model::ops
