// SPDX-License-Identifier: GPL-3.0-or-later
// RNN, GRU and LSTM of ONNX. Gates stand in the order of the standard: z r h for a GRU, i o f c for an LSTM.
#include "core/model/ops/accumulate.h"
#include "core/model/ops/functions.h"

#include <algorithm>

namespace ember::model::ops {
namespace {

enum Inputs : std::size_t
{
    kX,
    kW,
    kR,
    kB,
    kLengths,
    kInitialH,
    kInitialC,
    kPeepholes
};

struct Sizes
{
    qint64 steps = 0, batch = 0, in = 0, hidden = 0, directions = 1, gates = 1;
};

qint64 gatesOf(RecurrentKind kind)
{
    return kind == RecurrentKind::Lstm ? 4 : (kind == RecurrentKind::Gru ? 3 : 1);
}

Sizes sizesOf(const Recurrent& op, const Shape& x)
{
    return {
        x[op.batchFirst ? 1 : 0], x[op.batchFirst ? 0 : 1], x[2], op.hidden, op.direction == Direction::Both ? 2 : 1,
        gatesOf(op.kind)};
}

Shape stateShape(const Recurrent& op, const Sizes& s)
{
    return op.batchFirst ? Shape{s.batch, s.directions, s.hidden} : Shape{s.directions, s.batch, s.hidden};
}

Status needShape(const InferContext& context, std::size_t index, const Shape& shape, const char* what)
{
    if (!context.has(index))
        return {};
    EMBER_CHECK(needType(context.at(index), {TensorType::Float32}, what));
    if (context.at(index).shape != shape)
        return bad(QStringLiteral("%1 of %2 instead of %3")
                       .arg(QLatin1String(what), shapeText(context.at(index).shape), shapeText(shape)));
    return {};
}

// One direction for one sequence of the batch.
class Cell
{
public:
    Cell(const Recurrent& op, const Sizes& s, const Call& call, qint64 direction)
        : m_op(op)
        , m_s(s)
        , m_w(call.in(kW).as<float>().data() + direction * s.gates * s.hidden * s.in)
        , m_r(call.in(kR).as<float>().data() + direction * s.gates * s.hidden * s.hidden)
        , m_activations(op.activations.data() + direction * static_cast<qint64>(op.activations.size()) / s.directions)
    {
        if (call.has(kB)) {
            m_bw = call.in(kB).as<float>().data() + direction * 2 * s.gates * s.hidden;
            m_br = m_bw + s.gates * s.hidden;
        }
        if (op.kind == RecurrentKind::Lstm && call.has(kPeepholes))
            m_peepholes = call.in(kPeepholes).as<float>().data() + direction * 3 * s.hidden;
    }

    void step(const float* x, std::vector<float>& h, std::vector<float>& c) const
    {
        switch (m_op.kind) {
        case RecurrentKind::Rnn:
            return stepRnn(x, h);
        case RecurrentKind::Gru:
            return stepGru(x, h);
        case RecurrentKind::Lstm:
            return stepLstm(x, h, c);
        }
    }

private:
    float fromX(qint64 gate, qint64 unit, const float* x) const
    {
        const qint64 row = gate * m_s.hidden + unit;
        return dot<float>(x, m_w + row * m_s.in, m_s.in) + (m_bw ? m_bw[row] : 0.0f);
    }
    float fromH(qint64 gate, qint64 unit, const float* h) const
    {
        const qint64 row = gate * m_s.hidden + unit;
        return dot<float>(h, m_r + row * m_s.hidden, m_s.hidden) + (m_br ? m_br[row] : 0.0f);
    }
    float activate(std::size_t which, float x) const
    {
        if (m_op.clip > 0)
            x = std::clamp(x, -m_op.clip, m_op.clip);
        return applyFunction(m_activations[which], x);
    }
    float peephole(qint64 gate, qint64 unit, float c) const
    {
        return m_peepholes ? m_peepholes[gate * m_s.hidden + unit] * c : 0.0f;
    }

    void stepRnn(const float* x, std::vector<float>& h) const
    {
        const std::vector<float> before = h;
        for (qint64 u = 0; u < m_s.hidden; ++u)
            h[static_cast<std::size_t>(u)] = activate(0, fromX(0, u, x) + fromH(0, u, before.data()));
    }

    void stepGru(const float* x, std::vector<float>& h) const
    {
        const std::vector<float> before = h;
        std::vector<float> z(h.size()), r(h.size()), reset(h.size());
        for (std::size_t u = 0; u < h.size(); ++u) {
            const auto unit = static_cast<qint64>(u);
            z[u] = activate(0, fromX(0, unit, x) + fromH(0, unit, before.data()));
            r[u] = activate(0, fromX(1, unit, x) + fromH(1, unit, before.data()));
            reset[u] = r[u] * before[u];
        }
        for (std::size_t u = 0; u < h.size(); ++u) {
            const auto unit = static_cast<qint64>(u);
            const float recurrent =
                m_op.linearBeforeReset ? r[u] * fromH(2, unit, before.data()) : fromH(2, unit, reset.data());
            const float candidate = activate(1, fromX(2, unit, x) + recurrent);
            h[u] = (1.0f - z[u]) * candidate + z[u] * before[u];
        }
    }

    void stepLstm(const float* x, std::vector<float>& h, std::vector<float>& c) const
    {
        const std::vector<float> before = h;
        for (std::size_t u = 0; u < h.size(); ++u) {
            const auto unit = static_cast<qint64>(u);
            const auto gate = [&](qint64 which) { return fromX(which, unit, x) + fromH(which, unit, before.data()); };
            const float input = activate(0, gate(0) + peephole(0, unit, c[u]));
            const float forget = m_op.inputForget ? 1.0f - input : activate(0, gate(2) + peephole(2, unit, c[u]));
            c[u] = forget * c[u] + input * activate(1, gate(3));
            const float output = activate(0, gate(1) + peephole(1, unit, c[u]));
            h[u] = output * activate(2, c[u]);
        }
    }

