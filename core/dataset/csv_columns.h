// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/csv.h"
#include "core/signal/stream_spec.h"

#include <QStringList>

#include <optional>
#include <span>
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
    Metadata, ///< words about the recording: kept with it, not drawn
    Ignored
};
constexpr ColumnRole kColumnRoles[] = {ColumnRole::Channel,  ColumnRole::Time,   ColumnRole::Label,
                                       ColumnRole::Subject,  ColumnRole::Device, ColumnRole::Session,
                                       ColumnRole::Metadata, ColumnRole::Ignored};
/// "channel", "time", "label", "subject", "device", "session", "metadata", "ignored".
QString columnRoleName(ColumnRole role);
/// Error Usage names those there are.
Result<ColumnRole> columnRoleFromName(const QString& name);

/// What the user says a column is, in place of what would be guessed.
struct ColumnMapping
{
    QString column; ///< its name (CsvColumn::name), or all that the header says of it
    ColumnRole role = ColumnRole::Channel;
    QString unit;   ///< of a channel; empty: as the file has it
    QString stream; ///< channels of one name become a recording of their own; empty: the main one

    friend bool operator==(const ColumnMapping&, const ColumnMapping&) = default;
};
/// "ax=channel", "gx=channel,unit=deg/s,stream=gyro", "speed=metadata". Parts may be quoted as in a table, so that they
/// can hold a comma or an equals sign: `"a,b"=channel,unit="1 ""in"""`. Errors: Usage.
Result<ColumnMapping> columnMappingFromText(const QString& text);
/// What columnMappingFromText() reads as the same.
QString columnMappingText(const ColumnMapping& mapping);

struct CsvColumn
{
    QString name; ///< without its unit, and with a number where another column has that name: "temp", "temp 2"
    QString unit; ///< as the header has it: "Apparent (W)"
    ColumnRole role = ColumnRole::Channel;
    QString stream; ///< empty: the main one
    QString header; ///< all that the file says of it, with its unit; empty without a header
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
/// `mappings` overrule what is guessed; of roles that only one column can have, the column that was guessed loses it.
CsvLayout detectLayout(const QByteArray& text, std::span<const ColumnMapping> mappings = {});

/// A time stamp in seconds; nothing when it cannot be read.
std::optional<double> timeInSeconds(QByteArrayView field, TimeUnit unit, const CsvDialect& dialect);

/// Units for accelerometer and gyroscope channels that have none, from the size of their values ("a resting sensor
/// shows 9.8 or 1"). `values` is row-major. Returns a note for each guess.
QStringList guessUnits(std::vector<signal::Channel>& channels, const std::vector<float>& values);

} // namespace ember::dataset
