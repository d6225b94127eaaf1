// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/signal/block_sink.h"
#include "core/signal/stream_spec.h"

#include <QJsonObject>

namespace ember::signal {

/// `{"name", "type": "int16", "rate_hz", "channels": [{"name", "unit", "scale", "offset"}]}`: the form of a stream in
/// project files, models and `--json` output.
QJsonObject toJson(const StreamSpec& spec);

/// The inverse. Errors: BadData with the key at fault; more than kMaxStreamChannels channels, none at all, a scale or
/// rate that is not a finite number.
Result<StreamSpec> streamSpecFromJson(const QJsonObject& json);

/// `{"bytes", "frames", "crc_errors", "device_drops", "link_gaps", "drift_ppm", "measured_rate_hz", "reconnects",
/// "bad_lines", "text_lines", "skipped_bytes", "held_values", "restarts", "jitter_ms", "jitter_histogram": {"upper_ms":
/// [], "blocks": []}}`, and
/// `"interrupted_at_row", "unknown_tail_ms"` where the recording was cut off.
QJsonObject toJson(const Ledger& ledger);

/// Missing keys count as zero, so that ledgers of older files stay readable.
Ledger ledgerFromJson(const QJsonObject& json);

/// "int8", "int16", "int32", "float32". Error BadData names them.
Result<SampleType> sampleTypeFromName(const QString& name);

/// More channels than this in one stream are taken for damage.
constexpr int kMaxStreamChannels = 1024;

} // namespace ember::signal
