// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <vector>

namespace ember::features {

/// sin(2 pi i / points) for i = 0 ... points / 4, correctly rounded to float for the sizes in use. Computed here and
/// not by the C library, so that every computer makes the same table. `points` is a power of two, 8 or more.
std::vector<float> sineTable(int points);

enum class BandSpacing
{
    Linear,
    Logarithmic
};

/// Edges of `bands` bands over the bins 1 ... points / 2 of a spectrum: band b holds the bins edges[b] ...
/// edges[b + 1] - 1, at least one each. Needs bands <= points / 2.
std::vector<quint16> bandEdges(int points, int bands, BandSpacing spacing);

} // namespace ember::features
