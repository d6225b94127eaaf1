// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/board.h"

#include <QString>

#include <optional>
#include <vector>

namespace ember::device {

struct SerialApi;

/// A serial port of this machine.
struct PortInfo
{
    QString name; ///< "/dev/ttyACM0": an address for openTransport
    QString description;
    std::optional<UsbId> usb;
    QString usbSerial;
    QString boardGuess; ///< id of the board with these USB ids; empty when none or several have them
};

/// Lists the serial ports, with a guess which board sits behind. Error Io when the system cannot be asked.
Result<std::vector<PortInfo>> listPorts(const std::vector<Board>& boards);
Result<std::vector<PortInfo>> listPorts(const std::vector<Board>& boards, const SerialApi& api);

/// The one board with this USB id; empty when none or several have it.
QString guessBoard(const std::vector<Board>& boards, UsbId id);

} // namespace ember::device
