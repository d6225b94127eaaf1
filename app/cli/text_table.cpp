// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_table.h"

#include <algorithm>

namespace ember::cli {
namespace {

bool isNumeric(const QString& cell)
{
    return !cell.isEmpty() &&
           (cell.front().isDigit() || (cell.size() > 1 && cell.front() == QLatin1Char('-') && cell[1].isDigit()));
}

} // namespace

TextTable::TextTable(QStringList header)
{
    m_rows.push_back(std::move(header));
}

QString TextTable::toString() const
{
    const qsizetype columns = m_rows.front().size();
    std::vector<qsizetype> widths(static_cast<std::size_t>(columns), 0);
    for (const QStringList& row : m_rows) {
        for (qsizetype c = 0; c < columns; ++c)
            widths[static_cast<std::size_t>(c)] = std::max(widths[static_cast<std::size_t>(c)], row.value(c).size());
    }
    QString text;
    for (const QStringList& row : m_rows) {
        QString line;
        for (qsizetype c = 0; c < columns; ++c) {
            const QString cell = row.value(c);
            const auto width = widths[static_cast<std::size_t>(c)];
            line += isNumeric(cell) ? cell.rightJustified(width) : cell.leftJustified(width);
            line += QStringLiteral("  ");
        }
        text += line.trimmed().isEmpty() ? QString() : line.left(line.size() - 2) + QLatin1Char('\n');
    }
    return text;
}

} // namespace ember::cli
