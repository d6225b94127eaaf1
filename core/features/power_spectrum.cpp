// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/power_spectrum.h"

#include "core/features/fft_tables.h"
#include "device-agent/runtime/spectrum.hpp"

#include <algorithm>
#include <cmath>

namespace ember::features {

PowerSpectrum::PowerSpectrum(int points)
    : m_points(points)
    , m_sine(sineTable(points))
    , m_work(static_cast<std::size_t>(points))
    , m_power(static_cast<std::size_t>(bins()))
{}

const std::vector<float>& PowerSpectrum::of(const float* samples)
{
    const auto count = static_cast<std::size_t>(m_points);
    runtime::powerSpectrum<runtime::kTaperHann>(samples, count, count, m_sine.data(), m_work.data(), m_power.data());
    return m_power;
}

float levelDb(float power)
{
    return power > 0 ? std::max(kLeastLevelDb, 10 * std::log10(power)) : kLeastLevelDb;
}

} // namespace ember::features
