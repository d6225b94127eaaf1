// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/uf2_flasher.h"

#include "core/device/flash_image.h"
#include "core/device/flash_steps.h"
#include "core/device/flash_tool.h"
#include "core/device/uf2.h"

#include <QElapsedTimer>
#include <QFile>
#include <QStorageInfo>

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

constexpr qint64 kPieceBytes = 16 * 1024;
constexpr qint64 kMostInfoBytes = 4096;
constexpr QLatin1String kFile("emberlab.uf2");

/// "Board-ID: RPI-RP2" in the drive's INFO_UF2.TXT; empty where there is none.
QString boardIdOf(const QString& drive)
{
    QFile info(drive + QStringLiteral("/INFO_UF2.TXT"));
    if (!info.open(QIODevice::ReadOnly))
        return {};
    for (const QByteArray& line : info.read(kMostInfoBytes).split('\n')) {
        if (line.startsWith("Board-ID:"))
            return QString::fromLatin1(line.mid(9).trimmed());
    }
    return {};
}

QStringList mountedDrives()
{
    QStringList drives;
    for (const QStorageInfo& volume : QStorageInfo::mountedVolumes())
        drives << volume.rootPath();
    return drives;
}

} // namespace

FlasherInfo Uf2Flasher::info() const
{
    FlasherInfo info;
    info.tool = QStringLiteral("uf2");
    return info;
}

Result<QString> Uf2Flasher::findDrive(const QString& boardId) const
{
    QStringList others;
    const QStringList drives = m_drives.isEmpty() ? mountedDrives() : m_drives;
    for (const QString& drive : drives) {
        const QString found = boardIdOf(drive);
        if (found == boardId)
            return drive;
        if (!found.isEmpty())
            others << QStringLiteral("%1 is '%2'").arg(drive, found);
    }
    if (!others.isEmpty())
        return Error(ErrorKind::Board, QStringLiteral("The drive that is there is not %1's.").arg(m_board.name),
                     QStringLiteral("Wanted is '%1', but %2.").arg(boardId, others.join(QStringLiteral(", "))));
    return Error(ErrorKind::Board, QStringLiteral("The drive of %1 is not there.").arg(m_board.name),
                 QStringLiteral("Hold BOOTSEL while you plug the board in (other boards: press reset twice), and wait "
                                "until the drive '%1' is mounted.")
                     .arg(boardId));
}

// The board restarts with the last block, and the drive may be gone before it says that it has it all.
Status Uf2Flasher::copy(const FlashRequest& request, const QByteArray& uf2, const QString& drive) const
{
    const QString path = drive + QLatin1Char('/') + kFile;
    QFile file(path);
    const auto failed = [&](const QString& why) {
        return Error(ErrorKind::Board, QStringLiteral("'%1' cannot be written: %2.").arg(path, why),
                     QStringLiteral("Plug the board in again and repeat; the drive must be mounted for you to write."));
    };
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
        return failed(file.errorString());
    for (qint64 at = 0; at < uf2.size(); at += kPieceBytes) {
        if (request.cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Flashing was cancelled."),
                         QStringLiteral("The board may hold half an image now; flash it again."));
        const QByteArray piece = uf2.mid(at, kPieceBytes);
        if (file.write(piece) != piece.size() || !file.flush())
            return failed(file.errorString());
        tell(request, Stage::Write, at + piece.size(), uf2.size());
    }
    if (::fsync(file.handle()) == 0 || errno == EIO || errno == ENODEV || errno == ENXIO)
        return {};
    return failed(QString::fromLocal8Bit(std::strerror(errno)));
}

Result<FlashReport> Uf2Flasher::flash(const FlashRequest& request)
{
    QElapsedTimer clock;
    clock.start();
    EMBER_TRY(const ElfImage elf, checkedImage(request, m_board));
    UploadOptions options(m_board);
    const QString boardId = options.word("uf2_board", true);
    EMBER_CHECK(options.status());
    EMBER_TRY(const quint32 family, uf2Family(m_board));
    EMBER_TRY(const FlashImage image, flashImageOfElf(request.image));
    const QByteArray uf2 = toUf2(image, family);

    FlashReport report;
    report.tool = QStringLiteral("uf2");
    report.bytes = elf.loadableBytes();
    report.buildId = elf.buildId;
    QString drive = QStringLiteral("<drive %1>").arg(boardId);
    if (!request.dryRun) {
        EMBER_TRY(drive, findDrive(boardId));
        EMBER_CHECK(copy(request, uf2, drive));
        if (!request.port.isEmpty()) {
            EMBER_TRY(report.verified, runsBuild(request, elf.buildId));
        }
    }
    report.commands = {{QStringLiteral("cp"), kFile, drive + QLatin1Char('/')}};
    report.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    return report;
}

} // namespace ember::device
