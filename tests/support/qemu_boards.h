// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/board.h"
#include "core/device/flasher.h"

#include <vector>

namespace ember::test {

/// The boards that QEMU emulates here and now, with an agent that was built: any recording can be played to their
/// sensor, and they count instructions. Boards of other emulators have tests of their own.
inline std::vector<device::Board> qemuBoards()
{
    std::vector<device::Board> boards = device::loadBoards().value_or(std::vector<device::Board>());
    std::erase_if(boards, [](const device::Board& board) {
        return !board.isEmulated() || !board.emulator->program.startsWith(QLatin1String("qemu-system-")) ||
               !device::missingTool(board).isEmpty() || !device::shippedImage(board);
    });
    return boards;
}

} // namespace ember::test
