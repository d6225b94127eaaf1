// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/integer_fft.h"

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <type_traits>

namespace ember::model::ops {
namespace {

/// The arithmetic of one element type. Integers are fractions of the largest; sums wrap, as they do on the board.
template <typename T>
struct Fixed
{
    using Wide = std::conditional_t<sizeof(T) == 2, qint32, qint64>;
    using Unsigned = std::make_unsigned_t<T>;
    static constexpr int kBits = 8 * sizeof(T) - 1;
    static constexpr Wide kOne = std::numeric_limits<T>::max();

    static T rounded(Wide x) { return static_cast<T>((x + (Wide{1} << (kBits - 1))) >> kBits); }
    static T plus(T a, T b)
    {
        return static_cast<T>(static_cast<Unsigned>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b)));
    }
    static T minus(T a, T b)
    {
        return static_cast<T>(static_cast<Unsigned>(static_cast<Unsigned>(a) - static_cast<Unsigned>(b)));
    }
    static T negated(T a) { return minus(0, a); }
    static T times(T a, T b) { return rounded(static_cast<Wide>(a) * b); }
    /// a b + c d, rounded once.
    static T products(T a, T b, T c, T d) { return rounded(static_cast<Wide>(a) * b + static_cast<Wide>(c) * d); }
    static T crossed(T a, T b, T c, T d) { return rounded(static_cast<Wide>(a) * b - static_cast<Wide>(c) * d); }
    static T divided(T a, std::size_t by) { return rounded(static_cast<Wide>(a) * (kOne / static_cast<Wide>(by))); }
    static T halved(T a) { return static_cast<T>(a >> 1); }
    /// Half of a sum or difference. 16 bits are added in 32 and keep the bit above; 32 bits wrap.
    static T halfSum(T a, T b)
    {
        return sizeof(T) == 2 ? static_cast<T>((static_cast<Wide>(a) + b) >> 1) : halved(plus(a, b));
    }
    static T halfDifference(T a, T b)
    {
        return sizeof(T) == 2 ? static_cast<T>((static_cast<Wide>(a) - b) >> 1) : halved(minus(a, b));
    }
    static T ofReal(double x) { return static_cast<T>(std::floor(0.5 + static_cast<double>(kOne) * x)); }
};

template <>
struct Fixed<float>
{
    static float plus(float a, float b) { return a + b; }
    static float minus(float a, float b) { return a - b; }
    static float negated(float a) { return -a; }
    static float times(float a, float b) { return a * b; }
    static float products(float a, float b, float c, float d) { return a * b + c * d; }
    static float crossed(float a, float b, float c, float d) { return a * b - c * d; }
    static float divided(float a, std::size_t) { return a; }
    static float halved(float a) { return a * 0.5f; }
    static float halfSum(float a, float b) { return (a + b) * 0.5f; }
    static float halfDifference(float a, float b) { return (a - b) * 0.5f; }
    static float ofReal(double x) { return static_cast<float>(x); }
};

template <typename C>
using ElementOf = decltype(C::real);

template <typename C>
C plus(const C& a, const C& b)
{
    using F = Fixed<ElementOf<C>>;
    return {F::plus(a.real, b.real), F::plus(a.imaginary, b.imaginary)};
}

template <typename C>
C minus(const C& a, const C& b)
{
    using F = Fixed<ElementOf<C>>;
    return {F::minus(a.real, b.real), F::minus(a.imaginary, b.imaginary)};
}

template <typename C>
C times(const C& a, const C& b)
{
    using F = Fixed<ElementOf<C>>;
    return {F::crossed(a.real, b.real, a.imaginary, b.imaginary),
            F::products(a.real, b.imaginary, a.imaginary, b.real)};
}

template <typename C>
C scaled(const C& a, ElementOf<C> by)
{
    using F = Fixed<ElementOf<C>>;
    return {F::times(a.real, by), F::times(a.imaginary, by)};
}

template <typename C>
C divided(const C& a, std::size_t by)
{
    using F = Fixed<ElementOf<C>>;
    return {F::divided(a.real, by), F::divided(a.imaginary, by)};
}

template <typename C>
C conjugate(const C& a)
{
    return {a.real, Fixed<ElementOf<C>>::negated(a.imaginary)};
}

/// -i a.
template <typename C>
C turnedBack(const C& a)
{
    return {a.imaginary, Fixed<ElementOf<C>>::negated(a.real)};
}

template <typename C>
C turn(double phase)
{
    using F = Fixed<ElementOf<C>>;
    return {F::ofReal(std::cos(phase)), F::ofReal(std::sin(phase))};
}

/// Fours first, then twos, threes and the odd numbers up to the root of the whole; what is left is one step.
std::vector<std::size_t> radicesOf(std::size_t points)
{
    std::vector<std::size_t> radices;
    const auto most = static_cast<std::size_t>(std::sqrt(static_cast<double>(points)));
    std::size_t radix = 4;
    do {
        while (points % radix != 0) {
            radix = radix == 4 ? 2 : radix == 2 ? 3 : radix + 2;
            if (radix > most)
                radix = points;
        }
        points /= radix;
        radices.push_back(radix);
    } while (points > 1);
    return radices;
}

