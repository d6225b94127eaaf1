// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// SensiML's label export (`.dai`, formerly `.dcli`): a JSON array that names data files beside it, CSV or WAV, with
/// the segments of each. `start` and `end` are sample indices, both inclusive. A file that is missing or cannot be read
/// is a warning; the others are read. Names that leave the folder are refused.
class SensimlImporter : public Importer
{
public:
    QString id() const override { return QStringLiteral("sensiml"); }
    QString title() const override { return QStringLiteral("SensiML label export"); }
    Detection detect(const QString& path, const QByteArray& head) const override;
    Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                              const CancelToken& cancel) const override;
};

} // namespace ember::dataset
