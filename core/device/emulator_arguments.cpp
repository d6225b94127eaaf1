// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/emulator_arguments.h"

namespace ember::device {
namespace {

/// The next serial line: a sensor's, or nobody's.
void addFeed(QStringList& arguments, const QString& id, const QString& socket)
{
    if (socket.isEmpty()) {
        arguments << QStringLiteral("-serial") << QStringLiteral("null");
        return;
    }
    arguments << QStringLiteral("-chardev") << QStringLiteral("socket,id=%1,server=off,mux=on,path=%2").arg(id, socket)
              << QStringLiteral("-serial") << QStringLiteral("chardev:") + id;
}

QStringList qemuArguments(const BoardEmulator& emulator, const EmulatorCall& call)
{
    QStringList arguments{
        QStringLiteral("-M"),       emulator.machine,          QStringLiteral("-no-user-config"),
        QStringLiteral("-display"), QStringLiteral("none"),    QStringLiteral("-monitor"),
        QStringLiteral("none"),     QStringLiteral("-kernel"), call.image,
    };
    // Names without folder: the emulator runs in the folder of its sockets, so that their path needs no quoting. The
    // multiplexers have one user each; they are there for their buffer, without which every byte to the board waits for
    // a turn of the emulator's main loop (measured: a fifth of the throughput). Their escape character is set to one
    // that no byte can be.
    arguments << QStringLiteral("-echr") << QStringLiteral("256");
    const QString link = call.linkPipe.isEmpty()
                             ? QStringLiteral("socket,id=link,server=on,wait=off,mux=on,path=") + call.linkSocket
                             : QStringLiteral("pipe,id=link,mux=on,path=") + call.linkPipe;
    arguments << QStringLiteral("-chardev") << link << QStringLiteral("-serial") << QStringLiteral("chardev:link");
    addFeed(arguments, QStringLiteral("sensor"), call.feedSocket);
    if (!call.secondFeedSocket.isEmpty())
        addFeed(arguments, QStringLiteral("second"), call.secondFeedSocket);
    if (call.icountShift)
        arguments << QStringLiteral("-icount") << QStringLiteral("shift=%1").arg(*call.icountShift);
    return arguments;
}

QStringList templateArguments(const BoardEmulator& emulator, const EmulatorCall& call)
{
    QStringList arguments = emulator.arguments;
    if (!call.feedSocket.isEmpty())
        arguments += emulator.sensorArguments;
    if (!call.secondFeedSocket.isEmpty())
        arguments += emulator.secondSensorArguments;
    if (call.icountShift)
        arguments += emulator.countingArguments;
    else if (call.speed != 1)
        arguments += emulator.speedArguments;
    if (!call.programmer.isEmpty())
        arguments += emulator.programmerArguments;
    for (QString& argument : arguments) {
        argument.replace(QLatin1String("{link}"), call.linkSocket);
        argument.replace(QLatin1String("{sensor}"), call.feedSocket);
        argument.replace(QLatin1String("{second_sensor}"), call.secondFeedSocket);
        argument.replace(QLatin1String("{speed}"), QString::number(call.speed, 'g', 9));
        argument.replace(QLatin1String("{port}"), call.programmer);
        argument.replace(QLatin1String("{bootloader}"), call.bootloader);
        argument.replace(QLatin1String("{image}"), call.image); // last: it may hold anything
    }
    return arguments;
}

} // namespace

QStringList emulatorArguments(const BoardEmulator& emulator, const EmulatorCall& call)
{
    return emulator.arguments.isEmpty() ? qemuArguments(emulator, call) : templateArguments(emulator, call);
}

} // namespace ember::device
