// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// NumPy arrays: (rows) or (rows, channels), in the sample type that holds all values.
class NpyImporter : public Importer
{
public:
    QString id() const override { return QStringLiteral("npy"); }
    QString title() const override { return QStringLiteral("NumPy array"); }
    Detection detect(const QString& path, const QByteArray& head) const override;
    Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                              const CancelToken& cancel) const override;
};

} // namespace ember::dataset
