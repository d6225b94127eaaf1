// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/elf_image.h"
#include "core/device/flasher.h"

#include <QStringList>

namespace ember::device {

/// Flashes a board with a bootloader that avrdude knows. An emulated board is flashed by the same avrdude through the
/// emulator's serial port; its flash is then kept as EmulatorFlasher keeps it.
class AvrdudeFlasher final : public Flasher
{
public:
    explicit AvrdudeFlasher(Board board)
        : m_board(std::move(board))
    {}

    FlasherInfo info() const override;
    Result<FlashReport> flash(const FlashRequest& request) override;

    /// avrdude's arguments, but for the program's name. Upload options: "part" (m328p), "programmer" (arduino), "baud".
    /// The image is named without folder: avrdude takes colons apart. Errors: BadData for a board file without them.
    static Result<QStringList> arguments(const Board& board, const QString& port, const QString& hexFile);

private:
    Result<ElfImage> check(const FlashRequest& request) const;
    Status program(const FlashRequest& request, const QString& port) const;
    Result<bool> flashReal(const FlashRequest& request, const QByteArray& buildId) const;
    Result<bool> flashEmulated(const FlashRequest& request, const QByteArray& buildId) const;

    Board m_board;
};

} // namespace ember::device
