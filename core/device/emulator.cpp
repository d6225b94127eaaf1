// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/emulator.h"

#include "core/base/resources.h"
#include "core/device/child_process.h"
#include "core/device/elf_image.h"
#include "core/device/emulator_arguments.h"
#include "core/device/link_relay.h"
#include "core/device/polled_transport.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>

#include <algorithm>
#include <poll.h>
#include <sys/un.h>

namespace ember::device {
namespace {

constexpr int kPollMs = 10;
constexpr int kAgentSliceMs = 1000;

QString linkSocket()
{
    return QStringLiteral("link.sock");
}

QString linkPipe()
{
    return QStringLiteral("link");
}

QString sensorSocket()
{
    return QStringLiteral("sensor.sock");
}

QString secondSensorSocket()
{
    return QStringLiteral("sensor2.sock");
}

/// A folder that only this user can look into, with a path short enough for sockets: TMPDIR may be anywhere.
Result<std::unique_ptr<QTemporaryDir>> makeSocketFolder()
{
    const qsizetype longest = static_cast<qsizetype>(sizeof(sockaddr_un::sun_path)) - 1;
    for (const QString& base : {QDir::tempPath(), QStringLiteral("/tmp")}) {
        auto folder = std::make_unique<QTemporaryDir>(base + QStringLiteral("/emberlab-XXXXXX"));
        const QString path = folder->filePath(secondSensorSocket());
        if (folder->isValid() && path.toLocal8Bit().size() <= longest)
            return folder;
    }
    return Error(
        ErrorKind::Io,
        QStringLiteral("No folder for the emulator's sockets can be made in '%1' or /tmp.").arg(QDir::tempPath()),
        QStringLiteral("Set TMPDIR to a folder with a short path that you can write to."));
}

bool usesRelay(const BoardEmulator& emulator)
{
    return emulator.link == BoardEmulator::Link::Pipe;
}

QString programmerPort()
{
    return QStringLiteral("serial-port");
}

Result<EmulatorCall> callFor(const BoardEmulator& emulator, const EmulatorOptions& options)
{
    EmulatorCall call;
    call.image = QFileInfo(options.image).absoluteFilePath();
    call.linkSocket = linkSocket();
    if (usesRelay(emulator))
        call.linkPipe = linkPipe();
    call.icountShift = options.icountShift;
    if (options.feed) {
        if (emulator.sensor == BoardEmulator::Sensor::Uart)
            call.feedSocket = sensorSocket();
        call.speed = options.feed->options().speed;
    }
    if (options.secondFeed)
        call.secondFeedSocket = secondSensorSocket();
    if (options.programmer) {
        call.programmer = programmerPort();
        const auto bootloader = resourcePath(emulator.bootloader);
        if (!bootloader)
            return Error(ErrorKind::MissingTool, QStringLiteral("The board's bootloader has not been built."),
                         QStringLiteral("Install the Debian packages gcc-avr avr-libc arduino-core-avr and build the "
                                        "program again."));
        call.bootloader = *bootloader;
    }
    return call;
}

Status checkOptions(const Board& board, const EmulatorOptions& options)
{
    if (!board.emulator)
        return Error(ErrorKind::Unsupported, QStringLiteral("%1 has no emulator.").arg(board.name),
                     QStringLiteral("'emberlab boards' shows which boards have one."));
    if (options.icountShift && (*options.icountShift < 0 || *options.icountShift > 10))
        return Error(ErrorKind::Usage,
                     QStringLiteral("The emulator counts with a shift of 0 to 10, not %1.").arg(*options.icountShift));
    if (options.secondFeed && !board.emulator->secondSensor)
        return Error(ErrorKind::Unsupported, QStringLiteral("%1 has one sensor only.").arg(board.name),
                     QStringLiteral("Play it one recording."));
    if (options.programmer && board.emulator->programmerArguments.isEmpty())
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The emulator of %1 has no port to flash it by.").arg(board.name));
    // The emulator itself runs whatever it is given, or dies with a line nobody understands.
    EMBER_TRY(const ElfImage image, readElf(options.image));
    return checkImage(image, board);
}

} // namespace

struct Emulator::Parts
{
    std::unique_ptr<QTemporaryDir> folder;
    std::unique_ptr<SensorFeed> feed;
    std::unique_ptr<SensorFeed> secondFeed;
    std::unique_ptr<LinkRelay> relay;      // null where the emulator serves the link itself
    std::unique_ptr<ChildProcess> process; // last, so that it ends before what it talks to
    QString name;
};

Result<std::unique_ptr<Emulator>> Emulator::start(const Board& board, EmulatorOptions options)
{
    EMBER_CHECK(checkOptions(board, options));
    auto parts = std::make_unique<Parts>();
    parts->name = board.name;
    EMBER_TRY(parts->folder, makeSocketFolder());
    const bool injects = board.emulator->sensor == BoardEmulator::Sensor::Inject;
    if (options.feed && !injects)
        EMBER_CHECK(options.feed->listen(parts->folder->filePath(sensorSocket())));
    if (options.secondFeed)
        EMBER_CHECK(options.secondFeed->listen(parts->folder->filePath(secondSensorSocket())));
    EMBER_TRY(const EmulatorCall call, callFor(*board.emulator, options));
    const QStringList arguments = emulatorArguments(*board.emulator, call);
    parts->feed = std::move(options.feed);
    parts->secondFeed = std::move(options.secondFeed);
    if (usesRelay(*board.emulator)) {
        EMBER_TRY(parts->relay,
                  LinkRelay::start(parts->folder->filePath(linkPipe()), parts->folder->filePath(linkSocket()),
                                   injects ? parts->feed.get() : nullptr));
    }
    EMBER_TRY(parts->process,
              ChildProcess::start(board.emulator->program, arguments, parts->folder->path(), board.emulator->package));

    const Deadline deadline(options.startTimeoutMs);
    std::unique_ptr<Emulator> emulator(new Emulator(std::move(parts)));
    const QString socket = emulator->m_parts->folder->filePath(linkSocket());
    const LinkRelay* const relay = emulator->m_parts->relay.get();
    while (relay ? !relay->isBoardUp() : !QFileInfo::exists(socket)) {
        if (!emulator->isRunning())
            return emulator->whyItEnded();
        if (deadline.hasPassed())
            return Error(ErrorKind::Board,
                         QStringLiteral("The emulator of %1 was not up within %2 s.")
                             .arg(board.name)
                             .arg(options.startTimeoutMs / 1000),
                         emulator->messages());
        ::poll(nullptr, 0, kPollMs);
    }
    return emulator;
}

Emulator::Emulator(std::unique_ptr<Parts> parts)
    : m_parts(std::move(parts))
{}

Emulator::~Emulator() = default;

Error Emulator::whyItEnded() const
{
    const QString said = messages();
    return Error(ErrorKind::Board, QStringLiteral("The emulator of %1 ended by itself.").arg(m_parts->name),
                 said.isEmpty() ? QStringLiteral("It said nothing.") : QStringLiteral("It said: %1").arg(said));
}

Result<std::unique_ptr<AgentSession>> Emulator::connectAgent(int timeoutMs, const CancelToken& cancel) const
{
    const Deadline deadline(timeoutMs);
    for (;;) {
        const int slice = std::min(deadline.remainingMs(), kAgentSliceMs);
        auto session = AgentSession::open(linkAddress(), slice, {}, cancel);
        if (session || !session.error().mayMend())
            return session;
        if (!isRunning())
            return whyItEnded();
        if (deadline.hasPassed())
            return session.error();
    }
}

QString Emulator::linkAddress() const
{
    return QStringLiteral("unix://") + m_parts->folder->filePath(linkSocket());
}

QString Emulator::programmerAddress() const
{
    return m_parts->folder->filePath(programmerPort());
}

bool Emulator::isRunning() const
{
    return m_parts->process->isRunning();
}

QString Emulator::messages() const
{
    return m_parts->process->output();
}

qint64 Emulator::processId() const
{
    return m_parts->process->processId();
}

SensorFeed* Emulator::feed() const
{
    return m_parts->feed.get();
}

} // namespace ember::device
