// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/replay_transport.h"

#include "core/device/raw_log.h"
#include "core/device/steady_clock.h"

#include <QFile>
#include <QtEndian>

#include <algorithm>

namespace ember::device {
namespace {

constexpr qint64 kReadAhead = 64 * 1024;

class ReplayTransport final : public Transport
{
public:
    ReplayTransport(std::unique_ptr<QFile> file, QString address)
        : m_file(std::move(file))
        , m_address(std::move(address))
    {
        m_isLog = m_file->peek(kRawLogMagicBytes) == QByteArray(kRawLogMagic);
        if (m_isLog)
            m_file->skip(kRawLogMagicBytes);
        m_nanos = steadyNanos();
    }

    /// One frame at a time: what follows a frame must not arrive before the reader has dealt with it, as on a link
    /// where requests and answers take turns.
    Result<QByteArray> read(int /*timeoutMs*/, qsizetype maxBytes) override
    {
        if (!isOpen())
            return Error(ErrorKind::Board, QStringLiteral("%1 was closed.").arg(m_address));
        if (m_ahead.isEmpty() && !m_file->atEnd())
            EMBER_CHECK(m_isLog ? readRecord() : readPlain());
        const qsizetype delimiter = m_ahead.indexOf('\0');
        const QByteArray bytes = m_ahead.left(std::min(delimiter < 0 ? m_ahead.size() : delimiter + 1, maxBytes));
        m_ahead.remove(0, bytes.size());
        return bytes;
    }

    /// Plain bytes carry no time and have all arrived at once.
    qint64 arrivalNanos() const override { return m_nanos; }

    Status write(const QByteArray& /*bytes*/, int /*timeoutMs*/) override { return {}; }
    void close() override { m_file->close(); }
    bool isOpen() const override { return m_file->isOpen(); }
    QString address() const override { return m_address; }
    bool isInteractive() const override { return false; }
    bool atEnd() const override { return m_ahead.isEmpty() && m_file->atEnd(); }

private:
    Status readPlain()
    {
        m_ahead = m_file->read(kReadAhead);
        if (!m_ahead.isEmpty())
            return {};
        return Error(ErrorKind::Io, QStringLiteral("%1 cannot be read: %2.").arg(m_address, m_file->errorString()));
    }

    Status readRecord()
    {
        const QByteArray head = m_file->read(kRawLogHeadBytes);
        if (head.size() == kRawLogHeadBytes) {
            const qsizetype size = qFromLittleEndian<quint32>(head.constData() + 8);
            if (size > kRawLogMaxRecord)
                return Error(ErrorKind::BadData, QStringLiteral("%1 is damaged at byte %2: a record of %3 bytes.")
                                                     .arg(m_address)
                                                     .arg(m_file->pos() - kRawLogHeadBytes)
                                                     .arg(size));
            m_ahead = m_file->read(size);
            if (m_ahead.size() == size) {
                m_nanos = static_cast<qint64>(
                    std::min<quint64>(qFromLittleEndian<quint64>(head.constData()), kRawLogMaxNanos));
                return {};
            }
        }
        // Cut off while it was written.
        m_ahead.clear();
        m_file->skip(m_file->bytesAvailable());
        return {};
    }

    std::unique_ptr<QFile> m_file;
    QString m_address;
    bool m_isLog = false;
    qint64 m_nanos = 0;
    QByteArray m_ahead;
};

} // namespace

Result<std::unique_ptr<Transport>> openReplay(const QString& address, const QString& path)
{
    auto file = std::make_unique<QFile>(path);
    if (!file->exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no log '%1'.").arg(path));
    if (!file->open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("The log '%1' cannot be read: %2.").arg(path, file->errorString()));
    return std::unique_ptr<Transport>(std::make_unique<ReplayTransport>(std::move(file), address));
}

} // namespace ember::device
