// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/flasher.h"

#include <QStringList>

namespace ember::device {

/// Flashes a board whose bootloader is a drive that takes UF2 files: the image is copied to it, the board restarts. No
/// tool is needed. Upload options: "uf2_family" (uf2.h), "uf2_board", the Board-ID in the drive's INFO_UF2.TXT.
class Uf2Flasher final : public Flasher
{
public:
    /// `drives`: where to look for the drive; empty: what is mounted.
    explicit Uf2Flasher(Board board, QStringList drives = {})
        : m_board(std::move(board))
        , m_drives(std::move(drives))
    {}

    FlasherInfo info() const override;
    Result<FlashReport> flash(const FlashRequest& request) override;

private:
    Result<QString> findDrive(const QString& boardId) const;
    Status copy(const FlashRequest& request, const QByteArray& uf2, const QString& drive) const;

    Board m_board;
    QStringList m_drives;
};

} // namespace ember::device
