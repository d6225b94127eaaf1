// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstring>

namespace ember::formats {

/// Cuts a stream of bytes into lines, wherever its chunks are cut. A line that is whole within a chunk is not copied;
/// no more than kMaxLine bytes are ever kept. The first line after begin() is passed over, because nobody knows where
/// it began.
class LineReader
{
public:
    static constexpr qsizetype kMaxLine = 16 * 1024;

    /// `terminator`: '\n', which takes a '\r' before it along, or '\r' for streams that have no other.
    explicit LineReader(char terminator = '\n')
        : m_terminator(terminator)
    {}

    /// Calls onLine(QByteArrayView line, qint64 offset, bool whole): `whole` is false for a line longer than kMaxLine,
    /// of which only the beginning is given.
    template <typename OnLine>
    void feed(QByteArrayView bytes, OnLine onLine)
    {
        const char* at = bytes.data();
        const char* const end = at + bytes.size();
        while (at < end) {
            const auto* stop =
                static_cast<const char*>(std::memchr(at, m_terminator, static_cast<std::size_t>(end - at)));
            if (!stop) {
                keep(at, end - at);
                return;
            }
            if (m_kept.isEmpty() && stop - at <= kMaxLine) {
                give(at, stop - at, m_offset, true, onLine);
            } else {
                const qint64 begin = m_offset - m_keptBytes;
                keep(at, stop - at);
                give(m_kept.constData(), m_kept.size(), begin, m_keptBytes <= kMaxLine, onLine);
                m_offset -= stop - at; // counted by keep() already
                m_kept.clear();
                m_keptBytes = 0;
            }
            m_offset += stop + 1 - at;
            at = stop + 1;
        }
    }

    /// Forgets a line that was begun, and passes over the next.
    void begin()
    {
        m_kept.clear();
        m_keptBytes = 0;
        m_isFirst = true;
    }
    /// Whether the line given last was the first since begin(), and so perhaps not a whole one.
    bool isFirst() const { return m_isFirst; }

private:
    template <typename OnLine>
    void give(const char* line, qsizetype size, qint64 offset, bool whole, OnLine& onLine)
    {
        if (size > 0 && line[size - 1] == '\r')
            --size;
        onLine(QByteArrayView(line, size), offset, whole);
        m_isFirst = false;
    }

    void keep(const char* bytes, qsizetype size)
    {
        const qsizetype room = kMaxLine - m_kept.size();
        m_kept.append(bytes, size < room ? size : room);
        m_keptBytes += size;
        m_offset += size;
    }

    char m_terminator;
    QByteArray m_kept;
    qint64 m_keptBytes = 0;
    qint64 m_offset = 0;
    bool m_isFirst = true;
};

/// The terminator of an opening's lines: '\r' where it has no '\n' at all.
char terminatorOf(QByteArrayView bytes);

} // namespace ember::formats
