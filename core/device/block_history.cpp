// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/block_history.h"

#include <algorithm>
#include <cmath>

namespace ember::device {

BlockHistory::BlockHistory(const signal::StreamSpec& spec, double seconds)
    : m_spec(spec)
    , m_seconds(std::max(0.0, seconds))
{}

/// How much time lies between the first row of the block and the end of the newest one. Without a nominal rate the
/// board's clock tells, up to the beginning of the newest block.
double BlockHistory::secondsFrom(const signal::SampleBlock& block) const
{
    const signal::SampleBlock& newest = m_entries.back().block;
    if (m_spec.rateHz > 0)
        return static_cast<double>(newest.endRow() - block.firstRow) / m_spec.rateHz;
    return static_cast<double>(newest.deviceMicros - block.deviceMicros) / 1e6;
}

bool BlockHistory::reachesBack(std::size_t entry, double seconds) const
{
    return entry < m_entries.size() && secondsFrom(m_entries[entry].block) >= seconds;
}

void BlockHistory::append(const signal::SampleBlock& block, const signal::Ledger& after)
{
    if (m_seconds <= 0 || block.rowCount <= 0)
        return;
    // A board that began to count anew has no past that belongs to this.
    if (!m_entries.empty() && block.firstRow < m_entries.back().block.endRow())
        clear();
    m_entries.push_back({block, m_newest, after});
    m_newest = after;
    m_bytes += block.rows.size();
    while (m_entries.size() > 1 && (reachesBack(1, m_seconds) || m_bytes > kMaxBytes)) {
        m_bytes -= m_entries.front().block.rows.size();
        m_entries.pop_front();
    }
}

void BlockHistory::clear()
{
    m_entries.clear();
    m_bytes = 0;
}

std::vector<BlockHistory::Entry> BlockHistory::last(double seconds) const
{
    if (m_entries.empty() || !(seconds > 0))
        return {};
    std::size_t first = 0;
    while (reachesBack(first + 1, seconds))
        ++first;
    std::vector<Entry> entries(m_entries.begin() + static_cast<std::ptrdiff_t>(first), m_entries.end());
    if (m_spec.rateHz <= 0)
        return entries;
    signal::SampleBlock& oldest = entries.front().block;
    const qint64 wanted = m_entries.back().block.endRow() - std::llround(seconds * m_spec.rateHz);
    const qint64 cut = std::clamp<qint64>(wanted - oldest.firstRow, 0, oldest.rowCount - 1);
    oldest.firstRow += cut;
    oldest.rowCount -= cut;
    oldest.deviceMicros += std::llround(static_cast<double>(cut) * 1e6 / m_spec.rateHz);
    oldest.rows.remove(0, cut * static_cast<qsizetype>(m_spec.bytesPerRow()));
    return entries;
}

} // namespace ember::device
