// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/table_text.h"

#include "core/formats/number.h"

#include <QtEndian>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ember::formats {
namespace {

// Rows are handed on at least so often within one chunk.
constexpr qint64 kMaxPendingRows = 4096;
// Counters of microseconds and milliseconds in firmware are of 32 bits.
constexpr double kStampRange = 4294967296.0;
constexpr double kMaxGapRows = 1e7;
// A row that comes so many steps after its time has lost ones before it.
constexpr double kLateRows = 0.75;
constexpr double kSmoothing = 0.05;

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

const char* skipBlanks(const char* at, const char* end, char separator)
{
    while (at < end && isBlank(*at) && *at != separator)
        ++at;
    return at;
}

// Where the next value begins; null when what stands here is no separator. `end` when the line ends here, also after a
// separator that many firmwares print behind the last value.
const char* nextValue(const char* at, const char* end, char separator)
{
    if (separator == ' ') {
        const char* begin = at;
        while (at < end && (isBlank(*at) || *at == ','))
            ++at;
        return at == begin && at < end ? nullptr : at;
    }
    at = skipBlanks(at, end, separator);
    if (at == end)
        return end;
    if (*at != separator)
        return nullptr;
    return skipBlanks(at + 1, end, separator);
}

const char* firstValue(QByteArrayView line, char separator)
{
    const char* at = line.data();
    const char* const end = at + line.size();
    if (separator != ' ')
        return skipBlanks(at, end, separator);
    while (at < end && (isBlank(*at) || *at == ','))
        ++at;
    return at;
}

} // namespace

bool isErrorLine(QByteArrayView line)
{
    const char* at = line.data();
    const char* end = at + line.size();
    while (at < end && isBlank(*at))
        ++at;
    if (at < end && *at == '<')
        ++at;
    return end - at >= 3 && (at[0] | 0x20) == 'e' && (at[1] | 0x20) == 'r' && (at[2] | 0x20) == 'r';
}

TableDecoder::TableDecoder(TableLayout layout)
    : m_layout(std::move(layout))
    , m_reader(m_layout.terminator)
    , m_channels(m_layout.columns - (m_layout.time ? 1 : 0))
    , m_row(static_cast<std::size_t>(std::max(1, m_channels)))
{}

void TableDecoder::restart()
{
    m_reader.begin();
    m_hasTime = false;
}

void TableDecoder::feed(QByteArrayView bytes, Sink& sink)
{
    m_counts.bytes += bytes.size();
    m_reader.feed(
        bytes, [this, &sink](QByteArrayView line, qint64 offset, bool whole) { takeLine(line, offset, whole, sink); });
    flush(sink);
}

void TableDecoder::takeLine(QByteArrayView line, qint64 offset, bool whole, Sink& sink)
{
    if (line.isEmpty())
        return;
    if (m_reader.isFirst()) {
        // Perhaps the end of a row, which would pass for a whole one.
        m_counts.skippedBytes += line.size();
        return;
    }
    double time = 0;
    if (!whole || !parseRow(line, m_row.data(), time)) {
        takeOther(line, offset, whole, sink);
        return;
    }
    if (m_layout.time)
        takeTime(time, sink);
    ++m_counts.units;
    ++m_counts.rows;
    m_rows.insert(m_rows.end(), m_row.begin(), m_row.end());
    ++m_pendingRows;
    ++m_nextRow;
    if (m_pendingRows >= kMaxPendingRows)
        flush(sink);
}

bool TableDecoder::parseRow(QByteArrayView line, float* values, double& time) const
{
    QByteArray pointed;
    if (m_layout.decimalComma) {
        pointed = line.toByteArray().replace(',', '.');
        line = pointed;
    }
    const char* const end = line.data() + line.size();
    const char* at = firstValue(line, m_layout.separator);
    if (m_layout.time) {
        at = parseNumber(at, end, time);
        at = at ? nextValue(at, end, m_layout.separator) : nullptr;
        if (!at || !std::isfinite(time))
            return false;
    }
    for (int i = 0; i < m_channels; ++i) {
        if (at == end)
            return false;
        at = parseNumber(at, end, values[i]);
        at = at ? nextValue(at, end, m_layout.separator) : nullptr;
        if (!at)
            return false;
    }
    return at == end;
}

