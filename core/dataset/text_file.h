// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QJsonArray>
#include <QString>

namespace ember::dataset::detail {

/// The whole file. Errors: NotFound, Io, Unsupported above 2 GB.
Result<QByteArray> readTextFile(const QString& path);

/// The list that a whole file of JSON is. Errors: as readTextFile(), and BadData with the place where it ends to be
/// one.
Result<QJsonArray> readJsonList(const QString& path);

/// Up to `bytes` from the beginning. Errors: NotFound, Io.
Result<QByteArray> readHead(const QString& path, qint64 bytes);

} // namespace ember::dataset::detail