/// Where the points lie before the innermost step: digits of their number, the other way round.
std::vector<std::size_t> orderOf(const std::vector<std::size_t>& radices)
{
    std::vector<std::size_t> order{0};
    std::size_t stride = std::accumulate(radices.begin(), radices.end(), std::size_t{1}, std::multiplies<>());
    for (auto radix = radices.rbegin(); radix != radices.rend(); ++radix) {
        stride /= *radix;
        std::vector<std::size_t> longer;
        for (std::size_t q = 0; q < *radix; ++q) {
            for (const std::size_t place : order)
                longer.push_back(place + q * stride);
        }
        order = std::move(longer);
    }
    return order;
}

} // namespace

template <typename T>
RealTransform<T>::RealTransform(qint64 length, bool inverse)
    : m_half(static_cast<std::size_t>(length / 2))
    , m_inverse(inverse)
    , m_radices(radicesOf(m_half))
    , m_order(orderOf(m_radices))
{
    const double sign = inverse ? 1 : -1;
    for (std::size_t k = 0; k < m_half; ++k)
        m_turns.push_back(
            turn<Complex>(sign * 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(m_half)));
    for (std::size_t k = 1; k <= m_half / 2; ++k)
        m_split.push_back(
            turn<Complex>(sign * std::numbers::pi * (static_cast<double>(k) / static_cast<double>(m_half) + 0.5)));
}

template <typename T>
void RealTransform<T>::combine2(Complex* values, std::size_t part, std::size_t stride) const
{
    for (std::size_t k = 0; k < part; ++k) {
        const Complex even = divided(values[k], 2);
        const Complex odd = times(divided(values[part + k], 2), m_turns[k * stride]);
        values[part + k] = minus(even, odd);
        values[k] = plus(even, odd);
    }
}

template <typename T>
void RealTransform<T>::combine3(Complex* values, std::size_t part, std::size_t stride) const
{
    using F = Fixed<T>;
    const T sine = m_turns[stride * part].imaginary;
    for (std::size_t k = 0; k < part; ++k) {
        const Complex first = divided(values[k], 3);
        const Complex second = times(divided(values[part + k], 3), m_turns[k * stride]);
        const Complex third = times(divided(values[2 * part + k], 3), m_turns[2 * k * stride]);
        const Complex sum = plus(second, third);
        const Complex difference = minus(second, third);
        const Complex across = scaled(difference, sine);
        const Complex middle = minus(first, Complex{F::halved(sum.real), F::halved(sum.imaginary)});
        values[k] = plus(first, sum);
        values[2 * part + k] = plus(middle, turnedBack(across));
        values[part + k] = minus(middle, turnedBack(across));
    }
}

template <typename T>
void RealTransform<T>::combine4(Complex* values, std::size_t part, std::size_t stride) const
{
    for (std::size_t k = 0; k < part; ++k) {
        const Complex first = divided(values[k], 4);
        const Complex second = times(divided(values[part + k], 4), m_turns[k * stride]);
        const Complex third = times(divided(values[2 * part + k], 4), m_turns[2 * k * stride]);
        const Complex fourth = times(divided(values[3 * part + k], 4), m_turns[3 * k * stride]);
        const Complex even = plus(first, third);
        const Complex evenApart = minus(first, third);
        const Complex odd = plus(second, fourth);
        const Complex oddTurned = turnedBack(minus(second, fourth));
        values[k] = plus(even, odd);
        values[2 * part + k] = minus(even, odd);
        values[part + k] = m_inverse ? minus(evenApart, oddTurned) : plus(evenApart, oddTurned);
        values[3 * part + k] = m_inverse ? plus(evenApart, oddTurned) : minus(evenApart, oddTurned);
    }
}

template <typename T>
void RealTransform<T>::combine5(Complex* values, std::size_t part, std::size_t stride) const
{
    const Complex a = m_turns[stride * part];
    const Complex b = m_turns[stride * 2 * part];
    for (std::size_t k = 0; k < part; ++k) {
        Complex x[5];
        for (std::size_t q = 0; q < 5; ++q) {
            x[q] = divided(values[q * part + k], 5);
            if (q > 0)
                x[q] = times(x[q], m_turns[q * k * stride]);
        }
        const Complex outer = plus(x[1], x[4]), outerApart = minus(x[1], x[4]);
        const Complex inner = plus(x[2], x[3]), innerApart = minus(x[2], x[3]);
        const Complex near = plus(x[0], plus(scaled(outer, a.real), scaled(inner, b.real)));
        const Complex far = plus(x[0], plus(scaled(outer, b.real), scaled(inner, a.real)));
        const Complex nearTurned = turnedBack(plus(scaled(outerApart, a.imaginary), scaled(innerApart, b.imaginary)));
        // Each product is rounded before it is subtracted: rounding a negative one would differ at halves.
        const Complex farTurned = turnedBack(minus(scaled(innerApart, a.imaginary), scaled(outerApart, b.imaginary)));
        values[k] = plus(x[0], plus(outer, inner));
        values[part + k] = minus(near, nearTurned);
        values[4 * part + k] = plus(near, nearTurned);
        values[2 * part + k] = plus(far, farTurned);
        values[3 * part + k] = minus(far, farTurned);
    }
}

