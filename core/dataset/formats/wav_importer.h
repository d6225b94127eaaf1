// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// Sound and vibration files, read by libsndfile: WAV (PCM and float), RF64, AIFF, FLAC. 16-bit samples are kept as
/// they are and scaled to -1..1 by the channel; others become float32. One recording per file.
class WavImporter : public Importer
{
public:
    QString id() const override { return QStringLiteral("wav"); }
    QString title() const override { return QStringLiteral("Audio file"); }
    Detection detect(const QString& path, const QByteArray& head) const override;
    Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                              const CancelToken& cancel) const override;
};

} // namespace ember::dataset
