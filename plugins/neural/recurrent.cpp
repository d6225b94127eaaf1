// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/recurrent.h"

#include "plugins/neural/products.h"

#include <algorithm>
#include <cmath>

namespace ember::neural {
namespace {

float logistic(float x)
{
    return 1.0f / (1.0f + std::exp(-x));
}

// Slopes of the functions, by their results.
float logisticSlope(float y)
{
    return y * (1 - y);
}
float tangentSlope(float y)
{
    return 1 - y * y;
}

void addOuter(std::span<const float> rows, std::span<const float> columns, std::span<float> to)
{
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (std::size_t c = 0; c < columns.size(); ++c)
            to[r * columns.size() + c] += rows[r] * columns[c];
    }
}

// to += matrix' slopes
void addBack(std::span<const float> matrix, std::span<const float> slopes, std::span<float> to)
{
    for (std::size_t r = 0; r < slopes.size(); ++r) {
        for (std::size_t c = 0; c < to.size(); ++c)
            to[c] += slopes[r] * matrix[r * to.size() + c];
    }
}

std::span<const float> before(const std::vector<std::vector<float>>& values, std::size_t step,
                              const std::vector<float>& first)
{
    return step == 0 ? first : values[step - 1];
}

std::span<float> stepOf(std::span<float> values, std::size_t step, std::size_t width)
{
    return values.empty() ? values : values.subspan(step * width, width);
}

} // namespace

RecurrentLayer::RecurrentLayer(Volume in, qint64 units, qint64 gates, qint64 biases, Random& random)
    : Layer(in, {units, 1, 1})
{
    initialise(static_cast<std::size_t>(gates * units * (in.channels + units)), static_cast<std::size_t>(biases), 1,
               random);
    // Uniform up to one over the root of the units: states neither die nor run away over many steps.
    const double limit = 1 / std::sqrt(static_cast<double>(units));
    for (float& w : weights)
        w = static_cast<float>((2 * random.unit() - 1) * limit);
}

std::span<const float> RecurrentLayer::inputWeights() const
{
    return std::span(weights).first(static_cast<std::size_t>(gates() * units() * channels()));
}

std::span<const float> RecurrentLayer::stateWeights() const
{
    return std::span(weights).subspan(static_cast<std::size_t>(gates() * units() * channels()));
}

void RecurrentLayer::forward(std::span<const float> x, std::span<float> y) const
{
    const Trace trace = run(x);
    std::copy(trace.states.back().begin(), trace.states.back().end(), y.begin());
}

void RecurrentLayer::addFromInput(std::span<const float> x, std::span<float> y) const
{
    addProductOfRows(x, inputWeights(), y, y.size(), x.size());
}

void RecurrentLayer::addFromState(std::span<const float> h, std::span<float> y) const
{
    addProductOfRows(h, stateWeights(), y, y.size(), h.size());
}

void RecurrentLayer::learnInput(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    addOuter(dy, x, std::span(weightGradients).first(inputWeights().size()));
    addBack(inputWeights(), dy, dx);
}

void RecurrentLayer::learnState(std::span<const float> h, std::span<const float> dy, std::span<float> dh)
{
    addOuter(dy, h, std::span(weightGradients).subspan(inputWeights().size()));
    addBack(stateWeights(), dy, dh);
}

GruLayer::GruLayer(Volume in, qint64 units, Random& random)
    : RecurrentLayer(in, units, 3, 6 * units, random)
{}

RecurrentLayer::Trace GruLayer::run(std::span<const float> x) const
{
    const std::size_t n = unitCount(), width = static_cast<std::size_t>(channels());
    const std::vector<float> zeros(n, 0.0f);
    Trace trace;
    for (std::size_t t = 0; t < static_cast<std::size_t>(steps()); ++t) {
        const std::span<const float> h = before(trace.states, t, zeros);
        std::vector<float> gate(bias.begin(), bias.begin() + static_cast<std::ptrdiff_t>(3 * n));
        std::vector<float> fromState(bias.begin() + static_cast<std::ptrdiff_t>(3 * n), bias.end());
        addFromInput(x.subspan(t * width, width), gate);
        addFromState(h, fromState);
        std::vector<float> next(n), inner(n);
        for (std::size_t u = 0; u < n; ++u) {
            gate[u] = logistic(gate[u] + fromState[u]);
            gate[n + u] = logistic(gate[n + u] + fromState[n + u]);
            inner[u] = fromState[2 * n + u];
            gate[2 * n + u] = std::tanh(gate[2 * n + u] + gate[n + u] * inner[u]);
            next[u] = (1 - gate[u]) * gate[2 * n + u] + gate[u] * h[u];
        }
        trace.gates.push_back(std::move(gate));
        trace.states.push_back(std::move(next));
        trace.details.push_back(std::move(inner));
    }
    return trace;
}

void GruLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    const std::size_t n = unitCount(), width = static_cast<std::size_t>(channels());
    const std::vector<float> zeros(n, 0.0f);
    const Trace trace = run(x);
    std::fill(dx.begin(), dx.end(), 0.0f);
    std::vector<float> dh(dy.begin(), dy.end());
    std::vector<float> ofInput(3 * n), ofState(3 * n), previous(n);
    for (std::size_t t = static_cast<std::size_t>(steps()); t-- > 0;) {
        const std::span<const float> h = before(trace.states, t, zeros);
        const std::vector<float>& gate = trace.gates[t];
        for (std::size_t u = 0; u < n; ++u) {
            const float z = gate[u], r = gate[n + u], candidate = gate[2 * n + u];
            const float slope = dh[u] * (1 - z) * tangentSlope(candidate);
            ofInput[u] = ofState[u] = dh[u] * (h[u] - candidate) * logisticSlope(z);
            ofInput[n + u] = ofState[n + u] = slope * trace.details[t][u] * logisticSlope(r);
            ofInput[2 * n + u] = slope;
            ofState[2 * n + u] = slope * r;
            previous[u] = dh[u] * z;
        }
        for (std::size_t i = 0; i < 3 * n; ++i) {
            biasGradients[i] += ofInput[i];
            biasGradients[3 * n + i] += ofState[i];
        }
        learnInput(x.subspan(t * width, width), ofInput, stepOf(dx, t, width));
        learnState(h, ofState, previous);
        std::swap(dh, previous);
    }
}

LstmLayer::LstmLayer(Volume in, qint64 units, Random& random)
    : RecurrentLayer(in, units, 4, 4 * units, random)
{
    // A gate that forgets at first never learns what was long ago (Jozefowicz et al. 2015).
    std::fill_n(bias.begin() + static_cast<std::ptrdiff_t>(2 * units), units, 1.0f);
}

RecurrentLayer::Trace LstmLayer::run(std::span<const float> x) const
{
    const std::size_t n = unitCount(), width = static_cast<std::size_t>(channels());
    const std::vector<float> zeros(n, 0.0f);
    Trace trace;
    for (std::size_t t = 0; t < static_cast<std::size_t>(steps()); ++t) {
        const std::span<const float> c = before(trace.details, t, zeros);
        std::vector<float> gate = bias;
        addFromInput(x.subspan(t * width, width), gate);
        addFromState(before(trace.states, t, zeros), gate);
        std::vector<float> next(n), cell(n);
        for (std::size_t u = 0; u < n; ++u) {
            for (const std::size_t which : {0, 1, 2})
                gate[which * n + u] = logistic(gate[which * n + u]);
            gate[3 * n + u] = std::tanh(gate[3 * n + u]);
            cell[u] = gate[2 * n + u] * c[u] + gate[u] * gate[3 * n + u];
            next[u] = gate[n + u] * std::tanh(cell[u]);
        }
        trace.gates.push_back(std::move(gate));
        trace.states.push_back(std::move(next));
        trace.details.push_back(std::move(cell));
    }
    return trace;
}

void LstmLayer::backward(std::span<const float> x, std::span<const float> dy, std::span<float> dx)
{
    const std::size_t n = unitCount(), width = static_cast<std::size_t>(channels());
    const std::vector<float> zeros(n, 0.0f);
    const Trace trace = run(x);
    std::fill(dx.begin(), dx.end(), 0.0f);
    std::vector<float> dh(dy.begin(), dy.end()), dc(n, 0.0f), slopes(4 * n), previous(n);
    for (std::size_t t = static_cast<std::size_t>(steps()); t-- > 0;) {
        const std::span<const float> c = before(trace.details, t, zeros);
        const std::vector<float>& gate = trace.gates[t];
        for (std::size_t u = 0; u < n; ++u) {
            const float i = gate[u], o = gate[n + u], f = gate[2 * n + u], g = gate[3 * n + u];
            const float squashed = std::tanh(trace.details[t][u]);
            dc[u] += dh[u] * o * tangentSlope(squashed);
            slopes[u] = dc[u] * g * logisticSlope(i);
            slopes[n + u] = dh[u] * squashed * logisticSlope(o);
            slopes[2 * n + u] = dc[u] * c[u] * logisticSlope(f);
            slopes[3 * n + u] = dc[u] * i * tangentSlope(g);
            dc[u] *= f;
        }
        for (std::size_t k = 0; k < 4 * n; ++k)
            biasGradients[k] += slopes[k];
        std::fill(previous.begin(), previous.end(), 0.0f);
        learnInput(x.subspan(t * width, width), slopes, stepOf(dx, t, width));
        learnState(before(trace.states, t, zeros), slopes, previous);
        std::swap(dh, previous);
    }
}

} // namespace ember::neural
