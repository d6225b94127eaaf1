// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/fd_handle.h"

#include <QByteArray>
#include <QString>

#include <memory>
#include <vector>

struct pollfd;

namespace ember::uno {

/// A way into the board's serial port from other programs. One program at a time uses it.
class Link
{
public:
    virtual ~Link() = default;
    /// Adds what to wait for.
    virtual void addTo(std::vector<pollfd>& fds) const = 0;
    /// Notices comings and goings; true when a program has just opened a serial port, which pulls its modem line and
    /// with it the board's reset pin. A socket has no such line.
    virtual bool notice() = 0;
    /// At most this many bytes that have come in; never waits.
    virtual QByteArray read(qsizetype most) = 0;
    /// Bytes for the program on the other side. What nobody reads is lost, as on a wire.
    virtual void write(const QByteArray& bytes) = 0;
};

/// A UNIX socket at this path. Error Io.
Result<std::unique_ptr<Link>> listenOnSocket(const QString& path);

/// A pseudo-terminal, with a symbolic link to it at this path, as a serial port has a name. Error Io.
Result<std::unique_ptr<Link>> openTerminal(const QString& path);

} // namespace ember::uno
