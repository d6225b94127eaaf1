// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace ember::features {

/// The one-sided power spectrum of a segment, by the kernel that boards run: less its mean, weighted by Hann's window,
/// transformed. For views; features come from a pipeline. Holds its tables, so one is for many segments; one thread.
class PowerSpectrum
{
public:
    /// `points`: samples of a segment, a power of two from 8 on.
    explicit PowerSpectrum(int points);

    int points() const { return m_points; }
    int bins() const { return m_points / 2 + 1; }

    /// Power at the frequencies 0 ... points / 2, in steps of rate / points, in the square of the samples' unit. Its
    /// sum is the variance of a signal that stays as it is. `samples` are points() long; the result holds until the
    /// next call.
    const std::vector<float>& of(const float* samples);

private:
    int m_points;
    std::vector<float> m_sine;
    std::vector<float> m_work;
    std::vector<float> m_power;
};

/// Power as a level in decibels over 1 (of the square of the unit), not below kLeastLevelDb.
float levelDb(float power);

constexpr float kLeastLevelDb = -200;

} // namespace ember::features
