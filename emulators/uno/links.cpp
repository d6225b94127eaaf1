// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulators/uno/links.h"

#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

namespace ember::uno {
namespace {

using device::FdHandle;

// What a slow reader may be behind before bytes are lost: seconds at the usual speed.
constexpr qsizetype kMaxBacklog = 64 * 1024;

Error systemError(const QString& what)
{
    return Error(ErrorKind::Io, QStringLiteral("%1: %2.").arg(what, QString::fromLocal8Bit(std::strerror(errno))));
}

bool makeNonBlocking(int fd)
{
    const int flags = ::fcntl(fd, F_GETFL);
    return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

bool isReady(int fd, short events)
{
    pollfd one{fd, events, 0};
    return ::poll(&one, 1, 0) > 0 && (one.revents & events) != 0;
}

/// What both kinds share: bytes in, and a bounded backlog of bytes out.
class BufferedLink : public Link
{
public:
    QByteArray read(qsizetype most) override
    {
        if (fd() < 0 || most <= 0)
            return {};
        QByteArray bytes(most, Qt::Uninitialized);
        const ssize_t got = ::read(fd(), bytes.data(), static_cast<size_t>(most));
        if (got > 0)
            return bytes.left(got);
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            hungUp();
        return {};
    }

    void write(const QByteArray& bytes) override
    {
        m_backlog += bytes.left(kMaxBacklog - m_backlog.size());
        while (fd() >= 0 && !m_backlog.isEmpty()) {
            const ssize_t sent = put(m_backlog);
            if (sent <= 0) {
                if (errno != EAGAIN && errno != EINTR)
                    hungUp();
                return;
            }
            m_backlog.remove(0, sent);
        }
        if (fd() < 0)
            m_backlog.clear();
    }

protected:
    virtual int fd() const = 0; ///< -1: nobody is there
    virtual ssize_t put(const QByteArray& bytes) = 0;
    virtual void hungUp() { m_backlog.clear(); }
    short wanted() const { return static_cast<short>(m_backlog.isEmpty() ? POLLIN : POLLIN | POLLOUT); }

private:
    QByteArray m_backlog;
};

class SocketLink final : public BufferedLink
{
public:
    SocketLink(FdHandle listener, QString path)
        : m_listener(std::move(listener))
        , m_path(std::move(path))
    {}
    ~SocketLink() override { QFile::remove(m_path); }

    void addTo(std::vector<pollfd>& fds) const override
    {
        if (m_client.isValid())
            fds.push_back({m_client.get(), wanted(), 0});
        else
            fds.push_back({m_listener.get(), POLLIN, 0});
    }
    bool notice() override
    {
        if (!m_client.isValid() && isReady(m_listener.get(), POLLIN))
            m_client = FdHandle(::accept4(m_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        return false;
    }

protected:
    int fd() const override { return m_client.get(); }
    ssize_t put(const QByteArray& bytes) override
    {
        return ::send(m_client.get(), bytes.constData(), static_cast<size_t>(bytes.size()), MSG_NOSIGNAL);
    }
    void hungUp() override
    {
        BufferedLink::hungUp();
        m_client.reset();
    }

private:
    FdHandle m_listener;
    FdHandle m_client;
    QString m_path;
};

/// The master side reports a hang-up as long as no program has the terminal open, which is how openings are seen.
class TerminalLink final : public BufferedLink
{
public:
    TerminalLink(FdHandle master, QString path)
        : m_master(std::move(master))
        , m_path(std::move(path))
    {}
    ~TerminalLink() override { QFile::remove(m_path); }

    void addTo(std::vector<pollfd>& fds) const override
    {
        // Closed, it would report its hang-up for ever; openings are looked for in every turn anyway.
        if (m_open)
            fds.push_back({m_master.get(), wanted(), 0});
    }
    bool notice() override
    {
        const bool open = !isReady(m_master.get(), POLLHUP);
        const bool fresh = open && !m_open;
        if (!open && m_open)
            hungUp();
        m_open = open;
        return fresh;
    }

protected:
    int fd() const override { return m_open ? m_master.get() : -1; }
    ssize_t put(const QByteArray& bytes) override
    {
        return ::write(m_master.get(), bytes.constData(), static_cast<size_t>(bytes.size()));
    }
    void hungUp() override
    {
        BufferedLink::hungUp();
        m_open = false;
    }

private:
    FdHandle m_master;
    QString m_path;
    bool m_open = false;
};

} // namespace

Result<std::unique_ptr<Link>> listenOnSocket(const QString& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(path);
    if (name.size() >= static_cast<qsizetype>(sizeof address.sun_path))
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is too long for a socket.").arg(path));
    std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
    FdHandle listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener.isValid() ||
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 4) != 0)
        return systemError(QStringLiteral("The socket '%1' cannot be made").arg(path));
    return std::unique_ptr<Link>(std::make_unique<SocketLink>(std::move(listener), path));
}

Result<std::unique_ptr<Link>> openTerminal(const QString& path)
{
    FdHandle master(::posix_openpt(O_RDWR | O_NOCTTY));
    if (!master.isValid() || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0)
        return systemError(QStringLiteral("No pseudo-terminal can be made"));
    char name[128];
    if (::ptsname_r(master.get(), name, sizeof name) != 0 || !makeNonBlocking(master.get()))
        return systemError(QStringLiteral("No pseudo-terminal can be made"));
    // Opened and closed once: raw from the start, and with the hang-up that says that nobody is there.
    FdHandle slave(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    if (!slave.isValid() || ::tcgetattr(slave.get(), &settings) != 0)
        return systemError(QStringLiteral("The pseudo-terminal cannot be opened"));
    ::cfmakeraw(&settings);
    if (::tcsetattr(slave.get(), TCSANOW, &settings) != 0)
        return systemError(QStringLiteral("The pseudo-terminal cannot be set up"));
    slave.reset();
    if (QFileInfo(path).isSymLink())
        QFile::remove(path);
    if (!QFile::link(QString::fromLocal8Bit(name), path))
        return Error(ErrorKind::Io, QStringLiteral("The link '%1' to the pseudo-terminal cannot be made.").arg(path),
                     QStringLiteral("Is there another file of this name?"));
    return std::unique_ptr<Link>(std::make_unique<TerminalLink>(std::move(master), path));
}

} // namespace ember::uno
