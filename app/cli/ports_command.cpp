// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "core/device/discovery.h"

#include <QJsonArray>

namespace ember::cli {
namespace {

QString hex4(quint16 value)
{
    return QStringLiteral("%1").arg(value, 4, 16, QLatin1Char('0'));
}

class PortsCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("ports"); }
    QString summary() const override { return QStringLiteral("List the serial ports of this machine"); }
    QString example() const override { return QStringLiteral("emberlab ports"); }
    void declare(CLI::App&) override {}

    Result<Output> run(const Context&) override
    {
        EMBER_TRY(const std::vector<device::Board> boards, device::loadBoards());
        EMBER_TRY(const std::vector<device::PortInfo> ports, device::listPorts(boards));
        TextTable table(
            {QStringLiteral("port"), QStringLiteral("description"), QStringLiteral("usb"), QStringLiteral("board")});
        QJsonArray list;
        for (const device::PortInfo& port : ports) {
            QJsonObject entry{{QStringLiteral("name"), port.name},
                              {QStringLiteral("description"), port.description},
                              {QStringLiteral("usb_vid"), QJsonValue::Null},
                              {QStringLiteral("usb_pid"), QJsonValue::Null},
                              {QStringLiteral("usb_serial"), port.usbSerial},
                              {QStringLiteral("board_guess"), port.boardGuess}};
            QString usb;
            if (port.usb) {
                entry.insert(QStringLiteral("usb_vid"), hex4(port.usb->vendor));
                entry.insert(QStringLiteral("usb_pid"), hex4(port.usb->product));
                usb = hex4(port.usb->vendor) + QLatin1Char(':') + hex4(port.usb->product);
            }
            list.append(entry);
            table.add({port.name, port.description, usb, port.boardGuess});
        }
        Output output;
        output.result.insert(QStringLiteral("ports"), list);
        output.text = ports.empty()
                          ? QStringLiteral("No serial ports. The emulated boards need none: 'emberlab boards'.")
                          : table.toString();
        return output;
    }
};

} // namespace

std::unique_ptr<Command> makePortsCommand()
{
    return std::make_unique<PortsCommand>();
}

} // namespace ember::cli
