// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/transport.h"

namespace ember::device {

/// Listens for datagrams on "PORT" or "HOST:PORT" (an address of this computer), as Teleplot does on 47269. The first
/// sender is the board; what others send is passed over. Nobody is answered.
///
/// In datagrams Teleplot marks what the board says to people with '>', on serial ports its values. Here everything
/// comes as on a serial port: lines with a ':' get the mark, lines that have it lose it, others stay as they are.
/// Memory is bounded by one datagram. Errors: Usage for an address it cannot read, Board when the port is taken.
Result<std::unique_ptr<Transport>> openUdp(const QString& address, const QString& hostAndPort);

} // namespace ember::device
