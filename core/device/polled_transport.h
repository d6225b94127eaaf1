// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/transport.h"

#include <sys/types.h>

namespace ember::device {

/// What all links over a file descriptor share: waiting with poll(2), and telling silence from a link that is gone. The
/// few calls that differ are virtual.
class PolledTransport : public Transport
{
public:
    Result<QByteArray> read(int timeoutMs, qsizetype maxBytes) override;
    Status write(const QByteArray& bytes, int timeoutMs) override;
    QString address() const override { return m_address; }

protected:
    explicit PolledTransport(QString address)
        : m_address(std::move(address))
    {}

    /// Of the open link; negative when closed.
    virtual int fd() const = 0;
    /// As read(2) and write(2) on a descriptor that does not block: bytes moved, 0 or -1 with errno.
    virtual ssize_t readSome(char* to, size_t most) = 0;
    virtual ssize_t writeSome(const char* from, size_t count) = 0;

private:
    Error gone(const QString& why) const;

    QString m_address;
};

/// Milliseconds until a deadline, never negative; for poll(2) loops that wait in pieces.
class Deadline
{
public:
    explicit Deadline(int timeoutMs);
    int remainingMs() const;
    bool hasPassed() const { return remainingMs() == 0; }

private:
    qint64 m_endNanos;
};

} // namespace ember::device
