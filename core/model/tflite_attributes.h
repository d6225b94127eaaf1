// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QtGlobal>

#include <map>
#include <span>
#include <string>

namespace ember::model::detail {

/// Names and whole numbers of a custom operator (truth values are 0 and 1). Operators read here have no others.
using TfliteAttributes = std::map<std::string, qint64>;

/// Reads the map of scalars that a custom operator carries: a FlexBuffer
/// (https://flatbuffers.dev/internals/#flexbuffers). The bytes are not trusted, and may lie at any address. No bytes
/// are an empty map. Errors: BadData for what points outside, is no map of whole numbers, or has more than 100 entries.
Result<TfliteAttributes> readTfliteAttributes(std::span<const quint8> bytes);

} // namespace ember::model::detail
