// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flasher.h"

#include "core/base/resources.h"
#include "core/device/avrdude_flasher.h"
#include "core/device/emulator_flasher.h"
#include "core/device/flash_tool.h"
#include "core/device/tool_flasher.h"
#include "core/device/uf2_flasher.h"

#include <QFileInfo>

namespace ember::device {

QString flashStageName(FlashEvent::Stage stage)
{
    switch (stage) {
    case FlashEvent::Stage::Check:
        return QStringLiteral("check");
    case FlashEvent::Stage::Erase:
        return QStringLiteral("erase");
    case FlashEvent::Stage::Write:
        return QStringLiteral("write");
    case FlashEvent::Stage::Verify:
        return QStringLiteral("verify");
    case FlashEvent::Stage::Boot:
        return QStringLiteral("boot");
    }
    return QStringLiteral("unknown");
}

Result<std::unique_ptr<Flasher>> makeFlasher(const Board& board)
{
    if (board.upload.method == QLatin1String("emulator") && board.emulator)
        return std::unique_ptr<Flasher>(std::make_unique<EmulatorFlasher>(board));
    if (board.upload.method == QLatin1String("avrdude"))
        return std::unique_ptr<Flasher>(std::make_unique<AvrdudeFlasher>(board));
    if (board.upload.method == QLatin1String("uf2"))
        return std::unique_ptr<Flasher>(std::make_unique<Uf2Flasher>(board));
    QStringList methods = {QStringLiteral("avrdude"), QStringLiteral("emulator"), QStringLiteral("uf2")};
    for (const FlashTool* tool : flashTools()) {
        if (board.upload.method == QLatin1String(tool->method))
            return std::unique_ptr<Flasher>(std::make_unique<ToolFlasher>(board, *tool));
        methods << QLatin1String(tool->method);
    }
    methods.sort();
    return Error(
        ErrorKind::Unsupported,
        QStringLiteral("%1 is flashed with '%2', which this program cannot do.")
            .arg(board.name, board.upload.method.isEmpty() ? QStringLiteral("no method") : board.upload.method),
        QStringLiteral("It can flash by: %1. Export a bundle and upload it with the board's own tool.")
            .arg(methods.join(QStringLiteral(", "))));
}

Result<QString> currentImage(const Board& board)
{
    EMBER_TRY(const QString flashed, EmulatorFlasher::flashFile(board));
    if (QFileInfo::exists(flashed))
        return flashed;
    return shippedImage(board);
}

Result<QString> shippedImage(const Board& board)
{
    auto shipped = resourcePath(QStringLiteral("firmware/%1.elf").arg(board.id));
    if (!shipped)
        return Error(ErrorKind::NotFound, QStringLiteral("%1 has no firmware yet.").arg(board.name),
                     QStringLiteral("Flash an image, or build the program with the cross-compilers installed (%1).")
                         .arg(board.toolchain.package));
    return shipped;
}

} // namespace ember::device
