// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::cli {

/// Columns that line up, for people. Cells that look like numbers are put to the right.
class TextTable
{
public:
    explicit TextTable(QStringList header);
    void add(QStringList row) { m_rows.push_back(std::move(row)); }
    QString toString() const;

private:
    std::vector<QStringList> m_rows; ///< the header first
};

} // namespace ember::cli
