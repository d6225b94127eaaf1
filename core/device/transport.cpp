// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/transport.h"

#include "core/device/replay_transport.h"
#include "core/device/serial_transport.h"
#include "core/device/socket_transport.h"
#include "core/device/steady_clock.h"
#include "core/device/udp_transport.h"

namespace ember::device {

qint64 Transport::arrivalNanos() const
{
    return steadyNanos();
}

Result<std::unique_ptr<Transport>> openTransport(const QString& address, const TransportOptions& options)
{
    const auto after = [&address](QLatin1String scheme) { return address.mid(scheme.size()); };
    const QLatin1String tcp("tcp://");
    const QLatin1String local("unix://");
    const QLatin1String replay("replay://");
    const QLatin1String udp("udp:");
    if (address.startsWith(tcp))
        return openTcp(address, after(tcp), options.connectTimeoutMs);
    if (address.startsWith(local))
        return openUnix(address, after(local), options.connectTimeoutMs);
    if (address.startsWith(replay))
        return openReplay(address, after(replay));
    if (address.startsWith(udp))
        return openUdp(address, after(udp));
    if (address.startsWith(QLatin1String("/dev/pts/")))
        return openPseudoTerminal(address);
    if (address.startsWith(QLatin1String("/dev/")))
        return openSerial(address, options);
    return Error(
        ErrorKind::Usage, QStringLiteral("'%1' is not the address of a board.").arg(address),
        QStringLiteral("Use a serial port (/dev/ttyACM0), tcp://host:port, udp:port, unix:///path or replay:///path."));
}

} // namespace ember::device
