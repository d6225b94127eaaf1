// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// Edge Impulse's data acquisition files, JSON and CBOR, with the labels of `info.labels` or `structured_labels.labels`
/// beside them; the beginning of the file's name where no label file knows it. With a signing key in the options a
/// wrong signature is refused; without one the signature is not looked at, and the recording's metadata says so.
class EdgeImpulseImporter : public Importer
{
public:
    QString id() const override { return QStringLiteral("edge-impulse"); }
    QString title() const override { return QStringLiteral("Edge Impulse data acquisition"); }
    Detection detect(const QString& path, const QByteArray& head) const override;
    Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                              const CancelToken& cancel) const override;
};

} // namespace ember::dataset
