// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flash_steps.h"

#include "core/device/agent_session.h"
#include "core/device/fd_handle.h"
#include "core/device/flash_tool.h"

#include <QFile>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

// A bootloader stays for a second after a reset, then the program starts.
constexpr int kRealBootMs = 5'000;

Error portError(const QString& port, int reason)
{
    if (reason == ENOENT || reason == ENXIO || reason == ENODEV)
        return Error(ErrorKind::Board, QStringLiteral("There is no port %1.").arg(port),
                     QStringLiteral("Connect the board; 'emberlab ports' lists the ports there are."));
    if (reason == EACCES || reason == EPERM)
        return Error(
            ErrorKind::Board, QStringLiteral("You may not open the port %1.").arg(port),
            QStringLiteral("Add yourself to the group dialout ('sudo adduser $USER dialout') and log in again."));
    if (reason == EBUSY)
        return portBusy(port);
    return Error(
        ErrorKind::Board,
        QStringLiteral("The port %1 cannot be opened: %2.").arg(port, QString::fromLocal8Bit(std::strerror(reason))));
}

} // namespace

void tell(const FlashRequest& request, Stage stage, qint64 done, qint64 total, const QString& detail)
{
    if (request.onEvent)
        request.onEvent({stage, done, total, detail});
}

Status writeWholeFile(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.flush())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()));
    return {};
}

Result<ElfImage> checkedImage(const FlashRequest& request, const Board& board)
{
    tell(request, Stage::Check, 0, 1, request.image);
    EMBER_TRY(ElfImage image, readElf(request.image));
    EMBER_CHECK(checkImage(image, board));
    tell(request, Stage::Check, 1, 1, request.image);
    return image;
}

Status needPort(const FlashRequest& request, const Board& board)
{
    if (!request.port.isEmpty() || request.dryRun)
        return {};
    return Error(ErrorKind::Usage, QStringLiteral("Which port is %1 at?").arg(board.name),
                 QStringLiteral("Name it with --port; 'emberlab ports' lists the ports there are."));
}

QString portOrPlaceholder(const FlashRequest& request)
{
    return request.port.isEmpty() ? QStringLiteral("PORT") : request.port;
}

Status checkPort(const QString& port, bool open)
{
    const QByteArray name = QFile::encodeName(port);
    if (::access(name.constData(), R_OK | W_OK) != 0)
        return portError(port, errno);
    if (!open)
        return {};
    const FdHandle fd(::open(name.constData(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    return fd.isValid() ? Status() : Status(portError(port, errno));
}

Result<bool> runsBuild(const FlashRequest& request, const QByteArray& buildId)
{
    if (buildId.isEmpty())
        return false; // an image of other tools, such as Arduino's, has none to compare
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

} // namespace ember::device
