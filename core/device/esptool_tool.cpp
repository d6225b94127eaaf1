// SPDX-License-Identifier: GPL-3.0-or-later
// esptool 4 and 5, for Espressif's chips: it makes the chip's image from the ELF file, then writes it behind the boot
// loader and the partition table that the board has. Upload options: "chip" ("esp32"), "baud" (460800), "offset"
// ("0x10000").
#include "core/device/flash_tool.h"

namespace ember::device {
namespace {

using Stage = FlashEvent::Stage;

constexpr quint32 kFirstApplication = 0x10000;

// The names of version 4; version 5 takes them too.
Result<std::vector<QStringList>> commands(const FlashJob& job)
{
    UploadOptions options(job.board);
    const QString chip = options.word("chip", true);
    const QString offset = QStringLiteral("0x%1").arg(options.address("offset", kFirstApplication), 0, 16);
    const int baud = options.number("baud", 9600, 2'000'000, 460'800);
    EMBER_CHECK(options.status());
    const QString binary = QStringLiteral("image.bin");
    return std::vector<QStringList>{
        {QStringLiteral("--chip"), chip, QStringLiteral("elf2image"), QStringLiteral("--output"), binary, job.file},
        {QStringLiteral("--chip"), chip, QStringLiteral("--port"), job.port, QStringLiteral("--baud"),
         QString::number(baud), QStringLiteral("--before"), QStringLiteral("default_reset"), QStringLiteral("--after"),
         QStringLiteral("hard_reset"), QStringLiteral("write_flash"), offset, binary}};
}

/// "Writing at 0x00010000... (10 %)"; version 5: "Writing at 0x00010000 [===>    ]  10.0% 16384/163840 bytes..."
std::optional<FlashEvent> progress(const QByteArray& line, qint64 total)
{
    if (line.startsWith("Hash of data verified"))
        return FlashEvent{Stage::Verify, total, total, {}};
    if (line.startsWith("Erasing flash") || line.startsWith("Flash will be erased"))
        return FlashEvent{Stage::Erase, 0, total, {}};
    const auto percent = line.startsWith("Writing at ") ? percentIn(line) : std::nullopt;
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
    if (said.contains("port is busy") || said.contains("Could not exclusively lock port") ||
        said.contains("Resource temporarily unavailable"))
        return portBusy(job.port);
    if (said.contains("This chip is") || said.contains("Wrong --chip argument"))
        return Error(ErrorKind::Board,
                     QStringLiteral("The chip at %1 is not that of %2.").arg(job.port, job.board.name),
                     lastWords(said));
    if (said.contains("MD5 of file does not match"))
        return flashDiffers(job, said);
    if (said.contains("Failed to connect") || said.contains("No serial data received"))
        return nobodyAnswers(job, QStringLiteral("Hold its BOOT button while flashing starts, and check that it is the "
                                                 "port of the board."));
    return {};
}

} // namespace

const FlashTool& esptoolTool()
{
    static const FlashTool tool = {
        "esptool",
        {QStringLiteral("esptool"), QStringLiteral("esptool.py")},
        QString(),
        QStringLiteral("Debian 12 has no package of it: 'pipx install esptool' (Debian package pipx), or build it from "
                       "github.com/espressif/esptool."),
        FlashTool::Form::Elf,
        true,
        true,
        commands,
        progress,
        explain};
    return tool;
}

} // namespace ember::device