    const Recurrent& m_op;
    const Sizes& m_s;
    const float* m_w;
    const float* m_r;
    const Unary* m_activations;
    const float* m_bw = nullptr;
    const float* m_br = nullptr;
    const float* m_peepholes = nullptr;
};

class Runner
{
public:
    Runner(const Recurrent& op, Call& call)
        : m_op(op)
        , m_call(call)
        , m_s(sizesOf(op, call.in(kX).shape()))
    {}

    Status run()
    {
        std::vector<qint64> lengths(static_cast<std::size_t>(m_s.batch), m_s.steps);
        if (m_call.has(kLengths)) {
            lengths = m_call.in(kLengths).toInt64();
            for (const qint64 length : lengths) {
                if (length < 0 || length > m_s.steps)
                    return bad(QStringLiteral("a sequence of %1 out of %2 steps").arg(length).arg(m_s.steps));
            }
        }
        for (qint64 d = 0; d < m_s.directions; ++d) {
            for (qint64 b = 0; b < m_s.batch; ++b)
                runSequence(d, b, lengths[static_cast<std::size_t>(b)]);
        }
        return {};
    }

private:
    qint64 statePlace(qint64 d, qint64 b) const
    {
        return (m_op.batchFirst ? b * m_s.directions + d : d * m_s.batch + b) * m_s.hidden;
    }
    std::vector<float> initial(std::size_t input, qint64 place) const
    {
        std::vector<float> state(static_cast<std::size_t>(m_s.hidden), 0.0f);
        if (m_call.has(input))
            std::copy_n(m_call.in(input).as<float>().data() + place, m_s.hidden, state.begin());
        return state;
    }
    void store(std::size_t output, qint64 place, const std::vector<float>& values)
    {
        if (output < m_call.outputs.size())
            std::copy(values.begin(), values.end(), m_call.out(output).as<float>().data() + place);
    }

    void runSequence(qint64 d, qint64 b, qint64 length)
    {
        const Cell cell(m_op, m_s, m_call, d);
        std::vector<float> h = initial(kInitialH, statePlace(d, b));
        std::vector<float> c = initial(kInitialC, statePlace(d, b));
        const bool reverse = m_op.direction == Direction::Reverse || d == 1;
        for (qint64 i = 0; i < length; ++i) {
            const qint64 t = reverse ? length - 1 - i : i;
            const qint64 row = m_op.batchFirst ? b * m_s.steps + t : t * m_s.batch + b;
            cell.step(m_call.in(kX).as<float>().data() + row * m_s.in, h, c);
            store(0,
                  (m_op.batchFirst ? (b * m_s.steps + t) * m_s.directions + d
                                   : (t * m_s.directions + d) * m_s.batch + b) *
                      m_s.hidden,
                  h);
        }
        store(1, statePlace(d, b), h);
        store(2, statePlace(d, b), c);
    }

    const Recurrent& m_op;
    Call& m_call;
    Sizes m_s;
};

} // namespace

Result<Inference> infer(const Recurrent& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 3));
    const Input& x = context.at(kX);
    EMBER_CHECK(needType(x, {TensorType::Float32}, "input"));
    if (x.shape.size() != 3 || op.hidden < 1 || op.hidden > 65'536)
        return bad(QStringLiteral("%1 units for an input of %2").arg(op.hidden).arg(shapeText(x.shape)));
    const Sizes s = sizesOf(op, x.shape);
    const std::size_t perDirection = op.kind == RecurrentKind::Lstm ? 3 : (op.kind == RecurrentKind::Gru ? 2 : 1);
    if (op.activations.size() != perDirection * static_cast<std::size_t>(s.directions))
        return bad(QStringLiteral("%1 activations").arg(op.activations.size()));
    const qint64 rows = s.gates * s.hidden;
    EMBER_CHECK(needShape(context, kW, {s.directions, rows, s.in}, "weights"));
    EMBER_CHECK(needShape(context, kR, {s.directions, rows, s.hidden}, "recurrent weights"));
    EMBER_CHECK(needShape(context, kB, {s.directions, 2 * rows}, "bias"));
    EMBER_CHECK(needShape(context, kInitialH, stateShape(op, s), "initial state"));
    if (op.kind == RecurrentKind::Lstm) {
        EMBER_CHECK(needShape(context, kInitialC, stateShape(op, s), "initial cell"));
        EMBER_CHECK(needShape(context, kPeepholes, {s.directions, 3 * s.hidden}, "peepholes"));
    }
    if (context.has(kLengths)) {
        EMBER_CHECK(needType(context.at(kLengths), {TensorType::Int32, TensorType::Int64}, "lengths"));
        if (context.at(kLengths).size() != s.batch)
            return bad(QStringLiteral("%1 lengths for %2 sequences").arg(context.at(kLengths).size()).arg(s.batch));
    }
    Inference inference = one(
        x.type,
        op.batchFirst ? Shape{s.batch, s.steps, s.directions, s.hidden}
                      : Shape{s.steps, s.directions, s.batch, s.hidden},
        saturatedProduct(saturatedProduct(s.steps * s.directions, s.batch), saturatedProduct(rows, s.in + s.hidden)));
    for (std::size_t i = 1; i < std::min<std::size_t>(context.declared.size(), 3); ++i)
        inference.outputs.push_back({x.type, stateShape(op, s)});
    return inference;
}

Status evaluate(const Recurrent& op, Call& call)
{
    return Runner(op, call).run();
}

} // namespace ember::model::ops
