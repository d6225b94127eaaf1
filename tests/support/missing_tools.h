// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/toolchain.h"
#include "core/device/board.h"
#include "core/device/emulator.h"

namespace ember::test {

/// Why nothing can be built for or run on the board here; empty: it can.
inline QString whatIsMissing(const QString& boardId)
{
    const auto board = device::findBoard(boardId);
    if (!board)
        return board.error().message;
    if (const QString missing = device::missingTool(*board); !missing.isEmpty())
        return QStringLiteral("needs %1").arg(missing);
    const auto toolchain = codegen::Toolchain::forBoard(*board);
    return toolchain || toolchain.error().kind != ErrorKind::MissingTool ? QString() : toolchain.error().hint;
}

} // namespace ember::test
