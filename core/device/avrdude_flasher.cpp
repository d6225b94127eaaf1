// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/avrdude_flasher.h"

#include "core/base/process.h"
#include "core/device/agent_session.h"
#include "core/device/avrdude_output.h"
#include "core/device/emulator.h"
#include "core/device/emulator_flasher.h"
#include "core/device/flash_image.h"
#include "core/device/flash_steps.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QLockFile>
#include <QTemporaryDir>

#include <cstdio>

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

constexpr QLatin1String kHexFile("image.hex");
// A full Uno takes 10 s; avrdude itself gives up on a board that is silent after 60.
constexpr int kAvrdudeTimeoutMs = 180'000;

/// The image takes the place of what the emulated board ran before, whole or not at all.
Status keepImage(const QString& image, const QString& target)
{
    QFile source(image);
    if (!source.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(image, source.errorString()));
    const QString fresh = target + QStringLiteral(".new");
    EMBER_CHECK(writeWholeFile(fresh, source.readAll()));
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
    EMBER_TRY(ElfImage image, checkedImage(request, m_board));
    if (!m_board.isEmulated()) {
        EMBER_CHECK(needPort(request, m_board));
    }
    if (!programExists(QStringLiteral("avrdude")))
        return Error(ErrorKind::MissingTool, QStringLiteral("The program 'avrdude' was not found."),
                     QStringLiteral("Install the Debian package avrdude."));
    return image;
}

Status AvrdudeFlasher::program(const FlashRequest& request, const QString& port) const
{
    QTemporaryDir folder;
    if (!folder.isValid())
        return Error(ErrorKind::Io, QStringLiteral("No temporary folder can be made: %1.").arg(folder.errorString()));
    EMBER_TRY(const FlashImage image, flashImageOfElf(request.image));
    EMBER_CHECK(writeWholeFile(folder.filePath(kHexFile), toIntelHex(image)));

    AvrdudeProgress progress(image.bytes.size(), request.onEvent);
    ProcessRequest run;
    run.program = QStringLiteral("avrdude");
    run.installHint = QStringLiteral("Install the Debian package avrdude.");
    EMBER_TRY(run.arguments, arguments(m_board, port, kHexFile));
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

Result<bool> AvrdudeFlasher::flashReal(const FlashRequest& request, const QByteArray& buildId) const
{
    EMBER_CHECK(program(request, request.port));
    return runsBuild(request, buildId);
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
    EMBER_TRY(const QStringList called, arguments(m_board, portOrPlaceholder(request), kHexFile));
    report.commands = {QStringList(info().tool) + called};
    if (!request.dryRun) {
        const bool emulated = request.port.isEmpty();
        EMBER_TRY(report.verified,
                  emulated ? flashEmulated(request, image.buildId) : flashReal(request, image.buildId));
        report.compared = true;
    }
    report.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    return report;
}

} // namespace ember::device
