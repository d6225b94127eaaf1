// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/fixed_point.h"
#include "core/model/interpreter.h"

#include <QRandomGenerator>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace ember::model::test {

inline Quantisation scaled(float scale, qint32 zero)
{
    return {{scale}, {zero}, 0};
}

// A long short-term memory with random weights, in reals and in integers.
class Memory
{
public:
    Memory(QRandomGenerator& random, std::size_t in, std::size_t hidden)
        : m_in(in)
        , m_hidden(hidden)
    {
        for (std::size_t gate = 0; gate < 4; ++gate) {
            w[gate] = numbers(random, hidden * in);
            r[gate] = numbers(random, hidden * hidden);
            b[gate] = numbers(random, hidden);
        }
    }

    static std::vector<float> numbers(QRandomGenerator& random, std::size_t count)
    {
        std::vector<float> values(count);
        for (float& value : values)
            value = 2 * static_cast<float>(random.generateDouble()) - 1;
        return values;
    }

    Tensor input(QRandomGenerator& random, qint64 steps) const
    {
        return Tensor::of(numbers(random, static_cast<std::size_t>(steps) * m_in),
                          {1, steps, static_cast<qint64>(m_in)});
    }

    Model reals() const
    {
        Model model = frame(TensorType::Float32, std::nullopt, std::nullopt);
        model.graph.states[1].type = TensorType::Float32;
        for (std::size_t gate = 0; gate < 4; ++gate) {
            const std::string g = std::to_string(gate);
            model.graph.constants["w" + g] = {Tensor::of(w[gate], matrix(m_in))};
            model.graph.constants["r" + g] = {Tensor::of(r[gate], matrix(m_hidden))};
            model.graph.constants["b" + g] = {Tensor::of(b[gate], {static_cast<qint64>(m_hidden)})};
        }
        return model;
    }

    Model integers(bool wide) const
    {
        const TensorType type = wide ? TensorType::Int16 : TensorType::Int8;
        Model model = frame(type, inputScale(wide), outputScale(wide));
        model.graph.states[1].quantisation = scaled(std::ldexp(1.0f, cellPower), 0);
        for (std::size_t gate = 0; gate < 4; ++gate) {
            const std::string g = std::to_string(gate);
            model.graph.constants["w" + g] = {Tensor::of(weights(w[gate]), matrix(m_in)), scaled(kWeightScale, 0)};
            model.graph.constants["r" + g] = {Tensor::of(weights(r[gate]), matrix(m_hidden)), scaled(kWeightScale, 0)};
            const std::vector<qint64> bias = biases(gate, wide);
            const std::vector<qint32> narrow(bias.begin(), bias.end());
            const Shape shape{static_cast<qint64>(m_hidden)};
            model.graph.constants["b" + g] = {wide ? Tensor::of(bias, shape) : Tensor::of(narrow, shape)};
        }
        return model;
    }

    Tensor stored(const Tensor& x, bool wide) const
    {
        const Quantisation q = inputScale(wide);
        std::vector<qint64> values;
        for (const float value : x.as<float>())
            values.push_back(std::clamp<qint64>(std::lround(value / q.scale()) + q.zeroPoint(), wide ? -32768 : -128,
                                                wide ? 32767 : 127));
        Tensor result = Tensor::zeros(wide ? TensorType::Int16 : TensorType::Int8, x.shape()).value();
        result.assign(std::span<const qint64>(values));
        return result;
    }

    Tensor run(const Model& model, const Tensor& x) const
    {
        return Interpreter::create(model).value().run({x}).value().at(0);
    }

