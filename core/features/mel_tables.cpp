// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/mel_tables.h"

#include "core/features/fft_tables.h"

#include <algorithm>
#include <cmath>

namespace ember::features {
namespace {

double melOf(double hertz)
{
    return 1127.0 * std::log1p(hertz / 700.0);
}

double hertzOf(double mel)
{
    return 700.0 * std::expm1(mel / 1127.0);
}

/// cos(pi c (2 i + 1) / (2 count)), reduced to a whole part of a turn so that every computer rounds alike.
double cosine(int count, int c, int i)
{
    constexpr double kPi = 3.141592653589793238463;
    const int whole = 4 * count;
    int turn = (c * (2 * i + 1)) % whole;
    if (turn > whole / 2)
        turn = whole - turn;
    if (turn == count)
        return 0.0;
    return std::cos(2.0 * kPi * turn / whole);
}

} // namespace

bool MelBank::everyFilterHasBins() const
{
    for (std::size_t m = 0; m + 2 < edges.size(); ++m) {
        if (edges[m] == edges[m + 2])
            return false;
    }
    return true;
}

int MelBank::widestStep() const
{
    int widest = 0;
    for (std::size_t m = 0; m + 1 < edges.size(); ++m)
        widest = std::max(widest, edges[m + 1] - edges[m]);
    return widest;
}

std::vector<quint16> MelBank::weightsQ8() const
{
    std::vector<quint16> values;
    for (float weight : weights)
        values.push_back(static_cast<quint16>(std::lround(256.0f * weight)));
    return values;
}

MelBank melBank(int points, int mels, double low, double high, double rate)
{
    MelBank bank;
    const double first = melOf(low);
    const double step = (melOf(high) - first) / (mels + 1);
    const auto binAt = [&](int edge) { return hertzOf(first + step * edge) * points / rate; };
    for (int m = 0; m < mels + 2; ++m) {
        // Bins at or above the edge; the constant part of a signal belongs to no filter.
        const double bin = std::ceil(binAt(m) - 1e-9);
        bank.edges.push_back(static_cast<quint16>(std::clamp(bin, 1.0, points / 2 + 1.0)));
    }
    for (int m = 0; m <= mels; ++m) {
        for (int k = bank.edges[static_cast<std::size_t>(m)]; k < bank.edges[static_cast<std::size_t>(m) + 1]; ++k) {
            const double position = (melOf(k * rate / points) - first) / step - m;
            bank.weights.push_back(static_cast<float>(std::clamp(position, 0.0, 1.0)));
        }
    }
    return bank;
}

std::vector<float> cosineTable(int count, int outputs)
{
    std::vector<float> table;
    for (int c = 0; c < outputs; ++c) {
        for (int i = 0; i < count; ++i)
            table.push_back(static_cast<float>(std::sqrt((c == 0 ? 1.0 : 2.0) / count) * cosine(count, c, i)));
    }
    return table;
}

std::vector<qint16> cosineTableQ10(int count, int outputs)
{
    std::vector<qint16> table;
    for (int c = 0; c < outputs; ++c) {
        for (int i = 0; i < count; ++i)
            table.push_back(
                static_cast<qint16>(std::lround((c == 0 ? std::sqrt(0.5) : 1.0) * 1023.0 * cosine(count, c, i))));
    }
    return table;
}

std::vector<qint16> sineTableQ15(int points)
{
    std::vector<qint16> table;
    for (float value : sineTable(points))
        table.push_back(static_cast<qint16>(std::min(std::lround(32768.0 * static_cast<double>(value)), 32767L)));
    return table;
}

} // namespace ember::features
