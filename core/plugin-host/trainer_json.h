// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/plugin-api/trainer.h"

#include <QJsonObject>

namespace ember::plugin {

/// A trainer's description as JSON: what `emberlab plugins --json` shows and what worker processes report.
QJsonObject toJson(const TrainerInfo& info);

/// Errors: BadData with the field; the text may come from a plugin's process and is not trusted.
Result<TrainerInfo> trainerInfoFromJson(const QJsonObject& json);

} // namespace ember::plugin
