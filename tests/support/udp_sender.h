// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/fd_handle.h"

#include <QByteArray>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ember::test {

/// Sends datagrams from an address of this computer to its ports.
struct UdpSender
{
    explicit UdpSender(const char* from = "127.0.0.1")
    {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        ::inet_pton(AF_INET, from, &at.sin_addr);
        bound = ::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    }
    bool send(quint16 port, const QByteArray& bytes)
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(port);
        return ::sendto(socket.get(), bytes.constData(), static_cast<size_t>(bytes.size()), 0,
                        reinterpret_cast<sockaddr*>(&to), sizeof to) == bytes.size();
    }

    device::FdHandle socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    bool bound = false;
};

/// A port for datagrams that nobody has now.
inline quint16 freeUdpPort()
{
    const UdpSender probe;
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(probe.socket.get(), reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
}

} // namespace ember::test
