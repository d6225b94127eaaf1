// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/transport.h"

namespace ember::device {

/// Plays the raw bytes of a link again, as fast as they are read, a frame at a time. Takes and forgets what is written
/// to it. Errors: NotFound, Io.
Result<std::unique_ptr<Transport>> openReplay(const QString& address, const QString& path);

} // namespace ember::device
