// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <optional>

namespace ember::formats {

/// What became of the bytes of a stream; every field only grows, but linkGaps, which shrinks when the board turns out
/// to have lost rows itself.
struct Counts
{
    qint64 bytes = 0;
    qint64 units = 0;     ///< whole lines or frames that were understood, those without rows included
    qint64 badUnits = 0;  ///< lines that look like rows and are none, frames that contradict themselves, over-long ones
    qint64 textLines = 0; ///< lines that do not look like rows: what the board says to people
    qint64 checksumErrors = 0; ///< frames refused by their checksum
    qint64 skippedBytes = 0;   ///< outside of any line or frame
    qint64 rows = 0;
    qint64 deviceDrops = 0; ///< rows lost on the board, by its own count
    qint64 linkGaps = 0;    ///< rows lost otherwise, by row numbers, time stamps or bad lines
    qint64 heldValues = 0;  ///< values that did not come for a row, which has the one before in their place
    qint64 restarts = 0;    ///< times the board began anew while the link stood
};

/// Consecutive rows as the stream's spec says, in the count of a decoder that counts lost rows too.
struct Rows
{
    qint64 firstRow = 0;
    qint64 rowCount = 0;
    QByteArray bytes;                   ///< row-major, little-endian, in the stream's type
    std::optional<qint64> deviceMicros; ///< the board's own time of the first row, where the format carries one
};

/// A line that is no row, as text for a person: control characters replaced, cut to kMaxTextLine.
struct TextLine
{
    qint64 offset = 0; ///< of its first byte in the stream
    qint64 row = 0;    ///< the next row's number when it came
    QString text;
};

constexpr qsizetype kMaxTextLine = 240;

/// Gets what a decoder makes of the bytes, during feed().
class Sink
{
public:
    virtual ~Sink() = default;
    virtual void onRows(Rows rows) = 0;
    virtual void onText(const TextLine& line) = 0;
    /// The stream cannot go on as it was described: the board reports an error, or it now sends other channels.
    virtual void onRefusal(const Error& error) = 0;
};

/// Turns the bytes of one stream of known layout into rows, wherever the chunks are cut. Never fails: what is no row is
/// counted. Memory is bounded whatever the bytes are. One thread.
class Decoder
{
public:
    virtual ~Decoder() = default;

    virtual void feed(QByteArrayView bytes, Sink& sink) = 0;

    /// The link was opened again: what was begun will not be completed. Row numbers go on.
    virtual void restart() = 0;

    /// Leaves out row numbers, for rows that were lost while nobody listened.
    void skipRows(qint64 count);

    /// Whether a row that does not arrive is noticed, by row numbers or by even time stamps. Otherwise only what arrives
    /// damaged is counted.
    virtual bool seesLoss() const { return false; }

    const Counts& counts() const { return m_counts; }
    /// One past the newest row, lost ones included.
    qint64 endRow() const { return m_nextRow; }

protected:
    /// Counts rows as lost on the link.
    void countGap(qint64 rows);

    Counts m_counts;
    qint64 m_nextRow = 0;
};

/// Bytes as text for a person, bounded.
QString printable(QByteArrayView bytes, qsizetype most = kMaxTextLine);

} // namespace ember::formats
