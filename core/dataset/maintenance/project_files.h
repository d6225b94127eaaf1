// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QString>

namespace ember::dataset::detail {

/// Removes a project file that was begun and is not wanted, with what SQLite may have left beside it. No connection to
/// it may be open.
inline void removeProjectFiles(const QString& path)
{
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        QFile::remove(path + QLatin1String(suffix));
}

} // namespace ember::dataset::detail
