// SPDX-License-Identifier: GPL-3.0-or-later
// stm32flash 0.7: the bootloader in the ROM of every STM32, over a serial line (ST AN3155). Upload options: "baud"
// (115200), "gpio", its -i: how modem lines bring the chip into the bootloader.
#include "core/device/flash_tool.h"

#include <QRegularExpression>

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

Result<std::vector<QStringList>> commands(const FlashJob& job)
{
    UploadOptions options(job.board);
    const int baud = options.number("baud", 1200, 1'000'000, 115'200);
    QStringList arguments = {QStringLiteral("-b"), QString::number(baud)};
    const QString gpio = job.board.upload.options.value(QLatin1String("gpio")).toString();
    static const QRegularExpression sequence(QStringLiteral("^[a-z0-9,&:-]{1,64}$"));
    if (!gpio.isEmpty() && !sequence.match(gpio).hasMatch())
        return Error(ErrorKind::BadData,
                     QStringLiteral("'upload.gpio' of %1 is no sequence of modem lines.").arg(job.board.name),
                     QStringLiteral("Such as \"rts,dtr,-dtr\"; 'stm32flash -h' explains it."));
    if (!gpio.isEmpty())
        arguments << QStringLiteral("-i") << gpio;
    EMBER_CHECK(options.status());
    arguments << QStringLiteral("-w") << job.file << QStringLiteral("-v") << QStringLiteral("-g")
              << hexAddress(job.address) << job.port;
    return std::vector<QStringList>{arguments};
}

// Each part is compared as soon as it is written.
std::optional<FlashEvent> progress(const QByteArray& line, qint64 total)
{
    if (line.startsWith("Erasing memory"))
        return FlashEvent{Stage::Erase, 0, total, {}};
    const auto percent = line.startsWith("Wrote ") ? percentIn(line) : std::nullopt;
    if (!percent)
        return {};
    return FlashEvent{Stage::Write, static_cast<qint64>(static_cast<double>(total) * *percent / 100), total, {}};
}

std::optional<Error> explain(const QByteArray& said, const FlashJob& job)
{
    if (said.contains("Permission denied"))
        return Error(
            ErrorKind::Board, QStringLiteral("You may not open the port %1.").arg(job.port),
            QStringLiteral("Add yourself to the group dialout ('sudo adduser $USER dialout') and log in again."));
    if (said.contains("is already open") || said.contains("busy"))
        return portBusy(job.port);
    if (said.contains("Failed to open port"))
        return Error(ErrorKind::Board, QStringLiteral("The port %1 cannot be opened.").arg(job.port), lastWords(said));
    if (said.contains("Unknown/unsupported device"))
        return Error(ErrorKind::Board, QStringLiteral("The chip at %1 is not one that stm32flash knows.").arg(job.port),
                     lastWords(said));
    if (said.contains("Failed to verify"))
        return flashDiffers(job, said);
    if (said.contains("Failed to init device") || said.contains("Failed to send init"))
        return nobodyAnswers(job,
                             QStringLiteral("Set BOOT0 to 1 and press reset, so that the chip starts its bootloader; "
                                            "set it back to 0 afterwards."));
    if (said.contains("Failed to write memory") || said.contains("Got NACK") || said.contains("Can't initiate"))
        return Error(
            ErrorKind::Board, QStringLiteral("The flash of %1 refuses to be written.").arg(job.board.name),
            QStringLiteral("It may be protected: 'stm32flash -u %1' takes write protection away, 'stm32flash -k "
                           "%1' read protection, which erases everything.")
                .arg(job.port));
    return {};
}

} // namespace

const FlashTool& stm32flashTool()
{
    static const FlashTool tool = {"stm32flash",
                                   {QStringLiteral("stm32flash")},
                                   QStringLiteral("stm32flash"),
                                   QStringLiteral("Install the Debian package stm32flash."),
                                   FlashTool::Form::Hex,
                                   true,
                                   true,
                                   commands,
                                   progress,
                                   explain};
    return tool;
}

} // namespace ember::device
