// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/socket_transport.h"

#include "core/device/fd_handle.h"
#include "core/device/polled_transport.h"

#include <QFile>
#include <QRegularExpression>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

namespace ember::device {
namespace {

// How long to wait before a socket that is not there yet is tried again.
constexpr int kRetryMs = 20;

class SocketTransport final : public PolledTransport
{
public:
    SocketTransport(FdHandle fd, QString address)
        : PolledTransport(std::move(address))
        , m_fd(std::move(fd))
    {}

    void close() override { m_fd.reset(); }
    bool isOpen() const override { return m_fd.isValid(); }

protected:
    int fd() const override { return m_fd.get(); }
    ssize_t readSome(char* to, size_t most) override { return ::recv(m_fd.get(), to, most, 0); }
    // A peer that went away is an error value, not a signal.
    ssize_t writeSome(const char* from, size_t count) override { return ::send(m_fd.get(), from, count, MSG_NOSIGNAL); }

private:
    FdHandle m_fd;
};

class TerminalTransport final : public PolledTransport
{
public:
    TerminalTransport(FdHandle fd, QString address)
        : PolledTransport(std::move(address))
        , m_fd(std::move(fd))
    {}

    void close() override { m_fd.reset(); }
    bool isOpen() const override { return m_fd.isValid(); }

protected:
    int fd() const override { return m_fd.get(); }
    ssize_t readSome(char* to, size_t most) override { return ::read(m_fd.get(), to, most); }
    ssize_t writeSome(const char* from, size_t count) override { return ::write(m_fd.get(), from, count); }

private:
    FdHandle m_fd;
};

Error cannotConnect(const QString& address, int error, const QString& hint)
{
    return Error(ErrorKind::Board,
                 QStringLiteral("%1 cannot be opened: %2.").arg(address, QString::fromLocal8Bit(std::strerror(error))),
                 hint);
}

/// Finishes a connect on a non-blocking socket: 0, or the error.
int connectWithin(int fd, const sockaddr* to, socklen_t length, const Deadline& deadline)
{
    if (::connect(fd, to, length) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return errno;
    pollfd entry{fd, POLLOUT, 0};
    int ready = 0;
    do {
        ready = ::poll(&entry, 1, deadline.remainingMs());
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

struct AddressList
{
    addrinfo* first = nullptr;
    ~AddressList()
    {
        if (first)
            ::freeaddrinfo(first);
    }
};

void tuneForFrames(int fd)
{
    // Requests are small and wait for their answer; and a peer that lost power should not look alive for hours.
    const int on = 1;
    const int idleSeconds = 10;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idleSeconds, sizeof idleSeconds);
}

} // namespace

std::unique_ptr<Transport> adoptSocket(int fd, const QString& address)
{
    return std::make_unique<SocketTransport>(FdHandle(fd), address);
}

Result<std::unique_ptr<Transport>> openTcp(const QString& address, const QString& hostAndPort, int timeoutMs)
{
    static const QRegularExpression pattern(
        QStringLiteral("^(?:\\[([0-9A-Fa-f:.%]+)\\]|([^:\\[\\]/]+)):(\\d{1,5})/?$"));
    const auto match = pattern.match(hostAndPort);
    if (!match.hasMatch())
        return Error(ErrorKind::Usage,
                     QStringLiteral("'%1' is not an address of the form tcp://host:port.").arg(address));
    const QByteArray host = (match.captured(1) + match.captured(2)).toUtf8();
    const QByteArray port = match.captured(3).toLatin1();

    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    AddressList found;
    if (const int failure = ::getaddrinfo(host.constData(), port.constData(), &wanted, &found.first); failure != 0) {
        return Error(
            ErrorKind::Board,
            QStringLiteral("%1 cannot be opened: %2.").arg(address, QString::fromLocal8Bit(::gai_strerror(failure))),
            QStringLiteral("Check the host name."));
    }
    const Deadline deadline(timeoutMs);
    int error = ECONNREFUSED;
    for (const addrinfo* at = found.first; at; at = at->ai_next) {
        FdHandle fd(::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
        if (!fd.isValid()) {
            error = errno;
            continue;
        }
        error = connectWithin(fd.get(), at->ai_addr, at->ai_addrlen, deadline);
        if (error == 0) {
            tuneForFrames(fd.get());
            return std::unique_ptr<Transport>(std::make_unique<SocketTransport>(std::move(fd), address));
        }
    }
    return cannotConnect(address, error, QStringLiteral("Check that the server runs and the port number is right."));
}

Result<std::unique_ptr<Transport>> openUnix(const QString& address, const QString& path, int timeoutMs)
{
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(path);
    if (name.isEmpty() || static_cast<size_t>(name.size()) >= sizeof to.sun_path)
        return Error(ErrorKind::Usage,
                     QStringLiteral("'%1' is no path for a socket: it is empty or longer than %2 bytes.")
                         .arg(path)
                         .arg(sizeof to.sun_path - 1));
    std::memcpy(to.sun_path, name.constData(), static_cast<size_t>(name.size()));

    const Deadline deadline(timeoutMs);
    for (;;) {
        FdHandle fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!fd.isValid())
            return cannotConnect(address, errno, {});
        const int error = connectWithin(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to, deadline);
        if (error == 0)
            return std::unique_ptr<Transport>(std::make_unique<SocketTransport>(std::move(fd), address));
        // EAGAIN: the server's queue of connections is full; it will come to us.
        const bool mayCome = error == ENOENT || error == ECONNREFUSED || error == EAGAIN;
        if (!mayCome || deadline.hasPassed())
            return cannotConnect(address, error, QStringLiteral("Check that the emulator or server behind it runs."));
        ::poll(nullptr, 0, std::min(kRetryMs, deadline.remainingMs()));
    }
}

Result<std::unique_ptr<Transport>> openPseudoTerminal(const QString& address)
{
    FdHandle fd(::open(QFile::encodeName(address).constData(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    termios settings{};
    if (!fd.isValid() || ::tcgetattr(fd.get(), &settings) != 0)
        return cannotConnect(address, errno, QStringLiteral("Check that the program behind the terminal still runs."));
    ::cfmakeraw(&settings);
    if (::tcsetattr(fd.get(), TCSANOW, &settings) != 0)
        return cannotConnect(address, errno, {});
    return std::unique_ptr<Transport>(std::make_unique<TerminalTransport>(std::move(fd), address));
}

} // namespace ember::device
