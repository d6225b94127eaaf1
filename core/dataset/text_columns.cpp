// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/text_columns.h"

#include <algorithm>

namespace ember::dataset::detail {

void TextRuns::add(QByteArrayView text)
{
    if (isEmpty() || m_last != text) {
        m_last = text.toByteArray();
        // Bytes that are no UTF-8 may differ and still be the same text.
        if (const QString value = QString::fromUtf8(text); isEmpty() || m_runs.back().text != value)
            m_runs.push_back({isEmpty() ? 0 : m_runs.back().end, value});
    }
    ++m_runs.back().end;
}

std::size_t TextRuns::runOf(std::size_t row) const
{
    // Most questions are about the last rows, while a file is read.
    const std::size_t last = m_runs.size() - 1;
    if (last == 0 || row >= m_runs[last - 1].end)
        return last;
    const auto found = std::upper_bound(m_runs.begin(), m_runs.end(), row,
                                        [](std::size_t wanted, const Run& run) { return wanted < run.end; });
    return static_cast<std::size_t>(found - m_runs.begin());
}

void DistinctTexts::beginStretch(std::size_t row)
{
    m_first = row;
    m_last.clear();
    // Short stretches with the same values share them.
    if (const std::size_t count = m_stretches.size();
        count > 1 && m_stretches[count - 1].values == m_stretches[count - 2].values)
        m_stretches[count - 1].values = m_stretches[count - 2].values;
}

void DistinctTexts::add(QByteArrayView text)
{
    const bool isNew = m_stretches.empty() || m_stretches.back().first != m_first;
    if (text.isEmpty() || m_last == text || (!isNew && m_stretches.back().values.size() >= m_most))
        return;
    m_last = text.toByteArray();
    const QString value = QString::fromUtf8(text);
    if (value.isEmpty()) // a byte order mark alone
        return;
    if (isNew)
        m_stretches.push_back({m_first, {}});
    if (QStringList& values = m_stretches.back().values; !values.contains(value))
        values << value;
}

QStringList DistinctTexts::in(std::size_t first, std::size_t end) const
{
    QStringList all;
    auto at = std::lower_bound(m_stretches.begin(), m_stretches.end(), first,
                               [](const Stretch& stretch, std::size_t row) { return stretch.first < row; });
    for (; at != m_stretches.end() && at->first < end && all.size() < m_most; ++at) {
        for (const QString& value : at->values) {
            if (all.size() < m_most && !all.contains(value))
                all << value;
        }
    }
    return all;
}

qsizetype DistinctTexts::kept() const
{
    qsizetype count = 0;
    for (const Stretch& stretch : m_stretches)
        count += stretch.values.size();
    return count;
}

} // namespace ember::dataset::detail
