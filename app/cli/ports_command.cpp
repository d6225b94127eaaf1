// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/device/discovery.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QThread>

#include <CLI/CLI.hpp>

namespace ember::cli {
namespace {

QString hex4(quint16 value)
{
    return QStringLiteral("%1").arg(value, 4, 16, QLatin1Char('0'));
}

QString usbText(const device::PortInfo& port)
{
    return port.usb ? hex4(port.usb->vendor) + QLatin1Char(':') + hex4(port.usb->product) : QString();
}

/// The guess, or "a or b" where boards share their USB ids.
QString boardText(const device::PortInfo& port)
{
    return port.boardCandidates.join(QStringLiteral(" or "));
}

QJsonObject jsonOf(const device::PortInfo& port)
{
    return {{QStringLiteral("name"), port.name},
            {QStringLiteral("description"), port.description},
            {QStringLiteral("usb_vid"), port.usb ? QJsonValue(hex4(port.usb->vendor)) : QJsonValue::Null},
            {QStringLiteral("usb_pid"), port.usb ? QJsonValue(hex4(port.usb->product)) : QJsonValue::Null},
            {QStringLiteral("usb_serial"), port.usbSerial},
            {QStringLiteral("board_guess"), port.boardGuess},
            {QStringLiteral("board_candidates"), QJsonArray::fromStringList(port.boardCandidates)}};
}

class PortsCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("ports"); }
    QString summary() const override { return QStringLiteral("List the serial ports of this machine"); }
    QString example() const override
    {
        return QStringLiteral("emberlab ports\n"
                              "  emberlab ports --watch 30s");
    }
    void declare(CLI::App& app) override
    {
        app.add_option("--watch", m_watch, "Look for so long, and say which ports appear and vanish; Ctrl+C ends it");
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(const std::vector<device::Board> boards, device::loadBoards());
        device::PortWatcher watcher([&boards] { return device::listPorts(boards); });
        if (const auto first = watcher.look(); !first)
            return first.error();
        QJsonArray events;
        if (!m_watch.empty()) {
            EMBER_TRY(const double seconds, parseSeconds(qs(m_watch)));
            EMBER_TRY(events, watch(watcher, seconds, context));
        }
        TextTable table(
            {QStringLiteral("port"), QStringLiteral("description"), QStringLiteral("usb"), QStringLiteral("board")});
        QJsonArray list;
        for (const device::PortInfo& port : watcher.ports()) {
            list.append(jsonOf(port));
            table.add({port.name, port.description, usbText(port), boardText(port)});
        }
        Output output;
        output.result.insert(QStringLiteral("ports"), list);
        if (!m_watch.empty())
            output.result.insert(QStringLiteral("events"), events);
        output.text = watcher.ports().empty()
                          ? QStringLiteral("No serial ports. The emulated boards need none: 'emberlab boards'.")
                          : table.toString();
        return output;
    }

private:
    static constexpr int kLookEveryMs = 200;

    static Result<QJsonArray> watch(device::PortWatcher& watcher, double seconds, const Context& context)
    {
        QJsonArray events;
        QElapsedTimer clock;
        clock.start();
        const auto note = [&](const char* what, const device::PortInfo& port) {
            QJsonObject event = jsonOf(port);
            event.insert(QStringLiteral("event"), QLatin1String(what));
            event.insert(QStringLiteral("seconds"), static_cast<double>(clock.elapsed()) / 1000);
            events.append(event);
            report(context.progress, QStringLiteral("%1 %2 %3").arg(QLatin1String(what), port.name, boardText(port)));
        };
        report(context.progress, QStringLiteral("Watching the ports"));
        while (!context.cancel.isCancelled() && static_cast<double>(clock.elapsed()) < seconds * 1000) {
            QThread::msleep(kLookEveryMs);
            EMBER_TRY(const device::PortChanges changes, watcher.look());
            for (const device::PortInfo& port : changes.vanished)
                note("vanished", port);
            for (const device::PortInfo& port : changes.appeared)
                note("appeared", port);
        }
        return events;
    }

    std::string m_watch;
};

} // namespace

std::unique_ptr<Command> makePortsCommand()
{
    return std::make_unique<PortsCommand>();
}

} // namespace ember::cli
