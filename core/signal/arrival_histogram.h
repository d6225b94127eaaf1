// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>
#include <QtNumeric>

#include <algorithm>
#include <array>
#include <numeric>

namespace ember::signal {

/// How late blocks of rows came: counts by the delay behind the best moment that the fitted clock knows of. A link that
/// delivers in time has all in the first classes; one that stutters has a tail. A value.
struct ArrivalHistogram
{
    /// Upper ends of the classes in milliseconds; a further class has what came later than all of them.
    static constexpr std::array kUpperMs = {0.1,  0.2,  0.5,   1.0,   2.0,   5.0,   10.0,
                                            20.0, 50.0, 100.0, 200.0, 500.0, 1000.0};

    std::array<qint64, kUpperMs.size() + 1> blocks{};

    void add(double delayMs)
    {
        const auto found = std::lower_bound(kUpperMs.begin(), kUpperMs.end(), delayMs);
        ++blocks[static_cast<std::size_t>(found - kUpperMs.begin())];
    }
    qint64 total() const { return std::accumulate(blocks.begin(), blocks.end(), qint64{0}); }

    /// The upper end of the class that the given share of all blocks lies in or below; infinity for the last class, 0
    /// without any block.
    double withinMs(double share) const
    {
        const double wanted = share * static_cast<double>(total());
        double seen = 0;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            seen += static_cast<double>(blocks[i]);
            if (seen >= wanted && seen > 0)
                return i < kUpperMs.size() ? kUpperMs[i] : qInf();
        }
        return 0;
    }

    friend bool operator==(const ArrivalHistogram&, const ArrivalHistogram&) = default;
};

} // namespace ember::signal
