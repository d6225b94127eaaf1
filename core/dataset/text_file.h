// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

namespace ember::dataset::detail {

/// The whole file. Errors: NotFound, Io, Unsupported above 2 GB.
Result<QByteArray> readTextFile(const QString& path);

/// Up to `bytes` from the beginning. Errors: NotFound, Io.
Result<QByteArray> readHead(const QString& path, qint64 bytes);

} // namespace ember::dataset::detail