template <typename T>
void RealTransform<T>::combineAny(Complex* values, std::size_t radix, std::size_t part, std::size_t stride) const
{
    std::vector<Complex> x(radix);
    for (std::size_t k = 0; k < part; ++k) {
        for (std::size_t q = 0; q < radix; ++q)
            x[q] = divided(values[k + q * part], radix);
        for (std::size_t to = k; to < radix * part; to += part) {
            Complex sum = x[0];
            std::size_t at = 0;
            for (std::size_t q = 1; q < radix; ++q) {
                at += stride * to;
                at -= at >= m_half ? m_half : 0;
                sum = plus(sum, times(x[q], m_turns[at]));
            }
            values[to] = sum;
        }
    }
}

template <typename T>
void RealTransform<T>::combine(Complex* values, std::size_t radix, std::size_t part, std::size_t stride) const
{
    switch (radix) {
    case 2:
        return combine2(values, part, stride);
    case 3:
        return combine3(values, part, stride);
    case 4:
        return combine4(values, part, stride);
    case 5:
        return combine5(values, part, stride);
    default:
        return combineAny(values, radix, part, stride);
    }
}

template <typename T>
void RealTransform<T>::transform(std::vector<Complex>& values) const
{
    std::vector<Complex> ordered(m_half);
    for (std::size_t i = 0; i < m_half; ++i)
        ordered[i] = values[m_order[i]];
    std::size_t part = 1;
    for (auto radix = m_radices.rbegin(); radix != m_radices.rend(); ++radix) {
        const std::size_t whole = part * *radix;
        for (std::size_t begin = 0; begin < m_half; begin += whole)
            combine(ordered.data() + begin, *radix, part, m_half / whole);
        part = whole;
    }
    values = std::move(ordered);
}

template <typename T>
void RealTransform<T>::forward(std::span<const T> samples, std::span<T> pairs) const
{
    using F = Fixed<T>;
    std::vector<Complex> points(m_half);
    for (std::size_t i = 0; i < m_half; ++i)
        points[i] = {samples[2 * i], samples[2 * i + 1]};
    transform(points);
    const auto put = [&pairs](std::size_t k, T real, T imaginary) {
        pairs[2 * k] = real;
        pairs[2 * k + 1] = imaginary;
    };
    const Complex constant = divided(points[0], 2);
    put(0, F::plus(constant.real, constant.imaginary), 0);
    put(m_half, F::minus(constant.real, constant.imaginary), 0);
    for (std::size_t k = 1; k <= m_half / 2; ++k) {
        const Complex here = divided(points[k], 2);
        const Complex there = divided(conjugate(points[m_half - k]), 2);
        const Complex even = plus(here, there);
        const Complex odd = times(minus(here, there), m_split[k - 1]);
        put(k, F::halfSum(even.real, odd.real), F::halfSum(even.imaginary, odd.imaginary));
        put(m_half - k, F::halfDifference(even.real, odd.real), F::halfDifference(odd.imaginary, even.imaginary));
    }
}

template <typename T>
void RealTransform<T>::backward(std::span<const T> pairs, std::span<T> samples) const
{
    using F = Fixed<T>;
    const auto at = [&pairs](std::size_t k) { return Complex{pairs[2 * k], pairs[2 * k + 1]}; };
    std::vector<Complex> points(m_half);
    const T first = pairs[0], last = pairs[2 * m_half];
    points[0] = divided(Complex{F::plus(first, last), F::minus(first, last)}, 2);
    for (std::size_t k = 1; k <= m_half / 2; ++k) {
        const Complex here = divided(at(k), 2);
        const Complex there = divided(conjugate(at(m_half - k)), 2);
        const Complex even = plus(here, there);
        const Complex odd = times(minus(here, there), m_split[k - 1]);
        points[k] = plus(even, odd);
        points[m_half - k] = conjugate(minus(even, odd));
    }
    transform(points);
    for (std::size_t i = 0; i < m_half; ++i) {
        samples[2 * i] = points[i].real;
        samples[2 * i + 1] = points[i].imaginary;
    }
}

qint64 transformMacs(qint64 length)
{
    qint64 radices = 0;
    for (const std::size_t radix : radicesOf(static_cast<std::size_t>(length / 2)))
        radices += static_cast<qint64>(radix);
    return 4 * (length / 2) * (radices + 1);
}

template class RealTransform<qint16>;
template class RealTransform<qint32>;
template class RealTransform<float>;

} // namespace ember::model::ops
