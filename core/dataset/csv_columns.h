// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/csv.h"
#include "core/signal/stream_spec.h"

#include <QStringList>

#include <optional>
#include <vector>

namespace ember::dataset {

/// What a column of a recording's text file is for.
enum class ColumnRole
{
    Channel,
    Time,
    Label,
    Subject,
    Device,
    Session,
    Ignored
};

struct CsvColumn
{
    QString name; ///< without its unit
    QString unit; ///< as the header has it: "Apparent (W)"
    ColumnRole role = ColumnRole::Channel;
};

/// Unit of a time column. Text: a date and time in ISO form.
enum class TimeUnit
{
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    Text
};
QString timeUnitName(TimeUnit unit);

/// What a file's first lines say about all of it.
struct CsvLayout
{
    CsvDialect dialect;
    bool hasHeader = false;
    std::vector<CsvColumn> columns;
    std::optional<TimeUnit> timeUnit; ///< when there is a time column
    QStringList notes;                ///< columns passed over, guesses made

    int columnOf(ColumnRole role) const; ///< the first of that role, or -1
    std::vector<std::size_t> channels() const;
};

/// Looks at the first records of a text. Nothing is refused here: a text without a numeric column has no channels.
CsvLayout detectLayout(const QByteArray& text);

/// A time stamp in seconds; nothing when it cannot be read.
std::optional<double> timeInSeconds(QByteArrayView field, TimeUnit unit, const CsvDialect& dialect);

/// Units for accelerometer and gyroscope channels that have none, from the size of their values ("a resting sensor
/// shows 9.8 or 1"). `values` is row-major. Returns a note for each guess.
QStringList guessUnits(std::vector<signal::Channel>& channels, const std::vector<float>& values);

} // namespace ember::dataset
