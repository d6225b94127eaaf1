// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/avrdude_flasher.h"

#include "core/base/process.h"
#include "core/device/agent_session.h"
#include "core/device/avrdude_output.h"
#include "core/device/emulator.h"
#include "core/device/emulator_flasher.h"
#include "core/device/flash_image.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QLockFile>
#include <QTemporaryDir>

#include <cstdio>

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

// A full Uno takes 10 s; avrdude itself gives up on a board that is silent after 60.
constexpr int kAvrdudeTimeoutMs = 180'000;
// The bootloader stays for a second after a reset, then the program starts.
constexpr int kRealBootMs = 5'000;

void tell(const FlashRequest& request, Stage stage, qint64 done, qint64 total, const QString& detail = {})
{
    if (request.onEvent)
        request.onEvent({stage, done, total, detail});
}

Status writeFile(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.flush())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()));
    return {};
}

/// The image takes the place of what the emulated board ran before, whole or not at all.
Status keepImage(const QString& image, const QString& target)
{
    QFile source(image);
    if (!source.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(image, source.errorString()));
    const QString fresh = target + QStringLiteral(".new");
    EMBER_CHECK(writeFile(fresh, source.readAll()));
    if (std::rename(QFile::encodeName(fresh).constData(), QFile::encodeName(target).constData()) != 0)
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be replaced.").arg(target));
    return {};
}

} // namespace

FlasherInfo AvrdudeFlasher::info() const
{
    FlasherInfo info;
    info.tool = QStringLiteral("avrdude");
    info.requiredProgram = QStringLiteral("avrdude");
    info.package = QStringLiteral("avrdude");
    info.needsPort = !m_board.isEmulated();
    info.canVerify = true;
    return info;
}

Result<QStringList> AvrdudeFlasher::arguments(const Board& board, const QString& port, const QString& hexFile)
{
    const QJsonObject& options = board.upload.options;
    const QString part = options.value(QStringLiteral("part")).toString();
    const QString programmer = options.value(QStringLiteral("programmer")).toString();
    const int baud = options.value(QStringLiteral("baud")).toInt();
    if (part.isEmpty() || programmer.isEmpty() || baud <= 0)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The board file of %1 does not say how avrdude reaches it.").arg(board.name),
                     QStringLiteral("'upload' needs 'part', 'programmer' and 'baud'."));
    // -D: bootloaders erase page by page. Verifying is avrdude's habit.
    return QStringList{QStringLiteral("-p"),
                       part,
                       QStringLiteral("-c"),
                       programmer,
                       QStringLiteral("-P"),
                       port,
                       QStringLiteral("-b"),
                       QString::number(baud),
                       QStringLiteral("-D"),
                       QStringLiteral("-U"),
                       QStringLiteral("flash:w:%1:i").arg(hexFile)};
}

Result<ElfImage> AvrdudeFlasher::check(const FlashRequest& request) const
{
    tell(request, Stage::Check, 0, 1, request.image);
    EMBER_TRY(ElfImage image, readElf(request.image));
    EMBER_CHECK(checkImage(image, m_board));
    if (request.port.isEmpty() && !m_board.isEmulated())
        return Error(ErrorKind::Usage, QStringLiteral("Which port is %1 at?").arg(m_board.name),
                     QStringLiteral("Name it; 'emberlab ports' lists the ports there are."));
    if (!programExists(QStringLiteral("avrdude")))
        return Error(ErrorKind::MissingTool, QStringLiteral("The program 'avrdude' was not found."),
                     QStringLiteral("Install the Debian package avrdude."));
    tell(request, Stage::Check, 1, 1, request.image);
    return image;
}

