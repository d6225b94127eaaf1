// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/table.h"

#include "core/dataset/csv.h"
#include "core/dataset/text_file.h"

#include <QHash>
#include <QSaveFile>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::dataset {
namespace {

constexpr qsizetype kHeadBytes = 64 * 1024;

struct Layout
{
    int labelColumn = -1;
    int groupColumn = -1;
    std::size_t fields = 0;
};

Result<int> columnIndex(const QStringList& header, const QString& wanted)
{
    if (wanted.isEmpty())
        return -1;
    const auto index = static_cast<int>(header.indexOf(wanted));
    if (index < 0)
        return Error(ErrorKind::Usage, QStringLiteral("The table has no column '%1'.").arg(wanted),
                     QStringLiteral("Its columns are: %1.").arg(header.join(QStringLiteral(", ")).left(300)));
    return index;
}

// "10" after "9" where all names are numbers, alphabetical order otherwise.
QStringList sortedNames(QStringList names)
{
    names.removeDuplicates();
    const bool numeric = std::all_of(names.cbegin(), names.cend(),
                                     [](const QString& name) { return csvNumber(name.toUtf8(), {}).has_value(); });
    std::sort(names.begin(), names.end(), [numeric](const QString& a, const QString& b) {
        if (numeric && a.toDouble() != b.toDouble())
            return a.toDouble() < b.toDouble();
        return a < b;
    });
    return names;
}

Error badCell(const QString& path, qint64 line, const QString& column, QByteArrayView text)
{
    return Error(
        ErrorKind::BadData,
        QStringLiteral("%1, line %2: '%3' in column '%4' is not a number.")
            .arg(path)
            .arg(line)
            .arg(QString::fromUtf8(text.first(std::min<qsizetype>(text.size(), 40))), column),
        QStringLiteral("Correct the cell or remove the line; a column of words can be named as label column."));
}

class TableBuilder
{
public:
    TableBuilder(QString path, const CsvDialect& dialect, QStringList header, Layout layout)
        : m_path(std::move(path))
        , m_dialect(dialect)
        , m_header(std::move(header))
        , m_layout(layout)
    {
        for (int column = 0; column < m_header.size(); ++column) {
            if (column != layout.labelColumn && column != layout.groupColumn)
                m_table.columns << m_header[column];
        }
    }

    Status addRow(const std::vector<QByteArrayView>& fields, qint64 line)
    {
        if (fields.size() != m_layout.fields)
            return Error(ErrorKind::BadData, QStringLiteral("%1, line %2 has %3 fields; the header has %4.")
                                                 .arg(m_path)
                                                 .arg(line)
                                                 .arg(fields.size())
                                                 .arg(m_layout.fields));
        for (std::size_t column = 0; column < fields.size(); ++column) {
            const QByteArrayView field = fields[column];
            if (static_cast<int>(column) == m_layout.labelColumn) {
                m_labels << QString::fromUtf8(field);
                continue;
            }
            if (static_cast<int>(column) == m_layout.groupColumn) {
                m_table.groups << QString::fromUtf8(field);
                continue;
            }
            const auto number = csvNumber(field, m_dialect);
            if (!number || !std::isfinite(static_cast<float>(*number)))
                return badCell(m_path, line, m_header[static_cast<qsizetype>(column)], field);
            m_table.values.push_back(static_cast<float>(*number));
        }
        return {};
    }

    Table take()
    {
        m_table.classNames = sortedNames(m_labels);
        QHash<QString, qint32> indexOf;
        for (qint32 i = 0; i < m_table.classNames.size(); ++i)
            indexOf.insert(m_table.classNames[i], i);
        for (const QString& label : m_labels)
            m_table.labels.push_back(indexOf.value(label));
        return std::move(m_table);
    }

private:
    QString m_path;
    CsvDialect m_dialect;
    QStringList m_header;
    Layout m_layout;
    QStringList m_labels;
    Table m_table;
};

} // namespace

Result<Table> readTable(const QString& path, const TableOptions& options)
{
    EMBER_TRY(const QByteArray text, detail::readTextFile(path));
    const CsvDialect dialect = detectDialect(text.left(kHeadBytes));
    CsvReader reader(text, dialect);
    std::vector<QByteArrayView> fields;
    if (!reader.next(fields))
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is empty.").arg(path));
    QStringList header;
    for (const QByteArrayView field : fields)
        header << QString::fromUtf8(field);
    Layout layout;
    layout.fields = fields.size();
    EMBER_TRY(layout.labelColumn, columnIndex(header, options.labelColumn));
    EMBER_TRY(layout.groupColumn, columnIndex(header, options.groupColumn));
    TableBuilder builder(path, dialect, header, layout);
    qint64 rows = 0;
    for (; reader.next(fields); ++rows)
        EMBER_CHECK(builder.addRow(fields, reader.lineNumber()));
    Table table = builder.take();
    if (rows == 0 || table.columns.isEmpty())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' has no rows of features under its header.").arg(path));
    return table;
}

Status writeTable(const QString& path, const Table& table, const QString& labelColumn)
{
    QByteArray text;
    const auto columns = static_cast<std::size_t>(table.columns.size());
    for (const QString& column : table.columns)
        text += csvField(column) + ',';
    if (!table.labels.empty())
        text += csvField(labelColumn) + ',';
    text.chop(1);
    text += '\n';
    for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            // Enough digits that the same float is read back.
            text += QByteArray::number(static_cast<double>(table.values[row * columns + column]), 'g',
                                       std::numeric_limits<float>::max_digits10) +
                    ',';
        }
        if (!table.labels.empty())
            text += csvField(table.classNames.value(table.labels[row])) + ',';
        text.chop(1);
        text += '\n';
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()),
                     QStringLiteral("Check that the folder exists, can be written to and has space."));
    return {};
}

} // namespace ember::dataset
