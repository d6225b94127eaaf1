// SPDX-License-Identifier: MIT-0
#pragma once

#include "elementary.hpp"
#include "flash_data.hpp"

#include <stddef.h>
#include <stdint.h>

namespace ember {
namespace runtime {

// Float models as a list of steps on buffers: under the rules of real.hpp, so that desk and board agree to the last bit
// where the board computes in IEEE single precision. Sums go from the first element to the last.
//
// Kernels are shared by all steps of their kind; a compiler that is asked for speed makes a copy for each shape.
// Everything is a float: indices and counts too, which are exact below 2^24. Constants lie in flash, hence the two ways
// of reading.

struct RamValues
{
    const float* from;
    float operator[](size_t i) const { return from[i]; }
};

#if defined(__AVR__)
struct FlashValues
{
    const float* from;
    float operator[](size_t i) const { return pgm_read_float(from + i); }
};
#else
using FlashValues = RamValues; // one copy of each kernel
#endif

inline RamValues inRam(const float* from)
{
    return RamValues{from};
}
inline FlashValues inFlash(const float* from)
{
    return FlashValues{from};
}

/// Features of any type as floats.
template <typename Feature>
inline void widen(size_t count, const Feature* from, float* to)
{
    for (size_t i = 0; i < count; ++i)
        to[i] = static_cast<float>(from[i]);
}

template <typename Values>
inline void copyValues(size_t count, Values from, float* to)
{
    for (size_t i = 0; i < count; ++i)
        to[i] = from[i];
}

struct DenseShape
{
    size_t in, out, relu;
};

/// y[o] = bias[o] + sum over i of x[i] * weights[o * in + i]; negative results are cut to zero when `relu`.
template <typename X, typename W, typename B>
inline void dense(const DenseShape& shape, X x, W weights, B bias, float* y)
{
    size_t at = 0;
    for (size_t o = 0; o < shape.out; ++o) {
        float sum = bias[o];
        for (size_t i = 0; i < shape.in; ++i)
            sum += rounded(x[i] * weights[at++]);
        y[o] = shape.relu != 0 && sum < 0.0f ? 0.0f : sum;
    }
}

struct ProductShape
{
    size_t rows, inner, columns;         ///< of the product
    size_t aRow, aColumn, bRow, bColumn; ///< from element to element
};

/// y[r * columns + c] = sum over i of a[r, i] * b[i, c].
template <typename A, typename B>
inline void matrixProduct(const ProductShape& shape, A a, B b, float* y)
{
    for (size_t r = 0; r < shape.rows; ++r) {
        for (size_t c = 0; c < shape.columns; ++c) {
            float sum = 0.0f;
            for (size_t i = 0; i < shape.inner; ++i)
                sum += rounded(a[r * shape.aRow + i * shape.aColumn] * b[i * shape.bRow + c * shape.bColumn]);
            *y++ = sum;
        }
    }
}

// Functions of one and two numbers.
struct Negate
{
    static float of(float x) { return -x; }
};
struct Absolute
{
    static float of(float x) { return absolute(x); }
};
struct Exponential
{
    static float of(float x) { return exponential(x); }
};
struct Logarithm
{
    static float of(float x) { return logarithm(x); }
};
struct Relu
{
    static float of(float x) { return x < 0.0f ? 0.0f : x; }
};
struct Logistic
{
    static float of(float x) { return logisticOf(x); }
};
struct Tangent
{
    static float of(float x) { return hyperbolicTangent(x); }
};
struct SquareRoot
{
    static float of(float x) { return squareRoot(x); }
};
struct Square
{
    static float of(float x) { return rounded(x * x); }
};
struct Reciprocal
{
    static float of(float x) { return 1.0f / x; }
};
struct Add
{
    static float of(float a, float b) { return a + b; }
};
struct Subtract
{
    static float of(float a, float b) { return a - b; }
};
struct Multiply
{
    static float of(float a, float b) { return rounded(a * b); }
};
struct Divide
{
    static float of(float a, float b) { return a / b; }
};
struct Lesser
{
    static float of(float a, float b) { return lesser(a, b); }
};
struct Greater
{
    static float of(float a, float b) { return greater(a, b); }
};
struct SquaredDifference
{
    static float of(float a, float b) { return rounded((a - b) * (a - b)); }
};
struct AbsoluteDifference
{
    static float of(float a, float b) { return absolute(a - b); }
};

template <typename Function, typename X>
inline void unary(Function, size_t count, X x, float* y)
{
    for (size_t i = 0; i < count; ++i)
        y[i] = Function::of(x[i]);
}

struct PairShape
{
    size_t size0, size1, size2; ///< of the result
    size_t a0, a1, a2;          ///< how far an operand moves for one step along each, 0 where it is repeated
    size_t b0, b1, b2;
};

/// Broadcast over up to three dimensions.
template <typename Function, typename A, typename B>
inline void binary(Function, const PairShape& shape, A a, B b, float* y)
{
    for (size_t i = 0; i < shape.size0; ++i) {
        for (size_t j = 0; j < shape.size1; ++j) {
            for (size_t k = 0; k < shape.size2; ++k)
                *y++ = Function::of(a[i * shape.a0 + j * shape.a1 + k * shape.a2],
                                    b[i * shape.b0 + j * shape.b1 + k * shape.b2]);
        }
    }
}

/// y = x^exponent, by repeated multiplication.
struct PowerShape
{
    size_t count, exponent;
};

template <typename X>
inline void power(const PowerShape& shape, X x, float* y)
{
    for (size_t i = 0; i < shape.count; ++i) {
        const float base = x[i];
        float result = 1.0f;
        for (size_t n = 0; n < shape.exponent; ++n)
            result = rounded(result * base);
        y[i] = result;
    }
}

// Sums and extremes along an axis: first(x), then step(result, x) for the others, then finish(result, count).
struct SumOf
{
    static float first(float x) { return x; }
    static float step(float sum, float x) { return sum + x; }
    static float finish(float sum, size_t) { return sum; }
};
struct MeanOf : SumOf
{
    static float finish(float sum, size_t count) { return sum / real(count); }
};
struct SumOfMagnitudes : SumOf
{
    static float first(float x) { return absolute(x); }
    static float step(float sum, float x) { return sum + absolute(x); }
};
struct SumOfSquares : SumOf
{
    static float first(float x) { return rounded(x * x); }
    static float step(float sum, float x) { return sum + rounded(x * x); }
};
struct NormOf : SumOfSquares
{
    static float finish(float sum, size_t) { return squareRoot(sum); }
};
struct MaximumOf : SumOf
{
    static float step(float most, float x) { return greater(most, x); }
};
struct MinimumOf : SumOf
{
    static float step(float least, float x) { return lesser(least, x); }
};

struct FoldShape
{
    size_t outer, count, inner; ///< count is the axis that goes
};

template <typename Fold, typename X>
inline void reduce(Fold, const FoldShape& shape, X x, float* y)
{
    for (size_t o = 0; o < shape.outer; ++o) {
        for (size_t i = 0; i < shape.inner; ++i) {
            size_t at = o * shape.count * shape.inner + i;
            float result = Fold::first(x[at]);
            for (size_t n = 1; n < shape.count; ++n)
                result = Fold::step(result, x[at += shape.inner]);
            *y++ = Fold::finish(result, shape.count);
        }
    }
}

struct RowsShape
{
    size_t outer, count; ///< rows, and elements of each
};

template <typename X>
inline float largestOf(X x, size_t at, size_t count)
{
    float most = x[at];
    for (size_t n = 1; n < count; ++n)
        most = greater(most, x[at + n]);
    return most;
}

/// log(sum of e^x) along rows, without overflow.
template <typename X>
inline void logSumExp(const RowsShape& shape, X x, float* y)
{
    for (size_t o = 0; o < shape.outer; ++o) {
        const size_t at = o * shape.count;
        const float most = largestOf(x, at, shape.count);
        float sum = 0.0f;
        for (size_t n = 0; n < shape.count; ++n)
            sum += exponential(x[at + n] - most);
        y[o] = most + logarithm(sum);
    }
}

/// Along rows; y may be x.
template <typename X>
inline void softmax(const RowsShape& shape, X x, float* y)
{
    for (size_t o = 0; o < shape.outer; ++o) {
        const size_t at = o * shape.count;
        const float most = largestOf(x, at, shape.count);
        float sum = 0.0f;
        for (size_t n = 0; n < shape.count; ++n) {
            y[at + n] = exponential(x[at + n] - most);
            sum += y[at + n];
        }
        for (size_t n = 0; n < shape.count; ++n)
            y[at + n] = y[at + n] / sum;
    }
}

struct ExtremeShape
{
    size_t outer, count, largest;
};

/// Index of the largest (else the smallest) along rows, the first of equals.
template <typename X>
inline void argExtreme(const ExtremeShape& shape, X x, float* y)
{
    for (size_t o = 0; o < shape.outer; ++o) {
        const size_t at = o * shape.count;
        size_t best = 0;
        for (size_t n = 1; n < shape.count; ++n) {
            if (shape.largest != 0 ? x[at + n] > x[at + best] : x[at + n] < x[at + best])
                best = n;
        }
        y[o] = real(best);
    }
}

/// The winner that a model's label says.
inline uint16_t winnerFrom(float index, uint16_t count)
{
    return index > 0.0f && index < real(count) ? static_cast<uint16_t>(index) : uint16_t{0};
}

} // namespace runtime
} // namespace ember
