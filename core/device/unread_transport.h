// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/transport.h"

#include <memory>
#include <vector>

namespace ember::device {

/// Bytes of a link as one read() gave them.
struct ReadChunk
{
    QByteArray bytes;
    qint64 hostNanos = 0;
};

/// The link as it was before the chunks were read from it: gives them again, with their times, before anything new.
std::unique_ptr<Transport> giveBack(std::unique_ptr<Transport> transport, std::vector<ReadChunk> chunks);

} // namespace ember::device
