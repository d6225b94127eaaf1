// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <QtGlobal>

#include <optional>
#include <utility>
#include <vector>

namespace ember::device {

/// How code for a board is compiled.
struct BoardToolchain
{
    QString family;  ///< prefix of the tools: "arm-none-eabi" stands for arm-none-eabi-g++ and so on
    QString package; ///< Debian packages that bring it, separated by spaces
    QStringList flags;
    QStringList speedFlags = {QStringLiteral("-O2")}; ///< added for code that is not made for size
};

/// What the agent's build needs to know of a board; paths are relative to device-agent/.
struct BoardFirmware
{
    QString port; ///< folder under device-agent/boards
    QString linkerScript;
    QStringList sources; ///< of the port; empty: the port's own list
    std::vector<std::pair<QString, QString>> defines;
    QJsonObject json; ///< the whole section as in the file, for keys that only the build reads
};

struct BoardUpload
{
    QString method; ///< "emulator", "openocd", "avrdude", ...
    QJsonObject options;
};

/// The emulator that stands in for a board.
struct BoardEmulator
{
    /// How the link leaves the emulator.
    enum class Link
    {
        Socket, ///< its UART waits until the line takes a byte
        Pipe,   ///< its UART loses what the line does not take at once, or rows are injected: see LinkRelay
    };
    /// How a recording becomes the board's sensor.
    enum class Sensor
    {
        Uart,   ///< through its second UART
        Inject, ///< it has one UART only: rows come over the link
    };

    QString program; ///< "qemu-system-arm"
    QString package;
    QString machine;
    QString counts; ///< what its timer counts: "instructions" or "cycles"
    Link link = Link::Socket;
    Sensor sensor = Sensor::Uart;
    bool secondSensor = false; ///< a second recording can be played to it, as a stream of its own
    /// How a program other than QEMU is started: words in braces stand for values, see emulatorArguments(). Empty: in
    /// QEMU's way.
    QStringList arguments;
    QStringList sensorArguments;       ///< added when there is a feed: "{sensor}"
    QStringList secondSensorArguments; ///< added when there is a second one: "{second_sensor}"
    QStringList speedArguments;        ///< added when the feed is not played in real time: "{speed}"
    QStringList countingArguments;     ///< added where costs are counted instead of keeping to real time
    QStringList programmerArguments;   ///< added when the board is flashed by its own tool: "{port}", "{bootloader}"
    QString bootloader;                ///< for that; a file among the program's resources

    bool countsCycles() const { return counts == QLatin1String("cycles"); }
};

struct UsbId
{
    quint16 vendor = 0;
    quint16 product = 0;

    friend bool operator==(const UsbId&, const UsbId&) = default;
};

/// A board as its file in resources/boards describes it. A value.
struct Board
{
    QString id;
    QString name;
    QString cpu;
    qint64 clockHz = 0;
    qint64 flashBytes = 0;
    qint64 ramBytes = 0;
    std::optional<quint32> flashOrigin; ///< where programs go in flash, behind a bootloader; absent: not checked
    bool fpu = false;
    bool dsp = false;
    BoardToolchain toolchain;
    BoardFirmware firmware;
    BoardUpload upload;
    std::optional<BoardEmulator> emulator;
    std::vector<UsbId> usbIds;
    // Of the processor, not of all that is on the board; absent where no data sheet says it and nobody has measured it.
    std::optional<double> activeMilliamps; ///< while computing at clockHz
    std::optional<double> sleepMicroamps;  ///< in the sleep from which a timer wakes it and its memory is kept
    std::optional<double> supplyVolts;
    QString currentSource; ///< where these are from, for people
    QString file;          ///< where it was read from

    bool isEmulated() const { return emulator.has_value(); }
};

/// The boards that are known, and the files that could not be read as one.
struct BoardRegistry
{
    std::vector<Board> boards; ///< ordered by id; the user's file wins over the installation's with the same id
    std::vector<Error> problems;
};

/// Reads one board file. Errors: Io, BadData with the key at fault.
Result<Board> readBoardFile(const QString& path);

/// Reads the boards of the installation and the user's own (stateDirectory("boards.d")/*.json). Files that cannot be
/// read are problems, not errors. Error NotFound when the installation has no boards at all. Blocks on files; any
/// thread.
Result<BoardRegistry> loadBoardRegistry();

/// The boards alone; problems go to the log.
Result<std::vector<Board>> loadBoards();

/// Error NotFound names the boards there are.
Result<Board> findBoard(const QString& id);

/// The Debian package to install before this board can run here (its emulator's); empty when nothing is missing.
/// The cross-compiler is the business of whoever compiles.
QString missingTool(const Board& board);

} // namespace ember::device
