// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/discovery.h"

#include "core/device/serial_api.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

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
        info.boardCandidates = boardsWithUsbId(boards, *info.usb);
        info.boardGuess = guessBoard(boards, *info.usb);
    }
    return info;
}

} // namespace

QStringList boardsWithUsbId(const std::vector<Board>& boards, UsbId id)
{
    QStringList found;
    for (const Board& board : boards) {
        if (std::find(board.usbIds.begin(), board.usbIds.end(), id) != board.usbIds.end())
            found << board.id;
    }
    found.sort();
    return found;
}

QString guessBoard(const std::vector<Board>& boards, UsbId id)
{
    const QStringList found = boardsWithUsbId(boards, id);
    return found.size() == 1 ? found.front() : QString();
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

Result<PortChanges> PortWatcher::look()
{
    EMBER_TRY(std::vector<PortInfo> now, m_list());
    const auto missingIn = [](const std::vector<PortInfo>& ports, const std::vector<PortInfo>& from) {
        std::vector<PortInfo> missing;
        std::copy_if(from.begin(), from.end(), std::back_inserter(missing), [&ports](const PortInfo& port) {
            return std::find(ports.begin(), ports.end(), port) == ports.end();
        });
        return missing;
    };
    PortChanges changes{missingIn(m_ports, now), missingIn(now, m_ports)};
    m_ports = std::move(now);
    return changes;
}

} // namespace ember::device
