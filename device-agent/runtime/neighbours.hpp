// SPDX-License-Identifier: MIT-0
#pragma once

#include "tensor.hpp"

namespace ember {
namespace runtime {

// Kernels of models that compare a row with stored points: neighbours, mixtures, support vectors.

struct PointsShape
{
    size_t points, width;
};

/// y[p] = sum over i of Function(x[i], points[p * width + i]).
template <typename Function, typename X, typename P>
inline void distances(Function, const PointsShape& shape, X x, P points, float* y)
{
    size_t at = 0;
    for (size_t p = 0; p < shape.points; ++p) {
        float sum = 0.0f;
        for (size_t i = 0; i < shape.width; ++i)
            sum += Function::of(x[i], points[at++]);
        y[p] = sum;
    }
}

/// y[p] = sum over i of (x[i] - points[p, i])^2 * weights[p, i].
template <typename X, typename P, typename W>
inline void weightedDistances(const PointsShape& shape, X x, P points, W weights, float* y)
{
    size_t at = 0;
    for (size_t p = 0; p < shape.points; ++p) {
        float sum = 0.0f;
        for (size_t i = 0; i < shape.width; ++i, ++at) {
            const float d = x[i] - points[at];
            sum += rounded(rounded(d * d) * weights[at]);
        }
        y[p] = sum;
    }
}

/// y[p] = sum over i of ((x[i] - points[p, i]) * scales[p, i])^2.
template <typename X, typename P, typename S>
inline void scaledDistances(const PointsShape& shape, X x, P points, S scales, float* y)
{
    size_t at = 0;
    for (size_t p = 0; p < shape.points; ++p) {
        float sum = 0.0f;
        for (size_t i = 0; i < shape.width; ++i, ++at) {
            const float d = rounded((x[i] - points[at]) * scales[at]);
            sum += rounded(d * d);
        }
        y[p] = sum;
    }
}

struct TopShape
{
    size_t outer, count, k, largest;
};

/// The k largest (else smallest) of each row in order, the first of equals first, and their indices.
template <typename X>
inline void topK(const TopShape& shape, X x, float* values, float* indices)
{
    for (size_t o = 0; o < shape.outer; ++o, values += shape.k, indices += shape.k) {
        size_t found = 0;
        for (size_t n = 0; n < shape.count; ++n) {
            const float value = x[o * shape.count + n];
            size_t at = found;
            while (at > 0 && (shape.largest != 0 ? value > values[at - 1] : value < values[at - 1]))
                --at;
            if (at == shape.k)
                continue;
            found += found < shape.k ? 1u : 0u;
            for (size_t move = found - 1; move > at; --move) {
                values[move] = values[move - 1];
                indices[move] = indices[move - 1];
            }
            values[at] = value;
            indices[at] = real(n);
        }
    }
}

struct TableShape
{
    size_t count, width, rows; ///< indices; width and number of the table's rows
};

/// Rows of a table; an index that is none reads its first row.
template <typename T, typename X>
inline void gatherRows(const TableShape& shape, T table, X indices, float* y)
{
    for (size_t n = 0; n < shape.count; ++n) {
        const float index = indices[n];
        const size_t row = index > 0.0f && index < real(shape.rows) ? static_cast<size_t>(index) : 0;
        for (size_t i = 0; i < shape.width; ++i)
            *y++ = table[row * shape.width + i];
    }
}

struct OneHotShape
{
    size_t count, depth;
};

/// For each index a row of values[0] with values[1] at the index.
template <typename X, typename V>
inline void oneHot(const OneHotShape& shape, X indices, V values, float* y)
{
    for (size_t n = 0; n < shape.count; ++n) {
        for (size_t i = 0; i < shape.depth; ++i)
            *y++ = values[indices[n] == real(i) ? 1 : 0];
    }
}

struct VoteShape
{
    size_t classes, vectors;
};

/// What a support vector machine says to each pair of classes i < j, in libsvm's layout: coefficients are
/// [classes - 1, vectors]; vectors lie class after class, that of class c from firsts[c] to before firsts[c + 1].
template <typename K, typename C, typename R, typename F>
inline void pairDecisions(const VoteShape& shape, K kernels, C coefficients, R rho, F firsts, float* y)
{
    size_t pair = 0;
    for (size_t i = 0; i < shape.classes; ++i) {
        for (size_t j = i + 1; j < shape.classes; ++j, ++pair) {
            float sum = rho[pair];
            for (size_t v = static_cast<size_t>(firsts[i]); v < static_cast<size_t>(firsts[i + 1]); ++v)
                sum += rounded(coefficients[(j - 1) * shape.vectors + v] * kernels[v]);
            for (size_t v = static_cast<size_t>(firsts[j]); v < static_cast<size_t>(firsts[j + 1]); ++v)
                sum += rounded(coefficients[i * shape.vectors + v] * kernels[v]);
            y[pair] = sum;
        }
    }
}

/// The class with the most pairs, the first of equals; y has room for one number. A positive decision is one for i.
template <typename D>
inline void pairWinner(size_t classes, D decisions, float* y)
{
    size_t best = 0;
    size_t most = 0;
    for (size_t c = 0; c < classes; ++c) {
        size_t votes = 0;
        size_t pair = 0;
        for (size_t i = 0; i < classes; ++i) {
            for (size_t j = i + 1; j < classes; ++j, ++pair) {
                const size_t winner = decisions[pair] > 0.0f ? i : j;
                votes += winner == c ? 1u : 0u;
            }
        }
        if (votes > most) {
            most = votes;
            best = c;
        }
    }
    y[0] = real(best);
}

} // namespace runtime
} // namespace ember
