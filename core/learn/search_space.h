// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

#include <QVariantMap>

namespace ember::learn {

/// A random complete set of parameters: the same for a seed everywhere. Whole and real numbers are drawn between their
/// bounds, evenly by magnitude where these lie more than a factor of 20 apart; where a side is open, within a factor of
/// 4 of the default. Choices and switches are drawn evenly; texts keep their default. `fixed` wins.
QVariantMap drawParameters(const QList<plugin::ParameterSpec>& specs, const QVariantMap& fixed, quint64 seed);

} // namespace ember::learn
