// SPDX-License-Identifier: GPL-3.0-or-later
// OpenOCD 0.12. Upload options: "config", its configuration files in order; "serial" of the probe, where several are
// connected.
#include "core/device/flash_tool.h"

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

Result<std::vector<QStringList>> commands(const FlashJob& job)
{
    UploadOptions options(job.board);
    QStringList arguments;
    for (const QString& config : options.words("config"))
        arguments << QStringLiteral("-f") << config;
    if (const QString serial = options.word("serial"); !serial.isEmpty())
        arguments << QStringLiteral("-c") << QStringLiteral("adapter serial %1").arg(serial);
    EMBER_CHECK(options.status());
    arguments << QStringLiteral("-c") << QStringLiteral("program %1 verify reset exit").arg(job.file);
    return std::vector<QStringList>{arguments};
}

// It tells no percentages, only where it is.
std::optional<FlashEvent> progress(const QByteArray& line, qint64 total)
{
    if (line.contains("** Programming Started **"))
        return FlashEvent{Stage::Write, 0, total, {}};
    if (line.contains("** Programming Finished **"))
        return FlashEvent{Stage::Write, total, total, {}};
    if (line.contains("** Verify Started **"))
        return FlashEvent{Stage::Verify, 0, total, {}};
    if (line.contains("** Verified OK **"))
        return FlashEvent{Stage::Verify, total, total, {}};
    return {};
}

std::optional<Error> explain(const QByteArray& said, const FlashJob& job)
{
    if (said.contains("LIBUSB_ERROR_ACCESS"))
        return noPermissionForUsb(job);
    if (said.contains("LIBUSB_ERROR_BUSY"))
        return Error(ErrorKind::Board, QStringLiteral("The debug probe is in use by another program."),
                     QStringLiteral("Close the debugger that has it open."));
    if (said.contains("Can't find ") || said.contains("couldn't open "))
        return Error(ErrorKind::BadData,
                     QStringLiteral("OpenOCD does not have the configuration of %1.").arg(job.board.name),
                     lastWords(said));
    if (said.contains("UNEXPECTED idcode") || said.contains("expected 1 of 1") ||
        said.contains("Cannot identify target") || said.contains("auto_probe failed"))
        return Error(ErrorKind::Board, QStringLiteral("The chip on the probe is not that of %1.").arg(job.board.name),
                     lastWords(said));
    if (said.contains("** Verify Failed **") || said.contains("checksum mismatch") || said.contains("contents differ"))
        return flashDiffers(job, said);
    if (said.contains("init mode failed") || said.contains("unable to connect to the target"))
        return nobodyAnswers(job,
                             QStringLiteral("The probe is there, the chip does not answer it: check that the board "
                                            "has power, and hold its reset button while flashing starts."));
    if (said.contains("open failed") || said.contains("no device found") || said.contains("unable to open"))
        return nobodyAnswers(job, QStringLiteral("Connect its debug probe by USB; 'lsusb' has to list it."));
    return {};
}

} // namespace

const FlashTool& openocdTool()
{
    static const FlashTool tool = {"openocd",
                                   {QStringLiteral("openocd")},
                                   QStringLiteral("openocd"),
                                   QStringLiteral("Install the Debian package openocd."),
                                   FlashTool::Form::Hex,
                                   false,
                                   true,
                                   commands,
                                   progress,
                                   explain};
    return tool;
}

} // namespace ember::device
