// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/filter_design.h"

#include <cmath>
#include <numbers>

namespace ember::features {
namespace {

constexpr double kPi = std::numbers::pi;

void addSection(FilterTable& table, double g, double k)
{
    const double a1 = 1.0 / (1.0 + g * (g + k));
    for (double value : {a1, g * a1, g * g * a1, k})
        table.values.push_back(static_cast<float>(value));
    ++table.sections;
}

} // namespace

FilterTable butterworth(int order, double cutOff, double rate)
{
    FilterTable table;
    const double g = std::tan(kPi * cutOff / rate);
    for (int j = 0; j < order / 2; ++j) {
        const double theta = order % 2 == 0 ? kPi * (2 * j + 1) / (2.0 * order) : kPi * (j + 1) / order;
        addSection(table, g, 2.0 * std::cos(theta));
    }
    if (order % 2 == 1) {
        table.values.push_back(static_cast<float>(g / (1.0 + g)));
        table.single = 1;
    }
    return table;
}

FilterTable notch(double frequency, double q, double rate)
{
    FilterTable table;
    addSection(table, std::tan(kPi * frequency / rate), 1.0 / q);
    return table;
}

std::vector<float> windowedSinc(int taps, double cutOff, double rate, bool high)
{
    std::vector<double> h(static_cast<std::size_t>(taps));
    const double middle = (taps - 1) / 2.0;
    double sum = 0;
    for (int i = 0; i < taps; ++i) {
        const double x = 2.0 * cutOff / rate * (i - middle);
        const double ideal = x == 0 ? 1.0 : std::sin(kPi * x) / (kPi * x);
        const double value = ideal * (0.54 - 0.46 * std::cos(2.0 * kPi * i / (taps - 1)));
        h[static_cast<std::size_t>(i)] = value;
        sum += value;
    }
    std::vector<float> table;
    for (int i = 0; i < taps; ++i) {
        const double low = h[static_cast<std::size_t>(i)] / sum;
        table.push_back(static_cast<float>(high ? (2 * i == taps - 1 ? 1.0 : 0.0) - low : low));
    }
    return table;
}

} // namespace ember::features
