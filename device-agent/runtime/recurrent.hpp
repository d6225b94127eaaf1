// SPDX-License-Identifier: MIT-0
#pragma once

#include "tensor.hpp"

namespace ember {
namespace runtime {

// Layers with a state, which begins at zero; what they give is the state behind the last step. Weights of the input are
// [gates * units, channels], those of the state [gates * units, units], gates in the order of ONNX.

struct RecurrentShape
{
    size_t steps, channels, units;
};

/// start + sum over i of x[from + i] * weights[row * count + i], from the first to the last.
template <typename X, typename W>
inline float weightedSum(float start, X x, size_t from, size_t count, W weights, size_t row)
{
    size_t at = row * count;
    for (size_t i = 0; i < count; ++i)
        start += rounded(x[from + i] * weights[at++]);
    return start;
}

/// Gated recurrent units with the reset behind the product. Gates z, r, candidate; bias: those of the input, then those
/// of the state. `work` has room for the units.
template <typename X, typename W, typename R, typename B>
inline void gru(const RecurrentShape& shape, X x, W weights, R stateWeights, B bias, float* state, float* work)
{
    const size_t n = shape.units;
    const RamValues before{state};
    for (size_t u = 0; u < n; ++u)
        state[u] = 0.0f;
    for (size_t t = 0; t < shape.steps; ++t) {
        const size_t from = t * shape.channels;
        for (size_t u = 0; u < n; ++u) {
            const float keep = logisticOf(weightedSum(bias[u], x, from, shape.channels, weights, u) +
                                          weightedSum(bias[3 * n + u], before, 0, n, stateWeights, u));
            const float reset = logisticOf(weightedSum(bias[n + u], x, from, shape.channels, weights, n + u) +
                                           weightedSum(bias[4 * n + u], before, 0, n, stateWeights, n + u));
            const float inner = weightedSum(bias[5 * n + u], before, 0, n, stateWeights, 2 * n + u);
            const float candidate = hyperbolicTangent(
                weightedSum(bias[2 * n + u], x, from, shape.channels, weights, 2 * n + u) + rounded(reset * inner));
            work[u] = rounded((1.0f - keep) * candidate) + rounded(keep * state[u]);
        }
        for (size_t u = 0; u < n; ++u)
            state[u] = work[u];
    }
}

/// Long short-term memory without peepholes. Gates i, o, f, candidate; one bias for each. `work` has room for twice the
/// units.
template <typename X, typename W, typename R, typename B>
inline void lstm(const RecurrentShape& shape, X x, W weights, R stateWeights, B bias, float* state, float* work)
{
    const size_t n = shape.units;
    const RamValues before{state};
    float* const cell = work + n;
    for (size_t u = 0; u < n; ++u)
        state[u] = cell[u] = 0.0f;
    for (size_t t = 0; t < shape.steps; ++t) {
        const size_t from = t * shape.channels;
        for (size_t u = 0; u < n; ++u) {
            float gates[4];
            for (size_t g = 0; g < 4; ++g) {
                const float ofInput = weightedSum(bias[g * n + u], x, from, shape.channels, weights, g * n + u);
                gates[g] = weightedSum(ofInput, before, 0, n, stateWeights, g * n + u);
            }
            cell[u] =
                rounded(logisticOf(gates[2]) * cell[u]) + rounded(logisticOf(gates[0]) * hyperbolicTangent(gates[3]));
            work[u] = rounded(logisticOf(gates[1]) * hyperbolicTangent(cell[u]));
        }
        for (size_t u = 0; u < n; ++u)
            state[u] = work[u];
    }
}

} // namespace runtime
} // namespace ember