    // The definition in whole numbers, one value after the other.
    std::vector<qint64> oracle(const Tensor& x, bool wide) const
    {
        const Quantisation in = inputScale(wide), out = outputScale(wide);
        const double cell = std::ldexp(1.0, cellPower);
        std::vector<qint64> h(m_hidden, out.zeroPoint()), c(m_hidden, 0), all;
        const std::vector<qint64> values = x.toInt64();
        for (std::size_t t = 0; t < values.size() / m_in; ++t) {
            std::vector<qint64> next(m_hidden);
            for (std::size_t u = 0; u < m_hidden; ++u) {
                std::array<qint64, 4> gates{};
                for (std::size_t gate = 0; gate < 4; ++gate) {
                    qint64 fromX = biases(gate, wide)[u], fromH = 0;
                    for (std::size_t i = 0; i < m_in; ++i)
                        fromX += (values[t * m_in + i] - in.zeroPoint()) * weights(w[gate])[u * m_in + i];
                    for (std::size_t i = 0; i < m_hidden; ++i)
                        fromH += (h[i] - out.zeroPoint()) * weights(r[gate])[u * m_hidden + i];
                    const double stepX = static_cast<double>(in.scale() * kWeightScale) * 4096;
                    const double stepH = static_cast<double>(out.scale() * kWeightScale) * 4096;
                    const qint64 sum = short16(short16(times(fromX, stepX, wide)) + short16(times(fromH, stepH, wide)));
                    const auto place = static_cast<qint32>(3 * sum);
                    gates[gate] = gate == 2 ? tanh16(place) : logistic16(place);
                }
                const qint64 kept = short16(times(gates[1] * c[u], 1.0 / 32768, false));
                const qint64 added = short16(times(gates[0] * gates[2], 1.0 / 32768 / 32768 / cell, false));
                c[u] = short16(kept + added);
                const int shift = cellPower + 12;
                const qint64 place = shift >= 0
                                         ? 3 * c[u] * (1 << shift)
                                         : static_cast<qint64>(std::floor(std::ldexp(3.0 * double(c[u]), shift) + 0.5));
                const qint64 result = times(gates[3] * tanh16(static_cast<qint32>(place)),
                                            1.0 / 32768 / 32768 / static_cast<double>(out.scale()), false) +
                                      out.zeroPoint();
                next[u] = std::clamp<qint64>(result, wide ? -32768 : -128, wide ? 32767 : 127);
            }
            h = next;
            all.insert(all.end(), h.begin(), h.end());
        }
        return all;
    }

    std::array<std::vector<float>, 4> w, r, b; ///< gates input, forget, cell, output
    int cellPower = -11;

private:
    static constexpr float kWeightScale = 1.0f / 127;

    static qint64 short16(qint64 x) { return std::clamp<qint64>(x, -32768, 32767); }
    // x times a real, rounded as the reference does; `wide` for sums of 64 bits.
    static qint64 times(qint64 x, double real, bool wide)
    {
        const Multiplier m = makeMultiplier(real);
        return wide ? scaleWideBy(x, m) : scaleBy(static_cast<qint32>(x), m, RequantiseRounding::Double);
    }
    Shape matrix(std::size_t columns) const { return {static_cast<qint64>(m_hidden), static_cast<qint64>(columns)}; }
    static Quantisation inputScale(bool wide) { return wide ? scaled(1.0f / 32767, 0) : scaled(2.0f / 255, 4); }
    static Quantisation outputScale(bool wide) { return wide ? scaled(1.0f / 32768, 0) : scaled(1.0f / 128, -3); }
    static std::vector<qint8> weights(const std::vector<float>& reals)
    {
        std::vector<qint8> values;
        for (const float real : reals)
            values.push_back(static_cast<qint8>(std::lround(real / kWeightScale)));
        return values;
    }
    std::vector<qint64> biases(std::size_t gate, bool wide) const
    {
        std::vector<qint64> values;
        for (const float real : b[gate])
            values.push_back(
                std::llround(static_cast<double>(real) / static_cast<double>(inputScale(wide).scale() * kWeightScale)));
        return values;
    }
    Model frame(TensorType type, std::optional<Quantisation> in, std::optional<Quantisation> out) const
    {
        const auto hidden = static_cast<qint64>(m_hidden);
        Model model;
        model.graph.inputs = {{"x", type, {1, -1, static_cast<qint64>(m_in)}, in}};
        model.graph.outputs = {{"y", type, {1, -1, hidden}, out}};
        model.graph.values["y"] = model.graph.outputs[0];
        model.graph.states = {{"h", type, {1, hidden}, out}, {"c", TensorType::Int16, {1, hidden}}};
        std::vector<std::string> inputs{"x"};
        for (const char* kind : {"w", "r", "b"}) {
            for (std::size_t gate = 0; gate < 4; ++gate)
                inputs.push_back(kind + std::to_string(gate));
        }
        inputs.insert(inputs.end(), {"h", "c"});
        model.graph.nodes = {{"memory", SequenceLstm{}, inputs, {"y"}}};
        return model;
    }

    std::size_t m_in;
    std::size_t m_hidden;
};

} // namespace ember::model::test
