// SPDX-License-Identifier: GPL-3.0-or-later
// bossac 1.9: the SAM-BA bootloader of Arduino's SAM and SAMD boards, and of the Nano 33 BLE, whose chip only Arduino's
// own build of bossac knows. Upload options: "offset" (where the bootloader ends; none: it adds that itself), "touch"
// (true: opening the port at 1200 baud starts the bootloader), "compare" (false where the bootloader cannot read).
#include "core/device/flash_tool.h"

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

Result<std::vector<QStringList>> commands(const FlashJob& job)
{
    UploadOptions options(job.board);
    QStringList arguments = {QStringLiteral("--port=%1").arg(job.port), QStringLiteral("-U")};
    if (options.flag("touch"))
        arguments << QStringLiteral("-a");
    arguments << QStringLiteral("-i") << QStringLiteral("-e") << QStringLiteral("-w");
    const QJsonObject& upload = job.board.upload.options;
    if (!upload.contains(QLatin1String("compare")) || options.flag("compare"))
        arguments << QStringLiteral("-v");
    if (upload.contains(QLatin1String("offset")))
        arguments << QStringLiteral("--offset=0x%1").arg(options.address("offset", 0), 0, 16);
    EMBER_CHECK(options.status());
    arguments << QStringLiteral("-R") << job.file;
    return std::vector<QStringList>{arguments};
}

/// "[====      ] 33% (43/128 pages)". A bar does not say whose it is; ToolFlasher counts those behind "Verify" for
/// that.
std::optional<FlashEvent> progress(const QByteArray& line, qint64 total)
{
    if (line.startsWith("Erase flash"))
        return FlashEvent{Stage::Erase, 0, total, {}};
    if (line.startsWith("Verify successful"))
        return FlashEvent{Stage::Verify, total, total, {}};
    if (line.startsWith("Verify ") && line.contains("bytes of flash"))
        return FlashEvent{Stage::Verify, 0, total, {}};
    const auto percent = line.startsWith('[') ? percentIn(line) : std::nullopt;
    if (!percent)
        return {};
    return FlashEvent{Stage::Write, static_cast<qint64>(static_cast<double>(total) * *percent / 100), total, {}};
}

std::optional<Error> explain(const QByteArray& said, const FlashJob& job)
{
    if (said.contains("Device unsupported"))
        return Error(
            ErrorKind::Board, QStringLiteral("This bossac does not know the chip at %1.").arg(job.port),
            QStringLiteral("For %1 take the bossac that comes with the board's Arduino core, and put its folder "
                           "first in PATH; or the board is another one.")
                .arg(job.board.name));
    if (said.contains("No device found") || said.contains("Failed to open port at 1200bps"))
        return nobodyAnswers(job,
                             QStringLiteral("Press its reset button twice, quickly, so that it stays in the "
                                            "bootloader; its port may have another name then ('emberlab ports')."));
    if (said.contains("Verify failed"))
        return flashDiffers(job, said);
    if (said.contains("SAM-BA operation failed") || said.contains("Flash command failed"))
        return Error(
            ErrorKind::Board, QStringLiteral("The bootloader of %1 stopped answering.").arg(job.board.name),
            QStringLiteral("Press its reset button twice and flash again. bossac said: %1").arg(lastWords(said)));
    return {};
}

} // namespace

const FlashTool& bossacTool()
{
    static const FlashTool tool = {"bossac",
                                   {QStringLiteral("bossac")},
                                   QStringLiteral("bossa-cli"),
                                   QStringLiteral("Install the Debian package bossa-cli."),
                                   FlashTool::Form::Binary,
                                   true,
                                   true,
                                   commands,
                                   progress,
                                   explain};
    return tool;
}

} // namespace ember::device
