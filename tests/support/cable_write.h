// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <atomic>
#include <poll.h>
#include <unistd.h>

namespace ember::test {

/// Writes all bytes to the end of a cable, which must not block; waits while it is full. False when the other end is gone.
inline bool writeToCable(int fd, const QByteArray& bytes, const std::atomic_bool& stop)
{
    for (qsizetype at = 0; at < bytes.size() && !stop;) {
        const ssize_t count = ::write(fd, bytes.constData() + at, static_cast<size_t>(bytes.size() - at));
        if (count > 0) {
            at += count;
            continue;
        }
        pollfd entry{fd, POLLOUT, 0};
        if (::poll(&entry, 1, 20) > 0 && !(entry.revents & POLLOUT))
            return false;
    }
    return true;
}

} // namespace ember::test
