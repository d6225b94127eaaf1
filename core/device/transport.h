// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <memory>

namespace ember::device {

/// A pair of byte streams to a board: serial port, socket, or a log that is played again. Plain blocking calls with
/// time-outs, no event loop; used by one thread at a time and owned by whoever talks to the board. After an error the
/// link is dead: close it and open the address again.
class Transport
{
public:
    virtual ~Transport() = default;

    /// What has arrived, at most `maxBytes`; waits up to `timeoutMs` for the first byte. Empty: nothing came.
    /// Error Board: the port vanished or the other end hung up.
    virtual Result<QByteArray> read(int timeoutMs, qsizetype maxBytes = 64 * 1024) = 0;

    /// Writes everything or fails. Errors: Board when the link is gone or takes nothing for `timeoutMs`.
    virtual Status write(const QByteArray& bytes, int timeoutMs = 5000) = 0;

    virtual void close() = 0;
    virtual bool isOpen() const = 0;

    /// As given to openTransport; names the link in messages.
    virtual QString address() const = 0;

    /// Steady host clock at the arrival of what the last read() gave: just now, or when it was logged.
    virtual qint64 arrivalNanos() const;

    /// False where nobody answers: requests make no sense on a log.
    virtual bool isInteractive() const { return true; }

    /// False where bytes come when they are read and not when they were sent: a log has no clock that goes on.
    virtual bool isLive() const { return isInteractive(); }

    /// True when a log has been read to its end; links never end, they break.
    virtual bool atEnd() const { return false; }
};

struct TransportOptions
{
    int baud = 115200; ///< serial ports only
    bool dtr = true;   ///< state of the line after opening; many boards reset on its edge
    bool rts = true;
    int connectTimeoutMs = 3000; ///< sockets only
};

/// Opens a link by its address: "/dev/ttyACM0" (serial port), "/dev/pts/3" (pseudo-terminal), "tcp://host:port",
/// "udp:port" (listens, see udp_transport.h), "unix:///path", "replay:///path" (a raw log of a capture, or plain bytes
/// from elsewhere). Errors: Usage for an address it cannot read, Board when the port is missing, in use or not
/// permitted, with what to do about it.
Result<std::unique_ptr<Transport>> openTransport(const QString& address, const TransportOptions& options = {});

} // namespace ember::device
