// SPDX-License-Identifier: GPL-3.0-or-later
// dfu-util 0.11 with ST's DfuSe, the USB bootloader in the ROM of many STM32. Upload options: "device" ("0483:df11"),
// "alt" (0), the memory; "serial", where several are connected.
#include "core/device/flash_tool.h"

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

Result<std::vector<QStringList>> commands(const FlashJob& job)
{
    UploadOptions options(job.board);
    QStringList arguments = {QStringLiteral("-d"), options.word("device", true), QStringLiteral("-a"),
                             QString::number(options.number("alt", 0, 255, 0))};
    if (const QString serial = options.word("serial"); !serial.isEmpty())
        arguments << QStringLiteral("-S") << serial;
    EMBER_CHECK(options.status());
    // ":leave" starts the program afterwards.
    arguments << QStringLiteral("-s") << hexAddress(job.address) + QStringLiteral(":leave") << QStringLiteral("-D")
              << job.file;
    return std::vector<QStringList>{arguments};
}

/// "Download\t[=====     ]  20%   1024 bytes"
std::optional<FlashEvent> progress(const QByteArray& line, qint64 total)
{
    const bool erase = line.startsWith("Erase");
    const auto percent = erase || line.startsWith("Download") ? percentIn(line) : std::nullopt;
    if (!percent)
        return {};
    return FlashEvent{erase ? Stage::Erase : Stage::Write,
                      static_cast<qint64>(static_cast<double>(total) * *percent / 100),
                      total,
                      {}};
}

std::optional<Error> explain(const QByteArray& said, const FlashJob& job)
{
    if (said.contains("LIBUSB_ERROR_ACCESS"))
        return noPermissionForUsb(job);
    if (said.contains("LIBUSB_ERROR_BUSY") || said.contains("Cannot claim interface"))
        return Error(ErrorKind::Board,
                     QStringLiteral("The bootloader of %1 is in use by another program.").arg(job.board.name),
                     QStringLiteral("Close the program that has it open."));
    if (said.contains("More than one DFU capable"))
        return Error(ErrorKind::Board, QStringLiteral("Several boards wait in their bootloader."),
                     QStringLiteral("Disconnect all but one, or name it: 'upload.serial' in the board file; 'dfu-util "
                                    "--list' shows the numbers."));
    if (said.contains("No DFU capable USB device"))
        return nobodyAnswers(job,
                             QStringLiteral("Start its bootloader: hold BOOT0, press and let go of reset, let go of "
                                            "BOOT0. 'dfu-util --list' then lists it."));
    if (said.contains("does not match device") || said.contains("not writeable") || said.contains("not writable"))
        return Error(ErrorKind::Board, QStringLiteral("The board at the USB is not %1.").arg(job.board.name),
                     lastWords(said));
    if (said.contains("Error during download") || said.contains("Error during special command"))
        return Error(ErrorKind::Board, QStringLiteral("%1 stopped taking the image.").arg(job.board.name),
                     QStringLiteral("Its flash may be read protected. dfu-util said: %1").arg(lastWords(said)));
    return {};
}

} // namespace

const FlashTool& dfuUtilTool()
{
    static const FlashTool tool = {"dfu-util",
                                   {QStringLiteral("dfu-util")},
                                   QStringLiteral("dfu-util"),
                                   QStringLiteral("Install the Debian package dfu-util."),
                                   FlashTool::Form::Binary,
                                   false,
                                   false,
                                   commands,
                                   progress,
                                   explain};
    return tool;
}

} // namespace ember::device
