// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How values stand in the columns of the project file: shared by the tables of this folder, not for others.

#include "core/dataset/database.h"

#include <QDateTime>

#include <vector>

namespace ember::dataset::detail {

inline QDateTime fromMilliseconds(qint64 unixMs)
{
    return QDateTime::fromMSecsSinceEpoch(unixMs, Qt::UTC);
}

/// Unix milliseconds; of now when the time is not set.
inline qint64 toMilliseconds(const QDateTime& time)
{
    return (time.isValid() ? time : QDateTime::currentDateTimeUtc()).toMSecsSinceEpoch();
}

/// Reads all rows of a statement with `read(statement)`, which gives a Result of one value.
template <typename T, typename Read>
Result<std::vector<T>> readAll(Result<Statement> query, Read read)
{
    EMBER_TRY(Statement statement, std::move(query));
    std::vector<T> values;
    for (;;) {
        EMBER_TRY(const bool more, statement.step());
        if (!more)
            return values;
        Result<T> value = read(statement);
        if (!value)
            return value.error();
        values.push_back(std::move(value).value());
    }
}

/// Reads the first row, or gives the error `missing` when there is none.
template <typename T, typename Read>
Result<T> readOne(Result<Statement> query, Read read, const Error& missing)
{
    EMBER_TRY(Statement statement, std::move(query));
    EMBER_TRY(const bool found, statement.step());
    if (!found)
        return missing;
    return read(statement);
}

inline Error noSuchRow(const QString& what, qint64 id)
{
    return Error(ErrorKind::NotFound,
                 QStringLiteral("There is no %1 with number %2 in this project.").arg(what).arg(id));
}

} // namespace ember::dataset::detail
