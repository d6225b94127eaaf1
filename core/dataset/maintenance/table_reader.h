// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"

#include <QByteArray>

#include <functional>
#include <optional>

namespace ember::dataset::detail {

/// Reads the rows of a table that may be damaged: around a page that cannot be read it goes on from the other end, and
/// then halves what is left, so that a bad page costs the rows on it and no others. Only for tables with row ids.
class TableReader
{
public:
    /// Takes a row; the error ends the reading.
    using Take = std::function<Status(const Statement& row)>;

    /// `columns`: names with commas between. None of the texts may come from outside.
    TableReader(Database& database, const QByteArray& table, const QByteArray& columns);

    /// Gives every row that can be read to `take`, each once, in no order. Errors other than damage, and those of
    /// `take`.
    Status readAll(const Take& take);

    /// Whether there were places that could not be read.
    bool isDamaged() const { return m_damaged; }
    qint64 found() const { return m_found; }
    /// How many rows the table has by its smallest index; nothing when that cannot be read.
    std::optional<qint64> expected() const { return m_expected; }

private:
    enum class End
    {
        Lowest,
        Highest
    };
    Status readRange(qint64 first, qint64 last, const Take& take);
    Result<bool> readFrom(End end, qint64* first, qint64* last, const Take& take);
    Status readStretches(qint64 first, const Take& take);
    Status compareCount();

    Database& m_database;
    QByteArray m_upwards;
    QByteArray m_downwards;
    QByteArray m_count;
    int m_attempts = 0;
    qint64 m_found = 0;
    std::optional<qint64> m_expected;
    bool m_damaged = false;
};

} // namespace ember::dataset::detail