void TableDecoder::takeTime(double time, Sink& sink)
{
    const TimeColumn& column = *m_layout.time;
    if (!m_hasTime) {
        // Goes on from where it was before the link was lost; at the first start that is zero.
        m_offsetMicros = m_lastMicros - time * column.microsPerUnit;
    } else if (time < m_lastStamp) {
        flush(sink);
        if (m_lastStamp - time > kStampRange / 2 && m_lastStamp < kStampRange) {
            m_offsetMicros += kStampRange * column.microsPerUnit;
        } else {
            ++m_counts.restarts;
            m_offsetMicros = m_lastMicros + column.evenMicros - time * column.microsPerUnit;
        }
    }
    double micros = time * column.microsPerUnit + m_offsetMicros;
    if (!m_hasTime || m_layout.time->evenMicros <= 0) {
        m_expectedMicros = micros;
    } else {
        // Against a smoothed clock, so that the rounding of the stamps does not add to the jitter of a single step.
        m_expectedMicros += column.evenMicros;
        const double late = (micros - m_expectedMicros) / column.evenMicros;
        if (late >= kMaxGapRows) { // its clock was set, or this stamp is damaged; nothing says that rows were lost
            flush(sink);
            ++m_counts.restarts;
            m_offsetMicros -= micros - m_expectedMicros;
            micros = m_expectedMicros;
        } else if (late > kLateRows) {
            flush(sink);
            const qint64 lost = std::max<qint64>(1, std::llround(late));
            countGap(lost);
            m_expectedMicros += static_cast<double>(lost) * column.evenMicros;
        } else {
            m_expectedMicros += kSmoothing * (micros - m_expectedMicros);
        }
    }
    m_hasTime = true;
    m_lastStamp = time;
    m_lastMicros = micros;
    if (m_pendingRows == 0)
        m_pendingMicros = std::llround(std::clamp(micros, -9e17, 9e17));
}

bool TableDecoder::isHeader(QByteArrayView line) const
{
    if (m_layout.names.isEmpty())
        return false;
    const QString text = QString::fromUtf8(line);
    return text.contains(m_layout.names.front()) && text.contains(m_layout.names.back());
}

void TableDecoder::takeOther(QByteArrayView line, qint64 offset, bool whole, Sink& sink)
{
    flush(sink);
    if (m_layout.abortsOnErr && isErrorLine(line)) {
        sink.onText({offset, m_nextRow, printable(line)});
        ++m_counts.textLines;
        sink.onRefusal(Error(ErrorKind::Board, QStringLiteral("The board reports: %1").arg(printable(line)),
                             QStringLiteral("What was recorded is kept; see what the firmware means by it.")));
        return;
    }
    if (whole && isHeader(line)) {
        ++m_counts.units;
        return;
    }
    // A row that was damaged still has numbers in it, and took the time of a row.
    int tokens = 0;
    int numbers = 0;
    const char* const end = line.data() + line.size();
    for (const char* at = firstValue(line, ' '); at < end;) {
        const char* stop = at;
        while (stop < end && !isBlank(*stop) && *stop != ',' && *stop != ';')
            ++stop;
        double value = 0;
        ++tokens;
        numbers += stop > at && parseNumber(at, stop, value) == stop ? 1 : 0;
        at = stop;
        while (at < end && (isBlank(*at) || *at == ',' || *at == ';'))
            ++at;
    }
    if (!whole || (numbers > 0 && numbers * 2 >= tokens)) {
        ++m_counts.badUnits;
        // Where stamps come evenly the next one tells it.
        if (!m_layout.time || m_layout.time->evenMicros <= 0)
            countGap(1);
    } else {
        ++m_counts.textLines;
    }
    sink.onText({offset, m_nextRow, printable(line)});
}

void TableDecoder::flush(Sink& sink)
{
    if (m_pendingRows == 0)
        return;
    Rows rows;
    rows.firstRow = m_nextRow - m_pendingRows;
    rows.rowCount = m_pendingRows;
    rows.bytes.resize(static_cast<qsizetype>(m_rows.size() * sizeof(float)));
    qToLittleEndian<float>(m_rows.data(), static_cast<qsizetype>(m_rows.size()), rows.bytes.data());
    rows.deviceMicros = m_layout.time ? m_pendingMicros : std::nullopt;
    m_rows.clear();
    m_pendingRows = 0;
    sink.onRows(std::move(rows));
}

} // namespace ember::formats