Status AvrdudeFlasher::program(const FlashRequest& request, const QString& port) const
{
    QTemporaryDir folder;
    if (!folder.isValid())
        return Error(ErrorKind::Io, QStringLiteral("No temporary folder can be made: %1.").arg(folder.errorString()));
    EMBER_TRY(const FlashImage image, flashImageOfElf(request.image));
    const QString hexFile = QStringLiteral("image.hex");
    EMBER_CHECK(writeFile(folder.filePath(hexFile), toIntelHex(image)));

    AvrdudeProgress progress(image.bytes.size(), request.onEvent);
    ProcessRequest run;
    run.program = QStringLiteral("avrdude");
    run.installHint = QStringLiteral("Install the Debian package avrdude.");
    EMBER_TRY(run.arguments, arguments(m_board, port, hexFile));
    run.workingDirectory = folder.path();
    run.timeoutMs = kAvrdudeTimeoutMs;
    run.onErrorBytes = [&progress](const QByteArray& bytes) { progress.feed(bytes); };
    tell(request, Stage::Write, 0, image.bytes.size(),
         QStringLiteral("avrdude ") + run.arguments.join(QLatin1Char(' ')));
    const auto outcome = runProcess(run, request.cancel);
    if (!outcome && outcome.error().kind == ErrorKind::Cancelled)
        return Error(ErrorKind::Cancelled, QStringLiteral("Flashing was cancelled."),
                     m_board.isEmulated() ? QStringLiteral("The board keeps its old image.")
                                          : QStringLiteral("The board may hold half an image now; flash it again."));
    if (!outcome)
        return outcome.error();
    if (outcome->exitCode != 0)
        return avrdudeError(outcome->standardError, port, m_board.name);
    return {};
}

// A firmware without our agent says nothing, which is no fault; one that says another build id is.
Result<bool> AvrdudeFlasher::flashReal(const FlashRequest& request, const QByteArray& buildId) const
{
    EMBER_CHECK(program(request, request.port));
    tell(request, Stage::Boot, 0, 1);
    const auto session = AgentSession::open(request.port, kRealBootMs, {}, request.cancel);
    tell(request, Stage::Boot, 1, 1);
    if (!session)
        return false;
    const QByteArray said = (*session)->description().buildId;
    if (said == buildId)
        return true;
    return Error(ErrorKind::Board, QStringLiteral("The board reports build %1 after flashing %2.")
                                       .arg(QString::fromLatin1(said.toHex()), QString::fromLatin1(buildId.toHex())));
}

// avrdude programs the running chip, and the same chip must then run the image.
Result<bool> AvrdudeFlasher::flashEmulated(const FlashRequest& request, const QByteArray& buildId) const
{
    EMBER_TRY(const QString target, EmulatorFlasher::flashFile(m_board));
    QLockFile lock(target + QStringLiteral(".lock"));
    if (!lock.tryLock(0))
        return Error(ErrorKind::Board, QStringLiteral("%1 is being flashed by another program.").arg(m_board.name),
                     QStringLiteral("Wait until it is done."));
    if (buildId.isEmpty())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' has no build id.").arg(request.image),
                     QStringLiteral("Link it with --build-id=sha1, so that the board can prove which image it runs."));
    EmulatorOptions options;
    EMBER_TRY(options.image, currentImage(m_board));
    options.programmer = true;
    EMBER_TRY(const auto emulator, Emulator::start(m_board, std::move(options)));
    EMBER_CHECK(program(request, emulator->programmerAddress()));
    tell(request, Stage::Boot, 0, 1);
    EMBER_TRY(const auto session, emulator->connectAgent(request.bootTimeoutMs, request.cancel));
    const QByteArray said = session->description().buildId;
    if (said != buildId)
        return Error(ErrorKind::Board,
                     QStringLiteral("The board reports build %1 after flashing %2.")
                         .arg(QString::fromLatin1(said.toHex()), QString::fromLatin1(buildId.toHex())));
    EMBER_CHECK(keepImage(request.image, target));
    tell(request, Stage::Boot, 1, 1);
    return true;
}

Result<FlashReport> AvrdudeFlasher::flash(const FlashRequest& request)
{
    QElapsedTimer clock;
    clock.start();
    EMBER_TRY(const ElfImage image, check(request));
    FlashReport report;
    report.tool = info().tool;
    report.bytes = image.loadableBytes();
    report.buildId = image.buildId;
    if (!request.dryRun) {
        const bool emulated = request.port.isEmpty();
        EMBER_TRY(report.verified,
                  emulated ? flashEmulated(request, image.buildId) : flashReal(request, image.buildId));
    }
    report.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    return report;
}

} // namespace ember::device
