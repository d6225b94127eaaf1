// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/importer.h"

namespace ember::dataset {

/// Label Studio's JSON export of time series: tasks that name data files, with the regions of their first annotation.
/// A region is inclusive at both ends and in units of the data's time column, or in row numbers without one. The data
/// files lie beside the export under their own names (a path or an upload's prefix in front is taken off). A task whose
/// file is missing is a warning; the others are read.
class LabelStudioImporter : public Importer
{
public:
    QString id() const override { return QStringLiteral("label-studio"); }
    QString title() const override { return QStringLiteral("Label Studio time series"); }
    Detection detect(const QString& path, const QByteArray& head) const override;
    Result<ImportedFile> read(const QString& path, const ImportOptions& options,
                              const CancelToken& cancel) const override;
};

} // namespace ember::dataset
