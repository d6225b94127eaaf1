// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/elf_image.h"
#include "core/device/flasher.h"

namespace ember::device {

// What flashers have in common.

void tell(const FlashRequest& request, FlashEvent::Stage stage, qint64 done, qint64 total, const QString& detail = {});

/// Replaces the file. Errors: Io.
Status writeWholeFile(const QString& path, const QByteArray& bytes);

/// Reads the image and sees whether it is for this board and fits; tells so. Errors: those of readElf and checkImage.
Result<ElfImage> checkedImage(const FlashRequest& request, const Board& board);

/// Error Usage when no port was named; a dry run needs none.
Status needPort(const FlashRequest& request, const Board& board);

/// Stands for a port that a dry run was not told.
QString portOrPlaceholder(const FlashRequest& request);

/// Why a port cannot be used: it is not there, forbidden, or in use. With `open` it is opened for a moment, which
/// resets some boards; without, only its rights are looked at.
Status checkPort(const QString& port, bool open);

/// Asks the agent at the port for its build id. An image that has none proves nothing: false. A firmware without our
/// agent says nothing, which is no fault: false. One that says another build id is: Error Board.
Result<bool> runsBuild(const FlashRequest& request, const QByteArray& buildId);

} // namespace ember::device
