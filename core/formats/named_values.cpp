// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/named_values.h"

#include <algorithm>

namespace ember::formats {

NamedValues::NamedValues(std::vector<QByteArray> names, int batch)
    : m_names(std::move(names))
    , m_batch(static_cast<std::size_t>(std::max(1, batch)))
    , m_waiting(m_names.size())
    , m_last(m_names.size(), 0.0F)
{}

int NamedValues::find(QByteArrayView name) const
{
    for (std::size_t tried = 0; tried < m_names.size(); ++tried) {
        const std::size_t at = (m_guess + tried) % m_names.size();
        if (m_names[at] == name) {
            m_guess = at + 1;
            return static_cast<int>(at);
        }
    }
    return -1;
}

void NamedValues::add(int channel, float value, std::optional<double> millis)
{
    m_begun = m_begun || channel == 0;
    if (!m_begun)
        return;
    std::deque<Waiting>& queue = m_waiting[static_cast<std::size_t>(channel)];
    const bool nextRound = m_batch == 1 && channel == 0 && m_filled > 0;
    if (nextRound || queue.size() >= m_batch)
        complete();
    if (queue.empty())
        ++m_filled;
    queue.push_back({value, millis});
    while (m_filled == m_names.size())
        complete();
}

// One row of the oldest value of each channel.
void NamedValues::complete()
{
    Row row;
    for (std::size_t i = 0; i < m_waiting.size(); ++i) {
        std::deque<Waiting>& queue = m_waiting[i];
        if (queue.empty()) {
            ++m_held;
            continue;
        }
        m_last[i] = queue.front().value;
        if (queue.front().millis && (!row.millis || *queue.front().millis < *row.millis))
            row.millis = queue.front().millis;
        queue.pop_front();
        m_filled -= queue.empty() ? 1 : 0;
    }
    row.values = m_last;
    m_complete.push_back(std::move(row));
}

NamedValues::Row NamedValues::takeRow()
{
    Row row = std::move(m_complete.front());
    m_complete.pop_front();
    return row;
}

void NamedValues::clear()
{
    for (std::deque<Waiting>& queue : m_waiting)
        queue.clear();
    m_filled = 0;
    m_begun = false;
}

} // namespace ember::formats
