// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/csv_columns.h"

#include <QDateTime>
#include <QHash>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <cmath>

namespace ember::dataset {
namespace {

constexpr std::size_t kProbedRecords = 200;
// Three thousand years; what is beyond is no time.
constexpr double kMaxSeconds = 1e11;

using Record = std::vector<QString>;

struct NamedRole
{
    const char* name;
    ColumnRole role;
};

constexpr std::array kRoles = {
    NamedRole{"timestamp", ColumnRole::Time},  NamedRole{"time", ColumnRole::Time},
    NamedRole{"ctime", ColumnRole::Time},      NamedRole{"datetime", ColumnRole::Time},
    NamedRole{"date", ColumnRole::Time},       NamedRole{"t", ColumnRole::Time},
    NamedRole{"ts", ColumnRole::Time},         NamedRole{"label", ColumnRole::Label},
    NamedRole{"class", ColumnRole::Label},     NamedRole{"activity", ColumnRole::Label},
    NamedRole{"target", ColumnRole::Label},    NamedRole{"subject", ColumnRole::Subject},
    NamedRole{"user", ColumnRole::Subject},    NamedRole{"participant", ColumnRole::Subject},
    NamedRole{"person", ColumnRole::Subject},  NamedRole{"device", ColumnRole::Device},
    NamedRole{"session", ColumnRole::Session}, NamedRole{"recording", ColumnRole::Session},
    NamedRole{"take", ColumnRole::Session},    NamedRole{"trial", ColumnRole::Session},
};

struct UnitSuffix
{
    const char* suffix;
    TimeUnit unit;
};

constexpr std::array kTimeSuffixes = {
    UnitSuffix{"_ms", TimeUnit::Milliseconds},
    UnitSuffix{"_us", TimeUnit::Microseconds},
    UnitSuffix{"_ns", TimeUnit::Nanoseconds},
    UnitSuffix{"_s", TimeUnit::Seconds},
};

std::vector<Record> firstRecords(const QByteArray& text, const CsvDialect& dialect)
{
    CsvReader reader(text, dialect);
    std::vector<QByteArrayView> fields;
    std::vector<Record> records;
    while (records.size() < kProbedRecords && reader.next(fields)) {
        Record record;
        for (const QByteArrayView field : fields)
            record.push_back(QString::fromUtf8(field));
        records.push_back(std::move(record));
    }
    return records;
}

bool isNumber(const QString& field, const CsvDialect& dialect)
{
    return csvNumber(field.toUtf8(), dialect).has_value();
}

// ISO 8601, and what American spreadsheets make of it. Without a zone it counts as UTC: only differences matter.
QDateTime dateOf(const QString& field)
{
    constexpr qsizetype kShortest = 10; // "1/2/20 3:4"
    if (field.size() < kShortest || !field[0].isDigit())
        return {};
    QDateTime time = QDateTime::fromString(field, Qt::ISODateWithMs);
    for (const char* format : {"M/d/yyyy H:mm", "M/d/yyyy H:mm:ss"}) {
        if (!time.isValid())
            time = QDateTime::fromString(field, QLatin1String(format));
    }
    if (time.timeSpec() == Qt::LocalTime)
        time.setTimeSpec(Qt::UTC);
    return time;
}

bool isDate(const QString& field)
{
    return dateOf(field).isValid();
}

// Whether most fields of a column satisfy `test`, in the records from `first` on.
template <typename Test>
bool mostly(const std::vector<Record>& records, std::size_t first, std::size_t column, Test test)
{
    int good = 0;
    int all = 0;
    for (std::size_t i = first; i < records.size(); ++i) {
        if (column >= records[i].size())
            continue;
        ++all;
        good += test(records[i][column]) ? 1 : 0;
    }
    return all > 0 && good * 2 > all;
}

// A header has words where the lines below have numbers (or dates).
bool beginsWithHeader(const std::vector<Record>& records, const CsvDialect& dialect)
{
    if (records.empty())
        return false;
    const auto isValue = [&](const QString& field) { return isNumber(field, dialect) || isDate(field); };
    const Record& first = records.front();
    if (records.size() == 1)
        return std::none_of(first.begin(), first.end(), isValue);
    for (std::size_t column = 0; column < first.size(); ++column) {
        if (!isValue(first[column]) && mostly(records, 1, column, isValue))
            return true;
    }
    return false;
}

// "Apparent (W)" and "acc [g]" into name and unit.
CsvColumn namedColumn(const QString& header)
{
    static const QRegularExpression pattern(QStringLiteral("^(.*?)\\s*[\\(\\[]([^\\)\\]]*)[\\)\\]]$"));
    const QRegularExpressionMatch match = pattern.match(header);
    if (match.hasMatch() && !match.captured(1).isEmpty())
        return {match.captured(1), match.captured(2), ColumnRole::Channel, {}, header};
    return {header, {}, ColumnRole::Channel, {}, header};
}

// A name is how a column is spoken of, so that no two may have the same: of "temp (C),temp (F)" the second becomes
// "temp 2".
void numberRepeatedNames(std::vector<CsvColumn>& columns)
{
    QHash<QString, int> uses;
    for (const CsvColumn& column : columns)
        uses.insert(column.name, 0);
    for (CsvColumn& column : columns) {
        const QString name = column.name;
        if (name.isEmpty() || uses[name]++ == 0)
            continue;
        int number = uses.value(name);
        const auto numbered = [&] { return QStringLiteral("%1 %2").arg(name).arg(number); };
        while (uses.contains(numbered()))
            ++number;
        column.name = numbered();
        uses[name] = number;
        uses.insert(column.name, 1);
    }
}

std::optional<TimeUnit> suffixUnit(const QString& name)
{
    for (const UnitSuffix& entry : kTimeSuffixes) {
        if (name.endsWith(QLatin1String(entry.suffix)))
            return entry.unit;
    }
    return std::nullopt;
}

ColumnRole roleOf(const QString& columnName)
{
    QString name = columnName.toLower();
    const bool hasUnit = suffixUnit(name).has_value();
    if (hasUnit)
        name = name.section(QLatin1Char('_'), 0, -2);
    for (const NamedRole& entry : kRoles) {
        if (name == QLatin1String(entry.name) && (!hasUnit || entry.role == ColumnRole::Time))
            return entry.role;
    }
    return ColumnRole::Channel;
}

// A frame's index column: no name and consecutive numbers.
bool isIndexColumn(const CsvColumn& column, const std::vector<Record>& records, std::size_t first, std::size_t at)
{
    if (!column.name.isEmpty())
        return false;
    quint64 expected = 0; // unsigned, so that the step after the largest number is defined
    for (std::size_t i = first; i < records.size(); ++i) {
        if (at >= records[i].size())
            return false;
        const auto number = static_cast<quint64>(records[i][at].toLongLong());
        if (i > first && number != expected)
            return false;
        expected = number + 1;
    }
    return true;
}

// Epoch times are recognised by their size, since 2001 and until 2286; small ones by whether they have decimals.
TimeUnit guessTimeUnit(const std::vector<Record>& records, std::size_t first, std::size_t column,
                       const CsvDialect& dialect)
{
    if (mostly(records, first, column, isDate))
        return TimeUnit::Text;
    double largest = 0;
    bool whole = true;
    for (std::size_t i = first; i < records.size(); ++i) {
        if (column >= records[i].size())
            continue;
        const double value = csvNumber(records[i][column].toUtf8(), dialect).value_or(0);
        largest = std::max(largest, std::abs(value));
        whole = whole && value == std::floor(value);
    }
    if (largest > 1e18)
        return TimeUnit::Nanoseconds;
    if (largest > 1e15)
        return TimeUnit::Microseconds;
    if (largest > 1e12)
        return TimeUnit::Milliseconds;
    if (largest > 1e9 || !whole)
        return TimeUnit::Seconds;
    return TimeUnit::Milliseconds;
}

void assignRoles(CsvLayout& layout, const std::vector<Record>& records, std::size_t first)
{
    for (std::size_t at = 0; at < layout.columns.size(); ++at) {
        CsvColumn& column = layout.columns[at];
        const ColumnRole role = layout.hasHeader ? roleOf(column.name) : ColumnRole::Channel;
        const bool numeric = mostly(records, first, at, [&](const QString& f) { return isNumber(f, layout.dialect); });
        const bool unreadableTime = role == ColumnRole::Time && !numeric && !mostly(records, first, at, isDate);
        if (role != ColumnRole::Channel && layout.columnOf(role) < 0 && !unreadableTime) {
            column.role = role;
            continue;
        }
        if (isIndexColumn(column, records, first, at)) {
            column.role = ColumnRole::Ignored;
            layout.notes << QStringLiteral("Column %1 only counts the rows; it is passed over.").arg(at + 1);
        } else if (!numeric) {
            column.role = ColumnRole::Metadata;
            layout.notes << QStringLiteral("Column '%1' is neither numeric nor a time; it is kept as metadata.")
                                .arg(column.name);
        }
    }
}

bool isForOne(ColumnRole role)
{
    return role != ColumnRole::Channel && role != ColumnRole::Metadata && role != ColumnRole::Ignored;
}

void applyMappings(CsvLayout& layout, std::span<const ColumnMapping> mappings)
{
    for (const ColumnMapping& mapping : mappings) {
        auto column = std::find_if(layout.columns.begin(), layout.columns.end(),
                                   [&mapping](const CsvColumn& one) { return one.name == mapping.column; });
        if (column == layout.columns.end())
            column = std::find_if(layout.columns.begin(), layout.columns.end(),
                                  [&mapping](const CsvColumn& one) { return one.header == mapping.column; });
        if (column == layout.columns.end()) {
            layout.notes << QStringLiteral("There is no column '%1' to take as %2.")
                                .arg(mapping.column, columnRoleName(mapping.role));
            continue;
        }
        if (const int other = layout.columnOf(mapping.role); isForOne(mapping.role) && other >= 0)
            layout.columns[static_cast<std::size_t>(other)].role = ColumnRole::Metadata;
        column->role = mapping.role;
        column->stream = mapping.role == ColumnRole::Channel ? mapping.stream : QString();
        if (!mapping.unit.isEmpty())
            column->unit = mapping.unit;
    }
}

std::optional<double> readTime(QByteArrayView field, TimeUnit unit, const CsvDialect& dialect)
{
    if (unit == TimeUnit::Text) {
        const QDateTime time = dateOf(QString::fromUtf8(field));
        if (!time.isValid())
            return std::nullopt;
        return static_cast<double>(time.toMSecsSinceEpoch()) * 1e-3;
    }
    const auto value = csvNumber(field, dialect);
    if (!value)
        return std::nullopt;
    switch (unit) {
    case TimeUnit::Milliseconds:
        return *value * 1e-3;
    case TimeUnit::Microseconds:
        return *value * 1e-6;
    case TimeUnit::Nanoseconds:
        return *value * 1e-9;
    default:
        return *value;
    }
}

struct SensorUnits
{
    QStringList names;
    double size = 0; ///< accelerometer: typical length of the vector; gyroscope: root mean square
};

bool isAccelerometer(const QString& name)
{
    static const QRegularExpression pattern(QStringLiteral("^(acc.*|a[_ ]?[xyz]|[xyz][_ ]acc.*)$"),
                                            QRegularExpression::CaseInsensitiveOption);
    return pattern.match(name).hasMatch();
}

bool isGyroscope(const QString& name)
{
    static const QRegularExpression pattern(QStringLiteral("^(gyr.*|g[_ ]?[xyz]|[xyz][_ ]gyr.*)$"),
                                            QRegularExpression::CaseInsensitiveOption);
    return pattern.match(name).hasMatch();
}

QString accelerometerUnit(double length)
{
    if (length > 0.7 && length < 2.5)
        return QStringLiteral("g");
    if (length > 7.0 && length < 25.0)
        return QStringLiteral("m/s2");
    if (length > 700.0 && length < 1500.0)
        return QStringLiteral("mg");
    return {};
}

QString gyroscopeUnit(double size)
{
    // A hand or a walking person turns at some rad/s; the same in degrees is fifty times that.
    if (size > 0 && size < 8.0)
        return QStringLiteral("rad/s");
    return size >= 8.0 && size < 2000.0 ? QStringLiteral("deg/s") : QString();
}

template <typename Matches>
SensorUnits measure(const std::vector<signal::Channel>& channels, const std::vector<float>& values, Matches matches)
{
    SensorUnits found;
    double sum = 0;
    for (std::size_t c = 0; c < channels.size(); ++c) {
        if (!channels[c].unit.isEmpty() || !matches(channels[c].name))
            continue;
        found.names << channels[c].name;
        for (std::size_t at = c; at < values.size(); at += channels.size())
            sum += static_cast<double>(values[at]) * static_cast<double>(values[at]);
    }
    const auto rows = static_cast<double>(values.size()) / static_cast<double>(channels.size());
    found.size = rows > 0 ? std::sqrt(sum / rows) : 0;
    return found;
}

void setUnits(std::vector<signal::Channel>& channels, const QStringList& names, const QString& unit, QStringList& notes)
{
    if (unit.isEmpty() || names.isEmpty())
        return;
    for (signal::Channel& channel : channels) {
        if (names.contains(channel.name))
            channel.unit = unit;
    }
    notes << QStringLiteral("Unit %1 guessed for %2 from the size of the values.")
                 .arg(unit, names.join(QStringLiteral(", ")));
}

} // namespace

QString timeUnitName(TimeUnit unit)
{
    switch (unit) {
    case TimeUnit::Seconds:
        return QStringLiteral("s");
    case TimeUnit::Milliseconds:
        return QStringLiteral("ms");
    case TimeUnit::Microseconds:
        return QStringLiteral("us");
    case TimeUnit::Nanoseconds:
        return QStringLiteral("ns");
    case TimeUnit::Text:
        return QStringLiteral("date and time");
    }
    return {};
}

int CsvLayout::columnOf(ColumnRole role) const
{
    const auto found =
        std::find_if(columns.begin(), columns.end(), [role](const CsvColumn& column) { return column.role == role; });
    return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

std::vector<std::size_t> CsvLayout::channels() const
{
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].role == ColumnRole::Channel)
            indices.push_back(i);
    }
    return indices;
}

