// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/raw_log.h"

#include <QtEndian>

#include <algorithm>

namespace ember::device {

Error RawLogWriter::failed() const
{
    return Error(ErrorKind::Io,
                 QStringLiteral("The log '%1' cannot be written: %2.").arg(m_file.fileName(), m_file.errorString()),
                 QStringLiteral("Free some space. What was recorded is kept."));
}

Status RawLogWriter::open(const QString& path)
{
    m_file.setFileName(path);
    if (!m_file.open(QIODevice::WriteOnly | QIODevice::NewOnly)) {
        // Also what is no file at all, but there: nothing of the user's is written over.
        if (m_file.exists())
            return Error(ErrorKind::Usage, QStringLiteral("The log '%1' exists already.").arg(path),
                         QStringLiteral("Choose another name, or move it away."));
        return failed();
    }
    return m_file.write(kRawLogMagic, kRawLogMagicBytes) == kRawLogMagicBytes ? Status() : Status(failed());
}

Status RawLogWriter::flush()
{
    return m_file.isOpen() && !m_file.flush() ? Status(failed()) : Status();
}

Status RawLogWriter::close()
{
    if (!m_file.isOpen())
        return {};
    EMBER_CHECK(flush());
    m_file.close();
    return m_file.error() == QFileDevice::NoError ? Status() : Status(failed());
}

Status RawLogWriter::write(QByteArrayView bytes, qint64 hostNanos)
{
    while (!bytes.isEmpty()) {
        const QByteArrayView piece = bytes.first(std::min(bytes.size(), kRawLogMaxRecord));
        char head[kRawLogHeadBytes];
        qToLittleEndian<quint64>(static_cast<quint64>(hostNanos), head);
        qToLittleEndian<quint32>(static_cast<quint32>(piece.size()), head + 8);
        if (m_file.write(head, kRawLogHeadBytes) != kRawLogHeadBytes ||
            m_file.write(piece.data(), piece.size()) != piece.size())
            return failed();
        bytes = bytes.sliced(piece.size());
    }
    return {};
}

} // namespace ember::device
