// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::common {

// Descriptions of parameters; `key`, `name` and `help` are as in plugin::ParameterSpec.
plugin::ParameterSpec integerParameter(const char* key, int byDefault, int minimum, int maximum, const char* name,
                                       const char* help);
plugin::ParameterSpec realParameter(const char* key, double byDefault, double minimum, double maximum, const char* name,
                                    const char* help);
plugin::ParameterSpec booleanParameter(const char* key, bool byDefault, const char* name, const char* help);
/// The first choice is the default.
plugin::ParameterSpec choiceParameter(const char* key, const QStringList& choices, const char* name, const char* help);

// Parameters that several trainers have.
plugin::ParameterSpec standardiseParameter(bool byDefault = true); ///< "standardise"
plugin::ParameterSpec contaminationParameter(); ///< "contamination": share of the training rows taken for anomalies
plugin::ParameterSpec classWeightParameter();   ///< "class-weight": none, balanced

/// Values of a complete set.
double real(const QVariantMap& parameters, const char* key);
int integer(const QVariantMap& parameters, const char* key);
bool boolean(const QVariantMap& parameters, const char* key);
QString choice(const QVariantMap& parameters, const char* key);

} // namespace ember::common
