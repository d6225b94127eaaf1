// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/csv.h"

#include <QString>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace ember::dataset {
namespace {

// A semicolon or tab is hardly ever part of a value, a comma sometimes (decimals), a space often (dates, names).
constexpr std::array kDelimiters = {'\t', ';', ',', ' '};
constexpr int kProbedLines = 50;

/// How many of the first lines have the most frequent number of fields, and which number that is.
struct Regularity
{
    std::size_t fields = 0;
    double share = 0;
};

Regularity regularity(const QByteArray& head, char delimiter)
{
    CsvReader reader(head, CsvDialect{delimiter, false});
    std::vector<QByteArrayView> fields;
    std::map<std::size_t, int> counts;
    int lines = 0;
    for (; lines < kProbedLines && reader.next(fields); ++lines)
        ++counts[fields.size()];
    Regularity best;
    for (const auto& [size, count] : counts) {
        if (const double share = static_cast<double>(count) / lines; share >= best.share)
            best = {size, share};
    }
    return best;
}

bool usesDecimalComma(const QByteArray& head, char delimiter)
{
    if (delimiter == ',' || delimiter == ' ')
        return false;
    CsvReader reader(head, CsvDialect{delimiter, false});
    std::vector<QByteArrayView> fields;
    int commas = 0;
    int points = 0;
    for (int line = 0; line < kProbedLines && reader.next(fields); ++line) {
        for (const QByteArrayView field : fields) {
            commas += field.contains(',') && csvNumber(field, CsvDialect{delimiter, true}) ? 1 : 0;
            points += field.contains('.') && csvNumber(field, CsvDialect{delimiter, false}) ? 1 : 0;
        }
    }
    return commas > points;
}

} // namespace

CsvDialect detectDialect(const QByteArray& head)
{
    // The last line of a head may be cut; it must not count.
    const qsizetype lastLine = head.lastIndexOf('\n');
    const QByteArray whole = lastLine > 0 ? head.left(lastLine + 1) : head;
    for (const char delimiter : kDelimiters) {
        const Regularity found = regularity(whole, delimiter);
        if (found.fields > 1 && found.share >= 0.7)
            return CsvDialect{delimiter, usesDecimalComma(whole, delimiter)};
    }
    return {};
}

QString delimiterName(char delimiter)
{
    switch (delimiter) {
    case '\t':
        return QStringLiteral("tab");
    case ';':
        return QStringLiteral("semicolon");
    case ' ':
        return QStringLiteral("space");
    default:
        return QStringLiteral("comma");
    }
}

std::optional<double> csvNumber(QByteArrayView field, const CsvDialect& dialect)
{
    field = field.trimmed();
    // from_chars takes no plus sign, and would take "inf" and "nan".
    if (field.startsWith('+') && !field.startsWith("+-"))
        field = field.sliced(1);
    std::array<char, 64> buffer;
    if (field.isEmpty() || static_cast<std::size_t>(field.size()) > buffer.size())
        return std::nullopt;
    const char* begin = field.data();
    if (dialect.decimalComma) {
        std::replace_copy(field.begin(), field.end(), buffer.begin(), ',', '.');
        begin = buffer.data();
    }
    const char* end = begin + field.size();
    double value = 0;
    const auto [stopped, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stopped != end || !std::isfinite(value))
        return std::nullopt;
    return value;
}

QByteArray csvField(const QString& text)
{
    QByteArray bytes = text.toUtf8();
    bytes.replace('\n', ' ').replace('\r', ' ');
    if (!bytes.contains(',') && !bytes.contains('"'))
        return bytes;
    return '"' + bytes.replace('"', "\"\"") + '"';
}

CsvReader::CsvReader(QByteArrayView text, const CsvDialect& dialect)
    : m_text(text)
    , m_dialect(dialect)
{
    if (m_text.startsWith("\xEF\xBB\xBF"))
        m_at = 3;
}

bool CsvReader::next(std::vector<QByteArrayView>& fields)
{
    while (m_at < m_text.size()) {
        qsizetype end = m_text.indexOf('\n', m_at);
        if (end < 0)
            end = m_text.size();
        const QByteArrayView line = m_text.sliced(m_at, end - m_at).trimmed();
        // Trimming may have taken empty last fields of a tab-separated line with it; those need the line as it is.
        QByteArrayView whole = m_text.sliced(m_at, end - m_at);
        if (whole.endsWith('\r'))
            whole.chop(1);
        m_at = end + 1;
        ++m_lineNumber;
        if (line.isEmpty() || line.startsWith('#'))
            continue;
        split(m_dialect.delimiter == ' ' ? line : whole, fields);
        return true;
    }
    return false;
}

void CsvReader::split(QByteArrayView line, std::vector<QByteArrayView>& fields)
{
    fields.clear();
    m_unquoted.clear();
    for (qsizetype at = 0;;) {
        while (at < line.size() && line[at] == ' ')
            ++at;
        if (at < line.size() && line[at] == '"') {
            fields.push_back(takeQuoted(line, at));
            at = line.indexOf(m_dialect.delimiter, at);
        } else {
            const qsizetype end = line.indexOf(m_dialect.delimiter, at);
            fields.push_back(line.sliced(at, (end < 0 ? line.size() : end) - at).trimmed());
            at = end;
        }
        if (at < 0)
            return;
        ++at;
    }
}

QByteArrayView CsvReader::takeQuoted(QByteArrayView line, qsizetype& at)
{
    QByteArray value;
    for (++at; at < line.size(); ++at) {
        if (line[at] != '"') {
            value += line[at];
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
            value += '"';
            ++at;
        } else {
            ++at;
            break;
        }
    }
    // The bytes stay where they are when the vector grows; only the handles move.
    m_unquoted.push_back(value);
    return m_unquoted.back();
}

} // namespace ember::dataset
