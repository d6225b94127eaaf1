// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/udp_transport.h"

#include "core/device/fd_handle.h"
#include "core/device/polled_transport.h"

#include <QRegularExpression>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>

namespace ember::device {
namespace {

constexpr size_t kLargestDatagram = 65'536;
constexpr int kQueueBytes = 1 << 20; // a burst of a fast board while this computer is busy

/// The lines of a datagram as they would come on a serial port.
QByteArray asSerial(QByteArrayView datagram)
{
    QByteArray out;
    out.reserve(datagram.size() + 16);
    while (!datagram.isEmpty()) {
        const qsizetype stop = datagram.indexOf('\n');
        QByteArrayView line = stop < 0 ? datagram : datagram.first(stop);
        datagram = stop < 0 ? QByteArrayView() : datagram.sliced(stop + 1);
        if (line.endsWith('\r'))
            line.chop(1);
        if (line.isEmpty())
            continue;
        if (line[0] == '>')
            line = line.sliced(1);
        else if (line.contains(':'))
            out += '>';
        out.append(line.data(), line.size());
        out += '\n';
    }
    return out;
}

class UdpTransport final : public PolledTransport
{
public:
    UdpTransport(FdHandle socket, QString address)
        : PolledTransport(std::move(address))
        , m_fd(std::move(socket))
    {}

    Result<QByteArray> read(int timeoutMs, qsizetype maxBytes) override
    {
        if (m_rest.isEmpty())
            return PolledTransport::read(timeoutMs, maxBytes);
        const QByteArray bytes = m_rest.left(std::max<qsizetype>(1, maxBytes));
        m_rest.remove(0, bytes.size());
        return bytes;
    }

    Status write(const QByteArray&, int) override
    {
        return Error(ErrorKind::Unsupported, QStringLiteral("Nothing can be sent to %1.").arg(address()),
                     QStringLiteral("It only listens."));
    }

    void close() override { m_fd.reset(); }
    bool isOpen() const override { return m_fd.isValid(); }
    bool isInteractive() const override { return false; }
    bool isLive() const override { return true; }

protected:
    int fd() const override { return m_fd.get(); }
    ssize_t writeSome(const char*, size_t) override
    {
        errno = EOPNOTSUPP;
        return -1;
    }

    /// Nothing is no end of a stream here.
    ssize_t readSome(char* to, size_t most) override
    {
        char datagram[kLargestDatagram];
        sockaddr_in from{};
        socklen_t length = sizeof from;
        const ssize_t count =
            ::recvfrom(m_fd.get(), datagram, sizeof datagram, 0, reinterpret_cast<sockaddr*>(&from), &length);
        if (count < 0)
            return count;
        if (!m_sender)
            m_sender = from.sin_addr.s_addr;
        if (*m_sender == from.sin_addr.s_addr)
            m_rest = asSerial(QByteArrayView(datagram, count));
        const qsizetype given = std::min(m_rest.size(), static_cast<qsizetype>(most));
        if (given == 0) {
            errno = EAGAIN;
            return -1;
        }
        std::memcpy(to, m_rest.constData(), static_cast<size_t>(given));
        m_rest.remove(0, given);
        return given;
    }

private:
    FdHandle m_fd;
    QByteArray m_rest; ///< of the last datagram
    std::optional<in_addr_t> m_sender;
};

} // namespace

Result<std::unique_ptr<Transport>> openUdp(const QString& address, const QString& hostAndPort)
{
    static const QRegularExpression pattern(
        QStringLiteral("^(?://)?(?:(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}):)?(\\d{1,5})/?$"));
    const auto match = pattern.match(hostAndPort);
    const int port = match.captured(2).toInt();
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_ANY);
    const bool readable =
        match.hasMatch() && port > 0 && port <= 65'535 &&
        (match.captured(1).isEmpty() || ::inet_pton(AF_INET, qPrintable(match.captured(1)), &here.sin_addr) == 1);
    if (!readable)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is not an address to listen at.").arg(address),
                     QStringLiteral("Use udp:PORT or udp:ADDRESS:PORT, as udp:47269."));
    here.sin_port = htons(static_cast<quint16>(port));
    FdHandle socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.isValid() || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0)
        return Error(
            ErrorKind::Board,
            QStringLiteral("%1 cannot be listened at: %2.").arg(address, QString::fromLocal8Bit(std::strerror(errno))),
            QStringLiteral("Another program may listen there; close it, or send to another port."));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kQueueBytes, sizeof kQueueBytes);
    return std::unique_ptr<Transport>(std::make_unique<UdpTransport>(std::move(socket), address));
}

} // namespace ember::device
