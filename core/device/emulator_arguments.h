// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/board.h"

#include <QStringList>

#include <optional>

namespace ember::device {

/// What an emulator is started with. Names of sockets have no folder: it runs in theirs.
struct EmulatorCall
{
    QString image;                  ///< absolute
    QString linkSocket;             ///< it listens there
    QString linkPipe;               ///< QEMU: or its link is this pair of named pipes; empty: the socket
    QString feedSocket;             ///< it connects there; empty: no sensor
    QString secondFeedSocket;       ///< the same for its second sensor
    QString programmer;             ///< name for a serial port that flashing tools open; empty: none
    QString bootloader;             ///< absolute; with a programmer only
    double speed = 1;               ///< of the board's time
    std::optional<int> icountShift; ///< counting instead of real time; see EmulatorOptions
};

/// QEMU's arguments, or those that the board file has for another program, with {image}, {link}, {sensor},
/// {second_sensor}, {speed}, {port} and {bootloader} replaced.
QStringList emulatorArguments(const BoardEmulator& emulator, const EmulatorCall& call);

} // namespace ember::device
