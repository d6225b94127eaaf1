// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"
#include "core/signal/stream_spec.h"

#include <QString>

namespace ember::dataset::detail {

/// SHA-256 over channels, rate and samples of a recording. Runs of rows are hashed as if each were one piece, so the
/// way they are cut into blocks makes no difference.
Result<QString> hashSamples(Database& database, RecordingId recording, const signal::StreamSpec& stream);

} // namespace ember::dataset::detail
