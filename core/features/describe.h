// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/block.h"

#include <QJsonObject>

namespace ember::features {

/// What blocks, stages and presets say of themselves as JSON: {"blocks": [...], "stages": [...], "presets": [...]}, for
/// forms and scripts. A parameter has its type, default, range or choices, unit and a sentence.
QJsonObject describeAll();

QJsonObject toJson(const BlockInfo& info);

} // namespace ember::features
