// SPDX-License-Identifier: GPL-3.0-or-later
// st-flash 1.7 of the ST-Link tools. Upload option: "serial" of the probe, where several are connected.
#include "core/device/flash_tool.h"

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

Result<std::vector<QStringList>> commands(const FlashJob& job)
{
    UploadOptions options(job.board);
    QStringList arguments = {QStringLiteral("--reset")};
    if (const QString serial = options.word("serial"); !serial.isEmpty())
        arguments << QStringLiteral("--serial") << serial;
    EMBER_CHECK(options.status());
    arguments << QStringLiteral("--format") << QStringLiteral("ihex") << QStringLiteral("write") << job.file;
    return std::vector<QStringList>{arguments};
}

/// "  3/ 16 pages written" (or halfpages).
std::optional<FlashEvent> pages(const QByteArray& line, qint64 total)
{
    if (!line.contains("pages written"))
        return {};
    const qsizetype slash = line.indexOf('/');
    bool ok = false;
    const QByteArray before = slash > 0 ? line.left(slash).trimmed() : QByteArray();
    const qint64 done = before.mid(before.lastIndexOf(' ') + 1).toLongLong(&ok);
    if (!ok)
        return {};
    const QByteArray behind = line.mid(slash + 1).trimmed();
    const qint64 all = behind.left(behind.indexOf(' ')).toLongLong(&ok);
    // No flash has more pages than this; a larger number is noise and would overflow below.
    if (!ok || all < 1 || all > 1'000'000 || done < 0 || done > all)
        return {};
    return FlashEvent{Stage::Write, total * done / all, total, {}};
}

std::optional<FlashEvent> progress(const QByteArray& line, qint64 total)
{
    if (line.contains("Attempting to write"))
        return FlashEvent{Stage::Erase, 0, total, {}};
    if (line.contains("Finished erasing"))
        return FlashEvent{Stage::Erase, total, total, {}};
    if (line.contains("Starting verification"))
        return FlashEvent{Stage::Verify, 0, total, {}};
    if (line.contains("Flash written and verified"))
        return FlashEvent{Stage::Verify, total, total, {}};
    return pages(line, total);
}

std::optional<Error> explain(const QByteArray& said, const FlashJob& job)
{
    if (said.contains("access error") || said.contains("LIBUSB_ERROR_ACCESS"))
        return noPermissionForUsb(job);
    if (said.contains("Couldn't find") || said.contains("Failed to find an stlink"))
        return nobodyAnswers(job, QStringLiteral("Connect its ST-Link by USB; 'lsusb' has to list it."));
    if (said.contains("libusb_claim_interface() failed") || said.contains("LIBUSB_ERROR_BUSY"))
        return Error(ErrorKind::Board, QStringLiteral("The ST-Link is in use by another program."),
                     QStringLiteral("Close the debugger that has it open."));
    if (said.contains("unknown chip id") || said.contains("Failed to connect to target") ||
        said.contains("Failed to read core_id"))
        return nobodyAnswers(job,
                             QStringLiteral("The ST-Link is there, the chip does not answer it: check that the board "
                                            "has power and that it is the right one."));
    if (said.contains("Verification of flash failed"))
        return flashDiffers(job, said);
    return {};
}

} // namespace

const FlashTool& stFlashTool()
{
    static const FlashTool tool = {"st-flash",
                                   {QStringLiteral("st-flash")},
                                   QStringLiteral("stlink-tools"),
                                   QStringLiteral("Install the Debian package stlink-tools."),
                                   FlashTool::Form::Hex,
                                   false,
                                   true,
                                   commands,
                                   progress,
                                   explain};
    return tool;
}

} // namespace ember::device
