// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// A column of a table, or a channel of another format, as it will be taken.
struct ColumnPreview
{
    ColumnMapping mapping;
    QStringList examples; ///< of the first rows; empty for formats that are no tables
};

/// What a file would become, without a project.
struct ImportPreview
{
    QString format;
    QString reason;                     ///< why that format
    bool isTable = false;               ///< whether ImportOptions::columns changes anything
    std::vector<ColumnPreview> columns; ///< of the file; for other formats the channels of its first recording
    qint64 recordings = 0;
    qint64 rows = 0;
    double rateHz = 0;  ///< of the first recording; 0: unknown
    QStringList labels; ///< different ones, in the order in which they first appear
    qint64 segments = 0;
    QStringList groups;
    QStringList metadata; ///< names of what is kept with the recordings
    QStringList warnings;
    /// Only the beginning was read, so that counts are at least these.
    bool isPartial = false;
};

/// Reads the file as importFile() would, or the first megabytes of a long table, and says what comes of it. Errors: as
/// importFile().
Result<ImportPreview> previewImport(const QString& path, const ImportOptions& options = {},
                                    const CancelToken& cancel = {});

} // namespace ember::dataset
