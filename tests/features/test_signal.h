// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "device-agent/runtime/rows.hpp"

#include <QRandomGenerator>

#include <cmath>
#include <limits>
#include <vector>

namespace ember::test {

using Signal = std::vector<float>;

/// Two sines, noise and an offset as large as gravity is for an accelerometer.
inline Signal testSignal(QRandomGenerator& random, std::size_t rows, double offset)
{
    Signal x(rows);
    const double f1 = 0.01 + 0.2 * random.generateDouble();
    const double f2 = 0.01 + 0.4 * random.generateDouble();
    for (std::size_t i = 0; i < rows; ++i) {
        const double t = 6.283185307179586 * static_cast<double>(i);
        x[i] = static_cast<float>(offset + 2.0 * std::sin(f1 * t) + 0.7 * std::cos(f2 * t) + random.generateDouble());
    }
    return x;
}

inline double meanOf(const Signal& x)
{
    double sum = 0;
    for (float v : x)
        sum += static_cast<double>(v);
    return sum / static_cast<double>(x.size());
}

inline double momentOf(const Signal& x, int order)
{
    const double mean = meanOf(x);
    double sum = 0;
    for (float v : x)
        sum += std::pow(static_cast<double>(v) - mean, order);
    return sum / static_cast<double>(x.size());
}

inline bool near(float value, double expected, double tolerance)
{
    return std::abs(static_cast<double>(value) - expected) <= tolerance;
}

/// 64 samples each, as they come out of loading a channel, one of which was no number or infinite: the first, one in
/// the middle, the last.
inline std::vector<Signal> signalsWithABadSample()
{
    std::vector<Signal> all;
    const float infinity = std::numeric_limits<float>::infinity();
    for (float bad : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
        for (std::size_t at : {0u, 31u, 63u}) {
            Signal raw(64, 1.0f);
            raw[5] = 4.0f;
            raw[at] = bad;
            Signal x(raw.size());
            runtime::loadChannel(raw.data(), raw.size(), 1, 1.0f, 0.0f, x.data());
            all.push_back(x);
        }
    }
    return all;
}

} // namespace ember::test
