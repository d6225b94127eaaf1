// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/plugin-api/trainer.h"

#include <QJsonObject>
#include <QVariantMap>

namespace ember::learn {

/// Turns what a user gave (text from a command line, numbers from JSON or a form) into a complete set: a value of the
/// right type for every key, defaults where nothing was given. Errors: Usage for an unknown key (names the valid ones),
/// a value of the wrong type, out of range, or not among the choices.
Result<QVariantMap> completeParameters(const QList<plugin::ParameterSpec>& specs, const QVariantMap& given);

/// The set as JSON, keys in order: what is stored with a run and in the model.
QJsonObject parametersToJson(const QVariantMap& parameters);

} // namespace ember::learn
