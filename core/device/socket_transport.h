// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/transport.h"

namespace ember::device {

/// Connects to "host:port"; a host in brackets is an IPv6 address. Error Board.
Result<std::unique_ptr<Transport>> openTcp(const QString& address, const QString& hostAndPort, int timeoutMs);

/// Connects to the UNIX socket at `path`. A socket that is not there yet, or not listening yet, is tried again until
/// the time is over. Errors: Usage for a path that is too long for a socket, Board.
Result<std::unique_ptr<Transport>> openUnix(const QString& address, const QString& path, int timeoutMs);

/// Opens a pseudo-terminal in raw mode, without modem lines and speeds. Error Board.
Result<std::unique_ptr<Transport>> openPseudoTerminal(const QString& address);

/// Takes over a connected, non-blocking socket.
std::unique_ptr<Transport> adoptSocket(int fd, const QString& address);

} // namespace ember::device
