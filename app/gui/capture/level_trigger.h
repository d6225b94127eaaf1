// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/live_buffer.h"

#include <optional>

namespace ember::gui {

/// A channel crosses a level.
struct LevelTrigger
{
    int channel = 0;
    double level = 0; ///< in the channel's unit
    bool falling = false;

    friend bool operator==(const LevelTrigger&, const LevelTrigger&) = default;
};

/// Looks at a stream as it comes for where a level is crossed: a value on the near side, then one on the far side. A
/// board that starts anew counts its rows anew. One thread.
class LevelWatch
{
public:
    explicit LevelWatch(LevelTrigger trigger = {})
        : m_trigger(trigger)
    {}

    const LevelTrigger& trigger() const { return m_trigger; }

    /// Rows from this one on count.
    void startAt(qint64 row) { m_seenRow = row; }
    /// The row of the newest crossing among the rows that came since the last look. Of very many rows at once it tells
    /// the first of the few that the crossing is among.
    std::optional<qint64> look(const device::LiveBuffer& stream);

private:
    LevelTrigger m_trigger;
    qint64 m_seenRow = 0; ///< looked at up to here
};

} // namespace ember::gui
