// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// Text tables with one row per sample: with or without a header, time stamps, labels, subjects and sessions. Lines
/// that cannot be read are lost rows: counted, named, and left as gaps.
class CsvImporter : public Importer
{
public:
    QString id() const override { return QStringLiteral("csv"); }
    QString title() const override { return QStringLiteral("Comma-separated values"); }
    Detection detect(const QString& path, const QByteArray& head) const override;
    Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                              const CancelToken& cancel) const override;
};

} // namespace ember::dataset
