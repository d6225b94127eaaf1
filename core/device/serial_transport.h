// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/serial_api.h"
#include "core/device/transport.h"

namespace ember::device {

/// Opens a serial port for this program alone, 8N1 without flow control. Error Board with the reason: missing, in use,
/// not permitted. `api` must outlive the transport.
Result<std::unique_ptr<Transport>> openSerial(const QString& address, const TransportOptions& options,
                                              const SerialApi& api = systemSerialApi());

} // namespace ember::device
