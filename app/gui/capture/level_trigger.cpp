// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/level_trigger.h"

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kTriggerPoints = 4096; ///< pieces the new rows are looked at in

} // namespace

std::optional<qint64> LevelWatch::look(const device::LiveBuffer& stream)
{
    if (m_trigger.channel < 0 || m_trigger.channel >= static_cast<int>(stream.spec().channels.size()))
        return {};
    const qint64 end = stream.endRow();
    const qint64 begin = std::max(std::min(m_seenRow, end), stream.firstRow());
    if (end - begin < 2)
        return {};
    m_seenRow = end - 1; // the newest row is the near side of the next look
    const device::Envelope rows = stream.envelope(m_trigger.channel, begin, end, kTriggerPoints);
    const auto level = static_cast<float>(m_trigger.level);
    std::optional<qint64> crossed;
    bool near = false;
    for (std::size_t i = 0; i < rows.least.size(); ++i) {
        const bool under = rows.least[i] < level;
        const bool over = rows.most[i] >= level;
        const bool far = m_trigger.falling ? under : over;
        // Both sides within one piece of several rows: it crosses there.
        if (far && (near || (rows.rowsPerPoint > 1 && under && over)))
            crossed = rows.firstRow + static_cast<qint64>(i) * rows.rowsPerPoint;
        if (under || over) // rows that are missing tell nothing
            near = m_trigger.falling ? over : under;
    }
    return crossed;
}

} // namespace ember::gui
