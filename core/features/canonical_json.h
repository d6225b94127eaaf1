// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonValue>

namespace ember::features {

/// The one text of a JSON value: keys in order of their UTF-16 code units, no white space, whole numbers up to 2^53
/// without a point, others with 17 significant digits. Independent of how a Qt version writes JSON; for hashing.
QByteArray canonicalJson(const QJsonValue& value);

} // namespace ember::features
