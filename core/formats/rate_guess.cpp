// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/rate_guess.h"

#include <algorithm>
#include <cmath>

namespace ember::formats {
namespace {

// What sensors, delay() and timers are set to: decimal steps, halvings of 1600 and 833 (IMUs), of 119 and 104 (ST),
// audio.
constexpr double kUsualRates[] = {
    1,    2,    4,    5,    8,      10,     12.5,   16,     20,     25,     26,     30,     31.25,  40,
    50,   52,   59.5, 60,   62.5,   75,     80,     100,    104,    119,    120,    125,    128,    150,
    160,  200,  208,  238,  240,    250,    256,    300,    333,    400,    416,    476,    500,    512,
    600,  800,  833,  952,  1000,   1024,   1250,   1600,   1666,   2000,   2500,   3200,   3332,   4000,
    5000, 6400, 6664, 8000, 10'000, 11'025, 16'000, 20'000, 22'050, 32'000, 44'100, 48'000, 50'000, 100'000};

} // namespace

double fitRate(const std::vector<RowTime>& times)
{
    std::vector<RowTime> points;
    for (const RowTime& time : times) {
        if (!points.empty() && points.back().seconds >= time.seconds)
            points.back().row = time.row;
        else
            points.push_back(time);
    }
    if (points.size() < 3)
        return 0;
    // A first idea of the slope tells which points of both ends are the least late, and those the slope.
    constexpr int kRounds = 3;
    const auto quarter = static_cast<std::ptrdiff_t>((points.size() + 3) / 4);
    double perRow = (points.back().seconds - points.front().seconds) / (points.back().row - points.front().row);
    for (int round = 0; round < kRounds; ++round) {
        const auto isLessLate = [perRow](const RowTime& a, const RowTime& b) {
            return a.seconds - a.row * perRow < b.seconds - b.row * perRow;
        };
        const RowTime begin = *std::min_element(points.begin(), points.begin() + quarter, isLessLate);
        const RowTime end = *std::min_element(points.end() - quarter, points.end(), isLessLate);
        perRow = (end.seconds - begin.seconds) / (end.row - begin.row);
    }
    const double rate = 1 / perRow;
    return std::isfinite(rate) && rate > 0 ? rate : 0;
}

double nominalRate(double measuredHz, double tolerance)
{
    if (!(measuredHz > 0) || !std::isfinite(measuredHz))
        return 0;
    double best = 0;
    for (const double usual : kUsualRates) {
        if (std::abs(usual - measuredHz) <= tolerance * usual &&
            (best == 0 || std::abs(usual - measuredHz) < std::abs(best - measuredHz)))
            best = usual;
    }
    if (best > 0)
        return best;
    const double step = std::pow(10, std::floor(std::log10(measuredHz)) - 2);
    return std::round(measuredHz / step) * step;
}

} // namespace ember::formats
