// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/board.h"
#include "core/device/flash_image.h"

#include <QByteArray>

namespace ember::device {

/// The image as a UF2 file (github.com/microsoft/uf2, the specification in its README): blocks of 512 bytes that carry
/// 256 each, aligned to 256 as RP2040 bootloaders want; what lies before and behind the image in its first and last
/// block is 0xFF. `family` names the chip, so that a board refuses a file that is not for it.
QByteArray toUf2(const FlashImage& image, quint32 family);

/// Upload option "uf2_family" of a board file, such as "0xe48bff56". Errors: BadData.
Result<quint32> uf2Family(const Board& board);

} // namespace ember::device
