// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/board_room.h"

#include "core/base/quantity.h"
#include "core/device/board.h"

namespace ember::workflow {
namespace {

// What a program needs beside the model: a stack, buffers of drivers and links. Boards of 2 kB keep a quarter for it.
constexpr double kModelsShare = 0.75;

} // namespace

Status checkRoom(const codegen::GeneratedModel& generated, const device::Board& board)
{
    if (generated.ramBytes > board.ramBytes)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The model needs %1 bytes of RAM; %2 has %3.")
                         .arg(formatCount(generated.ramBytes), board.name, formatCount(board.ramBytes)),
                     QStringLiteral("Take shorter windows, features with less working memory, a narrower "
                                    "--feature-type, or a larger board."));
    if (generated.flashConstBytes > board.flashBytes)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The tables of the model take %1 bytes of flash; %2 has %3.")
                         .arg(formatCount(generated.flashConstBytes), board.name, formatCount(board.flashBytes)),
                     QStringLiteral("Take a smaller model or a larger board."));
    return {};
}

QString roomWarning(const codegen::GeneratedModel& generated, const device::Board& board)
{
    const auto most = [](qint64 part, qint64 all) {
        return static_cast<double>(part) > kModelsShare * static_cast<double>(all);
    };
    if (most(generated.ramBytes, board.ramBytes))
        return QStringLiteral("The model takes %1 of the %2 bytes of RAM of %3; the stack and the rest of the program "
                              "have to do with what is left.")
            .arg(formatCount(generated.ramBytes), formatCount(board.ramBytes), board.name);
    if (most(generated.flashConstBytes, board.flashBytes))
        return QStringLiteral("The tables of the model take %1 of the %2 bytes of flash of %3; its code and the rest "
                              "of the program have to do with what is left.")
            .arg(formatCount(generated.flashConstBytes), formatCount(board.flashBytes), board.name);
    return {};
}

} // namespace ember::workflow
