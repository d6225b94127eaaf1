// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/board.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <utility>
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
    QString boardGuess;          ///< id of the board with these USB ids; empty when none or several have them
    QStringList boardCandidates; ///< ids of all boards with these USB ids: boards share a debug probe, or an adapter

    friend bool operator==(const PortInfo&, const PortInfo&) = default;
};

/// Lists the serial ports, with a guess which board sits behind. Error Io when the system cannot be asked.
Result<std::vector<PortInfo>> listPorts(const std::vector<Board>& boards);
Result<std::vector<PortInfo>> listPorts(const std::vector<Board>& boards, const SerialApi& api);

/// The one board with this USB id; empty when none or several have it.
QString guessBoard(const std::vector<Board>& boards, UsbId id);

/// The boards with this USB id, by id.
QStringList boardsWithUsbId(const std::vector<Board>& boards, UsbId id);

/// What has happened to the ports between two looks. A port that is another device under the same name has both
/// vanished and appeared.
struct PortChanges
{
    std::vector<PortInfo> appeared;
    std::vector<PortInfo> vanished;

    bool isEmpty() const { return appeared.empty() && vanished.empty(); }
};

/// Looks at the ports again and again: a board that is plugged in or out is noticed at the next look. A look takes
/// about a millisecond. One thread.
class PortWatcher
{
public:
    using Lister = std::function<Result<std::vector<PortInfo>>()>;

    explicit PortWatcher(Lister list)
        : m_list(std::move(list))
    {}

    /// What has changed since the last look; at the first, every port that is there has appeared. Error Io when the
    /// system cannot be asked: what was known stays.
    Result<PortChanges> look();
    const std::vector<PortInfo>& ports() const { return m_ports; }

private:
    Lister m_list;
    std::vector<PortInfo> m_ports;
};

} // namespace ember::device
