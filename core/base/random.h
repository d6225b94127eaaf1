// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace ember {

/// SplitMix64 (Steele, Lea, Flood 2014): small, quick, and the same numbers for a seed with every compiler and library,
/// which the distributions of the standard library do not promise.
class Random
{
public:
    explicit Random(quint64 seed)
        : m_state(seed)
    {}

    /// A generator of its own for item `index`, so that results do not depend on who works on what.
    static Random forItem(quint64 seed, quint64 index)
    {
        Random mixer(seed);
        const quint64 base = mixer.next();
        return Random(Random(base + index).next());
    }

    quint64 next()
    {
        m_state += 0x9E3779B97F4A7C15u;
        quint64 z = m_state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    /// Uniform in 0 .. bound-1, without bias. Requires bound > 0.
    quint64 below(quint64 bound)
    {
        const quint64 unfair = (0 - bound) % bound;
        quint64 value = next();
        while (value < unfair)
            value = next();
        return value % bound;
    }

    /// Uniform in [0, 1) in steps of 2^-53.
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    /// Of the standard normal distribution (Box and Muller).
    double normal()
    {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - unit()));
        return radius * std::cos(2.0 * std::numbers::pi * unit());
    }

    /// Every order equally likely (Fisher and Yates).
    template <typename T>
    void shuffle(std::vector<T>& values)
    {
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[static_cast<std::size_t>(below(i))]);
    }

private:
    quint64 m_state;
};

} // namespace ember
