// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/fd_handle.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QThread>

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>

namespace ember::test {

/// A connection to an emulator's link ("unix://..."): a descriptor that does not block, for a LinkProxy.
inline Result<device::FdHandle> connectToBoard(const QString& address, int patienceMs)
{
    device::FdHandle fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strncpy(at.sun_path, QFile::encodeName(address.mid(7)).constData(), sizeof at.sun_path - 1);
    // An emulator that has just been started does not listen yet; one that has not yet taken leave of the one before
    // has no room in its queue.
    const QDeadlineTimer patience(patienceMs);
    while (::connect(fd.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
        const bool early = errno == EAGAIN || errno == ENOENT || errno == ECONNREFUSED;
        if (!early || patience.hasExpired())
            return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be opened: %2.")
                                            .arg(address, QString::fromLocal8Bit(std::strerror(errno))));
        QThread::msleep(20);
    }
    return fd;
}

} // namespace ember::test
