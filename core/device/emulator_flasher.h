// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/elf_image.h"
#include "core/device/flasher.h"

namespace ember::device {

/// Flashes an emulated board: its flash is a file that stays between runs, as a real board's does. The new image is
/// booted and asked for its build id before it takes the old one's place.
class EmulatorFlasher final : public Flasher
{
public:
    explicit EmulatorFlasher(Board board)
        : m_board(std::move(board))
    {}

    FlasherInfo info() const override;
    Result<FlashReport> flash(const FlashRequest& request) override;

    /// Where the board's flash is kept; the file need not exist yet. Errors: Io.
    static Result<QString> flashFile(const Board& board);

private:
    Result<ElfImage> check(const FlashRequest& request) const;
    Status boot(const FlashRequest& request, const QString& image, const QByteArray& buildId) const;

    Board m_board;
};

} // namespace ember::device
