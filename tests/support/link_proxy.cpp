// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/link_proxy.h"

#include <QByteArray>
#include <QFile>

#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace ember::test {
namespace {

constexpr int kSliceMs = 5;

int openListener(const QString& path)
{
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strncpy(at.sun_path, QFile::encodeName(path).constData(), sizeof at.sun_path - 1);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && ::listen(fd, 1) == 0)
        return fd;
    ::close(fd);
    return -1;
}

} // namespace

void LinkProxy::setFaults(const LinkFaults& faults, quint32 seed)
{
    const std::lock_guard lock(m_faultMutex);
    m_faults = faults;
    m_random.seed(seed);
}

QByteArray LinkProxy::damaged(const char* bytes, qsizetype count, Direction& way)
{
    const std::lock_guard lock(m_faultMutex);
    if (m_faults == LinkFaults())
        return QByteArray(bytes, count);
    QByteArray out;
    for (qsizetype i = 0; i < count; ++i) {
        double luck = m_random.generateDouble();
        const auto happens = [&luck](double share) {
            luck -= share;
            return luck < 0 && luck >= -share;
        };
        char byte = bytes[i];
        const bool frameEnds = byte == 0; // whatever becomes of it
        if (way.burstLeft > 0) {
            --way.burstLeft;
            ++m_faultCount;
            byte = static_cast<char>(m_random.bounded(256));
        } else if (happens(m_faults.flip)) {
            byte = static_cast<char>(byte ^ (1 << m_random.bounded(8)));
            ++m_faultCount;
        } else if (happens(m_faults.drop)) {
            ++m_faultCount;
            continue;
        } else if (happens(m_faults.duplicate)) {
            out += byte;
            way.frame += byte;
            ++m_faultCount;
        } else if (happens(m_faults.burst)) {
            way.burstLeft = 7 + static_cast<int>(m_random.bounded(57));
            ++m_faultCount;
            byte = static_cast<char>(m_random.bounded(256));
        }
        out += byte;
        way.frame += byte;
        if (!frameEnds)
            continue;
        if (m_faults.repeat > 0 && m_random.generateDouble() < m_faults.repeat) {
            out += way.frame;
            ++m_faultCount;
        }
        way.frame.clear();
    }
    return out;
}

/// Moves what is there; false when `from` has ended.
bool LinkProxy::pass(int from, int to)
{
    char buffer[8192];
    const ssize_t received = ::recv(from, buffer, sizeof buffer, MSG_DONTWAIT);
    if (received == 0)
        return false;
    if (received < 0 || to < 0)
        return true;
    const QByteArray bytes = damaged(buffer, received, from == m_board ? m_fromBoard : m_toBoard);
    for (qsizetype done = 0; done < bytes.size();) {
        const ssize_t sent =
            ::send(to, bytes.constData() + done, static_cast<size_t>(bytes.size() - done), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            done += sent;
            continue;
        }
        if (sent < 0 && errno != EAGAIN)
            break; // the other side reports it
        pollfd entry{to, POLLOUT, 0};
        ::poll(&entry, 1, kSliceMs);
    }
    return true;
}

LinkProxy::LinkProxy(int boardFd)
    : m_board(boardFd)
    , m_listener(openListener(m_folder.filePath(QStringLiteral("link"))))
    , m_thread([this] { run(); })
{}

LinkProxy::~LinkProxy()
{
    m_stop = true;
    m_thread.join();
    ::close(m_listener);
}

QString LinkProxy::address() const
{
    return QStringLiteral("unix://") + m_folder.filePath(QStringLiteral("link"));
}

void LinkProxy::run()
{
    int client = -1;
    const auto drop = [&] {
        if (client >= 0)
            ::close(client);
        client = -1;
        m_connected = false;
    };
    while (!m_stop) {
        // One program at a time; the next one waits until the first has hung up.
        const short listens = client < 0 ? POLLIN : 0;
        pollfd entries[3] = {{m_listener, listens, 0}, {m_board, POLLIN, 0}, {client, POLLIN, 0}};
        if (::poll(entries, 3, kSliceMs) < 0)
            break;
        if (!m_plugged)
            drop();
        if (entries[0].revents & POLLIN) {
            const int next = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (m_plugged) {
                client = next;
                m_connected = true;
            } else {
                ::close(next);
            }
        }
        if (entries[1].revents & POLLIN)
            pass(m_board, m_muted ? -1 : client);
        if (client >= 0 && (entries[2].revents & (POLLIN | POLLHUP)) && !pass(client, m_board))
            drop();
    }
    drop();
}

} // namespace ember::test
