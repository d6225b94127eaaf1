// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/discovery.h"

#include "core/device/serial_api.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ember::device {
namespace {

PortInfo describePort(const SerialApi& api, const sp_port* port, const std::vector<Board>& boards)
{
    PortInfo info;
    info.name = QString::fromLocal8Bit(api.getPortName(port));
    info.description = QString::fromLocal8Bit(api.getPortDescription(port));
    info.usbSerial = QString::fromLocal8Bit(api.getPortUsbSerial(port));
    int vendor = 0;
    int product = 0;
    if (api.getPortUsbVidPid(port, &vendor, &product) == SP_OK) {
        info.usb = UsbId{static_cast<quint16>(vendor), static_cast<quint16>(product)};
        info.boardGuess = guessBoard(boards, *info.usb);
    }
    return info;
}

} // namespace

QString guessBoard(const std::vector<Board>& boards, UsbId id)
{
    QString guess;
    for (const Board& board : boards) {
        if (std::find(board.usbIds.begin(), board.usbIds.end(), id) == board.usbIds.end())
            continue;
        if (!guess.isEmpty())
            return {};
        guess = board.id;
    }
    return guess;
}

Result<std::vector<PortInfo>> listPorts(const std::vector<Board>& boards)
{
    return listPorts(boards, systemSerialApi());
}

Result<std::vector<PortInfo>> listPorts(const std::vector<Board>& boards, const SerialApi& api)
{
    sp_port** ports = nullptr;
    errno = 0;
    if (api.listPorts(&ports) != SP_OK) {
        return Error(ErrorKind::Io,
                     QStringLiteral("The serial ports cannot be listed: %1.")
                         .arg(QString::fromLocal8Bit(std::strerror(errno != 0 ? errno : EIO))),
                     QStringLiteral("Ports can still be opened by name."));
    }
    std::vector<PortInfo> infos;
    for (sp_port** at = ports; *at; ++at)
        infos.push_back(describePort(api, *at, boards));
    api.freePortList(ports);
    std::sort(infos.begin(), infos.end(), [](const PortInfo& a, const PortInfo& b) { return a.name < b.name; });
    return infos;
}

} // namespace ember::device
