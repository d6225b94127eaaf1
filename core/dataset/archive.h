// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"

#include <QString>
#include <QStringList>

namespace ember::dataset {

// Archives come from anywhere: what lies in them is written below one folder and nowhere else, and only so much of it.

/// Whether the file begins as a zip or tar archive does, the latter also compressed (gzip, bzip2, xz, zstd); or is any
/// file compressed in this way. Does not say that it can be read. False for what cannot be opened.
bool isArchive(const QString& path);

struct ArchiveLimits
{
    qint64 bytes = qint64{8} << 30; ///< of all files together, as they are written
    qint64 files = 200'000;
    qsizetype depth = 32;  ///< folders within each other
    qsizetype name = 1024; ///< letters of a path
};

/// Writes the files of an archive below `folder`, which exists and is empty, and gives their paths in it. What has no
/// archive format but is compressed becomes one file, named without its last suffix. Refused as a whole, with the entry
/// that is the reason, are archives with a path that leaves the folder, a link, a device, a name twice, something
/// encrypted, or more than the limits; `folder` then holds what was written before. Errors: BadData, Unsupported, Io,
/// Cancelled. Uses libarchive.
Result<QStringList> unpackArchive(const QString& path, const QString& folder, const ArchiveLimits& limits = {},
                                  const ProgressSink& progress = {}, const CancelToken& cancel = {});

} // namespace ember::dataset
