// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QString>

#include <optional>
#include <sys/stat.h>

namespace ember::dataset {

/// Which file stands under a name: another one, or none, once it was moved or deleted, even while it is open.
struct FileIdentity
{
    dev_t device = 0;
    ino_t inode = 0;

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;

    /// Empty when there is none.
    static std::optional<FileIdentity> of(const QString& path)
    {
        struct stat about = {};
        if (::stat(QFile::encodeName(path).constData(), &about) != 0)
            return {};
        return FileIdentity{about.st_dev, about.st_ino};
    }
};

} // namespace ember::dataset
