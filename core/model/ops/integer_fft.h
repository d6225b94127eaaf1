// SPDX-License-Identifier: GPL-3.0-or-later
// The Fourier transform of real signals in the arithmetic of the library that TensorFlow Lite Micro uses (KISS FFT with
// 16 or 32 bits, or in float32), to the last bit of the integers. Private to core/model.
#pragma once

#include <QtGlobal>

#include <span>
#include <vector>

namespace ember::model::ops {

/// A transform of one length, forward or back. Integers: every step divides by its radix, so that no sum overflows, and
/// the whole divides by the length. T is qint16, qint32 or float.
template <typename T>
class RealTransform
{
public:
    struct Complex
    {
        T real;
        T imaginary;
    };

    /// `length` is even and at least 4.
    RealTransform(qint64 length, bool inverse);

    /// `length` samples to length / 2 + 1 pairs.
    void forward(std::span<const T> samples, std::span<T> pairs) const;
    /// length / 2 + 1 pairs to `length` samples.
    void backward(std::span<const T> pairs, std::span<T> samples) const;

private:
    void transform(std::vector<Complex>& values) const;
    void combine(Complex* values, std::size_t radix, std::size_t part, std::size_t stride) const;
    void combine2(Complex* values, std::size_t part, std::size_t stride) const;
    void combine3(Complex* values, std::size_t part, std::size_t stride) const;
    void combine4(Complex* values, std::size_t part, std::size_t stride) const;
    void combine5(Complex* values, std::size_t part, std::size_t stride) const;
    void combineAny(Complex* values, std::size_t radix, std::size_t part, std::size_t stride) const;

    std::size_t m_half; ///< points of the complex transform: pairs of samples
    bool m_inverse;
    std::vector<std::size_t> m_radices; ///< from the outermost step to the innermost
    std::vector<std::size_t> m_order;   ///< which point each place begins with
    std::vector<Complex> m_turns;       ///< e^(-+2 pi i k / half)
    std::vector<Complex> m_split;       ///< turns between the two interleaved halves
};

/// Multiplications of one transform, about: all steps of all points.
qint64 transformMacs(qint64 length);

} // namespace ember::model::ops
