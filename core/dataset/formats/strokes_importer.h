// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// Gestures as strokes in a plane, as the magic wand recorder writes them: `{"strokes": [{"index", "label",
/// "strokePoints": [{"x", "y"}]}]}`. Each stroke is a recording with the channels x and y, labelled as a whole. The
/// file does not tell the rate.
class StrokesImporter : public Importer
{
public:
    QString id() const override { return QStringLiteral("strokes"); }
    QString title() const override { return QStringLiteral("Magic wand strokes"); }
    Detection detect(const QString& path, const QByteArray& head) const override;
    Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                              const CancelToken& cancel) const override;
};

} // namespace ember::dataset
