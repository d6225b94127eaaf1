// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/polled_transport.h"

#include "core/device/steady_clock.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>

namespace ember::device {
namespace {

constexpr qint64 kNanosPerMs = 1'000'000;

bool isTransient(int error)
{
    static_assert(EAGAIN == EWOULDBLOCK, "one name is enough here");
    return error == EAGAIN || error == EINTR;
}

/// poll(2) that goes on after a signal. The events that are there; 0 when the time is over.
short pollFor(int fd, short events, int timeoutMs)
{
    const Deadline deadline(timeoutMs);
    pollfd entry{fd, events, 0};
    while (::poll(&entry, 1, deadline.remainingMs()) < 0 && errno == EINTR) {
    }
    return entry.revents;
}

} // namespace

Deadline::Deadline(int timeoutMs)
    : m_endNanos(steadyNanos() + std::max(0, timeoutMs) * kNanosPerMs)
{}

int Deadline::remainingMs() const
{
    const qint64 left = m_endNanos - steadyNanos();
    return left <= 0 ? 0 : static_cast<int>((left + kNanosPerMs - 1) / kNanosPerMs);
}

Error PolledTransport::gone(const QString& why) const
{
    return Error(ErrorKind::Board, QStringLiteral("The link to %1 is gone: %2.").arg(m_address, why),
                 QStringLiteral("Check cable and power; connect again when the board is back."));
}

Result<QByteArray> PolledTransport::read(int timeoutMs, qsizetype maxBytes)
{
    if (!isOpen())
        return gone(QStringLiteral("it was closed"));
    const short events = pollFor(fd(), POLLIN, timeoutMs);
    if (events == 0)
        return QByteArray();
    if (events & POLLNVAL)
        return gone(QStringLiteral("its handle is not valid"));
    QByteArray bytes(std::max<qsizetype>(maxBytes, 1), Qt::Uninitialized);
    const ssize_t count = readSome(bytes.data(), static_cast<size_t>(bytes.size()));
    if (count > 0) {
        bytes.truncate(count);
        return bytes;
    }
    if (count < 0 && isTransient(errno) && !(events & (POLLHUP | POLLERR)))
        return QByteArray();
    // Readable without a byte: the end of the stream. A serial adapter that is pulled out looks the same.
    return gone(count < 0 && !isTransient(errno) ? QString::fromLocal8Bit(std::strerror(errno))
                                                 : QStringLiteral("the other end hung up or was unplugged"));
}

Status PolledTransport::write(const QByteArray& bytes, int timeoutMs)
{
    if (!isOpen())
        return gone(QStringLiteral("it was closed"));
    const Deadline deadline(timeoutMs);
    qsizetype done = 0;
    while (done < bytes.size()) {
        const ssize_t count = writeSome(bytes.constData() + done, static_cast<size_t>(bytes.size() - done));
        if (count > 0) {
            done += count;
            continue;
        }
        if (count < 0 && !isTransient(errno))
            return gone(QString::fromLocal8Bit(std::strerror(errno)));
        const short events = pollFor(fd(), POLLOUT, deadline.remainingMs());
        if (events & (POLLHUP | POLLERR | POLLNVAL))
            return gone(QStringLiteral("the other end hung up or was unplugged"));
        if (events == 0 && deadline.hasPassed())
            return gone(QStringLiteral("it took no bytes for %1 ms").arg(timeoutMs));
    }
    return {};
}

} // namespace ember::device
