// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/emulator_flasher.h"

#include "core/base/resources.h"
#include "core/device/emulator.h"

#include <QElapsedTimer>
#include <QFile>
#include <QLockFile>

#include <cstdio>
#include <unistd.h>

namespace ember::device {
namespace {

// As large as a page of a real board's flash is slow: small enough for progress and cancel.
constexpr qint64 kPageBytes = 64 * 1024;

using Stage = FlashEvent::Stage;

void tell(const FlashRequest& request, Stage stage, qint64 done, qint64 total, const QString& detail = {})
{
    if (request.onEvent)
        request.onEvent({stage, done, total, detail});
}

Error cancelled()
{
    return Error(ErrorKind::Cancelled, QStringLiteral("Flashing was cancelled; the board keeps its old image."));
}

Error ioError(const QFile& file)
{
    return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(file.fileName(), file.errorString()),
                 QStringLiteral("Check the free space, or set EMBERLAB_STATE to another folder."));
}

Status writePages(const FlashRequest& request, const QByteArray& bytes, const QString& path)
{
    QFile file(path);
    tell(request, Stage::Erase, 0, bytes.size());
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
        return ioError(file);
    tell(request, Stage::Erase, bytes.size(), bytes.size());
    for (qint64 at = 0; at < bytes.size(); at += kPageBytes) {
        if (request.cancel.isCancelled())
            return cancelled();
        const QByteArray page = bytes.mid(at, kPageBytes);
        if (file.write(page) != page.size())
            return ioError(file);
        tell(request, Stage::Write, at + page.size(), bytes.size());
    }
    if (!file.flush() || ::fsync(file.handle()) != 0)
        return ioError(file);
    return {};
}

Status verifyPages(const FlashRequest& request, const QByteArray& bytes, const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return ioError(file);
    for (qint64 at = 0; at < bytes.size(); at += kPageBytes) {
        if (request.cancel.isCancelled())
            return cancelled();
        const QByteArray page = bytes.mid(at, kPageBytes);
        if (file.read(page.size()) != page) {
            return Error(ErrorKind::Board,
                         QStringLiteral("The board's flash differs from the image at byte %1.").arg(at),
                         QStringLiteral("Flash again; if it happens again, check the disk."));
        }
        tell(request, Stage::Verify, at + page.size(), bytes.size());
    }
    return {};
}

/// Takes a file away unless it is wanted after all.
class Scrap
{
public:
    explicit Scrap(QString path)
        : m_path(std::move(path))
    {}
    ~Scrap() { QFile::remove(m_path); }
    Scrap(const Scrap&) = delete;
    Scrap& operator=(const Scrap&) = delete;

private:
    QString m_path;
};

} // namespace

FlasherInfo EmulatorFlasher::info() const
{
    FlasherInfo info;
    info.tool = QStringLiteral("emulator");
    info.requiredProgram = m_board.emulator->program;
    info.package = m_board.emulator->package;
    info.canVerify = true;
    info.keepsOldImage = true;
    return info;
}

Result<QString> EmulatorFlasher::flashFile(const Board& board)
{
    EMBER_TRY(const QString folder, stateDirectory(QStringLiteral("boards/%1").arg(board.id)));
    return folder + QStringLiteral("/flash.elf");
}

Result<ElfImage> EmulatorFlasher::check(const FlashRequest& request) const
{
    tell(request, Stage::Check, 0, 1, request.image);
    EMBER_TRY(ElfImage image, readElf(request.image));
    EMBER_CHECK(checkImage(image, m_board));
    if (image.buildId.isEmpty()) {
        return Error(ErrorKind::BadData, QStringLiteral("'%1' has no build id.").arg(request.image),
                     QStringLiteral("Link it with --build-id=sha1, so that the board can prove which image it runs."));
    }
    tell(request, Stage::Check, 1, 1, request.image);
    return image;
}

Status EmulatorFlasher::boot(const FlashRequest& request, const QString& image, const QByteArray& buildId) const
{
    tell(request, Stage::Boot, 0, 1);
    EmulatorOptions options;
    options.image = image;
    options.startTimeoutMs = request.bootTimeoutMs;
    EMBER_TRY(const auto emulator, Emulator::start(m_board, std::move(options)));
    EMBER_TRY(const auto session, emulator->connectAgent(request.bootTimeoutMs, request.cancel));
    const BoardDescription& said = session->description();
    if (said.buildId != buildId) {
        return Error(ErrorKind::Board,
                     QStringLiteral("The board reports build %1 after flashing %2.")
                         .arg(QString::fromLatin1(said.buildId.toHex()), QString::fromLatin1(buildId.toHex())),
                     QStringLiteral("The agent in this image reads its build id from another place; rebuild it."));
    }
    if (said.board != m_board.id) {
        return Error::wrongBoard(
            QStringLiteral("The image was built for the board '%1', not for '%2'.").arg(said.board, m_board.id),
            QStringLiteral("Build it for the target '%1'.").arg(m_board.id));
    }
    tell(request, Stage::Boot, 1, 1);
    return {};
}

Result<FlashReport> EmulatorFlasher::flash(const FlashRequest& request)
{
    QElapsedTimer clock;
    clock.start();
    EMBER_TRY(const ElfImage image, check(request));
    FlashReport report;
    report.tool = info().tool;
    report.bytes = image.loadableBytes();
    report.buildId = image.buildId;
    if (request.dryRun) {
        report.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
        return report;
    }

    EMBER_TRY(const QString target, flashFile(m_board));
    QLockFile lock(target + QStringLiteral(".lock"));
    if (!lock.tryLock(0)) {
        return Error(ErrorKind::Board, QStringLiteral("%1 is being flashed by another program.").arg(m_board.name),
                     QStringLiteral("Wait until it is done."));
    }
    QFile source(request.image);
    if (!source.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io,
                     QStringLiteral("'%1' cannot be read: %2.").arg(request.image, source.errorString()));
    const QByteArray bytes = source.readAll();
    const QString fresh = target + QStringLiteral(".new");
    const Scrap scrap(fresh);
    EMBER_CHECK(writePages(request, bytes, fresh));
    EMBER_CHECK(verifyPages(request, bytes, fresh));
    EMBER_CHECK(boot(request, fresh, image.buildId));
    if (std::rename(QFile::encodeName(fresh).constData(), QFile::encodeName(target).constData()) != 0)
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be replaced.").arg(target));
    report.verified = true;
    report.seconds = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    return report;
}

} // namespace ember::device
