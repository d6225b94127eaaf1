// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QFile>

namespace ember::device {

// The raw log of a capture: every byte as it came, with the time. The file begins with kRawLogMagic; then come records
// of u64 host time in nanoseconds (steady clock, so only differences mean something), u32 count and as many bytes, all
// little-endian. A record that the end of the file cuts off was being written when the program died, and is left out.

constexpr char kRawLogMagic[] = "EMBRLOG1";
constexpr qsizetype kRawLogMagicBytes = 8;
constexpr qsizetype kRawLogHeadBytes = 12;
/// A record that claims more is damage.
constexpr qsizetype kRawLogMaxRecord = 1 << 20;
/// A later time, of more than a hundred years, is damage too, and counts as this one.
constexpr qint64 kRawLogMaxNanos = 4'000'000'000'000'000'000;

class RawLogWriter
{
public:
    /// Makes the file. Errors: Usage when there is something of that name, Io.
    Status open(const QString& path);
    bool isOpen() const { return m_file.isOpen(); }
    // Errors of all these: Io (disk full ...).
    Status write(QByteArrayView bytes, qint64 hostNanos);
    /// Hands what was written to the system, so that it outlives this program. Nothing happens unless it is open.
    Status flush();
    Status close();

private:
    Error failed() const;

    QFile m_file;
};

} // namespace ember::device