CsvLayout detectLayout(const QByteArray& text, std::span<const ColumnMapping> mappings)
{
    CsvLayout layout;
    layout.dialect = detectDialect(text);
    const std::vector<Record> records = firstRecords(text, layout.dialect);
    if (records.empty())
        return layout;
    layout.hasHeader = beginsWithHeader(records, layout.dialect);
    const std::size_t first = layout.hasHeader ? 1 : 0;
    for (std::size_t i = 0; i < records.front().size(); ++i)
        layout.columns.push_back(layout.hasHeader
                                     ? namedColumn(records.front()[i])
                                     : CsvColumn{QStringLiteral("ch%1").arg(i), {}, ColumnRole::Channel, {}, {}});
    numberRepeatedNames(layout.columns);
    // The role "not yet given" is Channel, so that columnOf() finds only roles that were given.
    assignRoles(layout, records, first);
    applyMappings(layout, mappings);
    if (const int time = layout.columnOf(ColumnRole::Time); time >= 0) {
        const auto column = static_cast<std::size_t>(time);
        const auto named = suffixUnit(layout.columns[column].name.toLower());
        layout.timeUnit = named ? *named : guessTimeUnit(records, first, column, layout.dialect);
        if (!named && *layout.timeUnit != TimeUnit::Text)
            layout.notes << QStringLiteral("Column '%1' taken for a time in %2.")
                                .arg(layout.columns[column].name, timeUnitName(*layout.timeUnit));
    }
    return layout;
}

std::optional<double> timeInSeconds(QByteArrayView field, TimeUnit unit, const CsvDialect& dialect)
{
    const auto seconds = readTime(field, unit, dialect);
    return seconds && std::abs(*seconds) <= kMaxSeconds ? seconds : std::nullopt;
}

QStringList guessUnits(std::vector<signal::Channel>& channels, const std::vector<float>& values)
{
    QStringList notes;
    const SensorUnits accelerometer = measure(channels, values, isAccelerometer);
    const SensorUnits gyroscope = measure(channels, values, isGyroscope);
    setUnits(channels, accelerometer.names, accelerometerUnit(accelerometer.size), notes);
    setUnits(channels, gyroscope.names, gyroscopeUnit(gyroscope.size), notes);
    return notes;
}

} // namespace ember::dataset
