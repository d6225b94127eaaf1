// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>

#include <optional>
#include <vector>

namespace ember::dataset {

/// How a text table is written.
struct CsvDialect
{
    char delimiter = ',';
    bool decimalComma = false; ///< "1,5" is one and a half; only where the delimiter is not a comma

    friend bool operator==(const CsvDialect&, const CsvDialect&) = default;
};

/// The delimiter (tab, semicolon, comma, space) that cuts most lines of `head` into equally many fields.
CsvDialect detectDialect(const QByteArray& head);

/// "comma", "tab", ... for texts.
QString delimiterName(char delimiter);

/// A number in the dialect, with nothing but spaces around it; infinities and NaN are not numbers here.
std::optional<double> csvNumber(QByteArrayView field, const CsvDialect& dialect);

/// A text as a field to write: quoted where it has to be, line breaks as spaces.
QByteArray csvField(const QString& text);

/// Goes through the records of a text. Fields may be quoted (a doubled quote stands for one); a record ends with its
/// line even inside quotes, so that one lost quote cannot swallow a file. Empty lines and lines that begin with # are
/// passed over. The text must outlive the reader.
class CsvReader
{
public:
    CsvReader(QByteArrayView text, const CsvDialect& dialect);

    /// The next record's fields, without surrounding spaces; they stay valid until the next call. False at the end.
    bool next(std::vector<QByteArrayView>& fields);

    /// Of the record that next() gave, counted from 1.
    qint64 lineNumber() const { return m_lineNumber; }

private:
    void split(QByteArrayView line, std::vector<QByteArrayView>& fields);
    QByteArrayView takeQuoted(QByteArrayView line, qsizetype& at);

    QByteArrayView m_text;
    CsvDialect m_dialect;
    qsizetype m_at = 0;
    qint64 m_lineNumber = 0;
    std::vector<QByteArray> m_unquoted; ///< holds fields whose bytes are not in the text as they are
};

} // namespace ember::dataset
