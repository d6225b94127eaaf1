// SPDX-License-Identifier: GPL-3.0-or-later
// picotool 1.1 and later, for RP2040 boards that are flashed without their drive. Upload option: "uf2_family" (uf2.h).
#include "core/device/flash_tool.h"

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

// -f: a running program that knows picotool's USB request is restarted into the bootloader.
Result<std::vector<QStringList>> commands(const FlashJob& job)
{
    return std::vector<QStringList>{
        {QStringLiteral("load"), QStringLiteral("-f"), QStringLiteral("-v"), QStringLiteral("-x"), job.file}};
}

/// "Loading into Flash: [====      ]  40%", then "Verifying Flash:    [...]"
std::optional<FlashEvent> progress(const QByteArray& line, qint64 total)
{
    const bool verify = line.startsWith("Verifying");
    const auto percent = verify || line.startsWith("Loading into") ? percentIn(line) : std::nullopt;
    if (!percent)
        return {};
    return FlashEvent{verify ? Stage::Verify : Stage::Write,
                      static_cast<qint64>(static_cast<double>(total) * *percent / 100),
                      total,
                      {}};
}

std::optional<Error> explain(const QByteArray& said, const FlashJob& job)
{
    if (said.contains("permissions") || said.contains("LIBUSB_ERROR_ACCESS"))
        return noPermissionForUsb(job);
    if (said.contains("No accessible RP") || said.contains("no accessible RP"))
        return nobodyAnswers(job, QStringLiteral("Hold BOOTSEL while you plug it in."));
    if (said.contains("does not match") || said.contains("The device contents did not match"))
        return flashDiffers(job, said);
    return {};
}

} // namespace

const FlashTool& picotoolTool()
{
    static const FlashTool tool = {
        "picotool",
        {QStringLiteral("picotool")},
        QString(),
        QStringLiteral(
            "Debian 12 has no package of it: build it from github.com/raspberrypi/picotool, or give the board "
            "the upload method 'uf2', which needs no tool."),
        FlashTool::Form::Uf2,
        false,
        true,
        commands,
        progress,
        explain};
    return tool;
}

} // namespace ember::device
