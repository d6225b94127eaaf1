// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/signal/acquisition.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace ember::dataset::edgeimpulse {

using signal::Acquisition;
using signal::looksLikeAcquisition;
using signal::parseAcquisition;
using signal::signatureOf;
using signal::writeAcquisition;
using Encoding = signal::AcquisitionEncoding;

/// A labelled stretch of an acquisition: inclusive sample indices, as `info.labels` and `structured_labels.labels` have
/// them (their documentation says milliseconds; files and tools use indices).
struct LabelRange
{
    qint64 startIndex = 0;
    qint64 endIndex = 0;
    QString label;

    friend bool operator==(const LabelRange&, const LabelRange&) = default;
};

/// What label files say about one acquisition.
struct FileLabels
{
    std::optional<QString> label;   ///< of all of it
    std::vector<LabelRange> ranges; ///< of parts of it
    QString category;               ///< "training", "testing", ... ; empty when not said
    QString source;                 ///< the file that said it
};

/// Looks for the acquisition in `info.labels` of its folder and the three above, and in `structured_labels.labels` of
/// its own folder. Plain JSON and the line-wise form of large exports. Empty when no file names it. Errors: BadData for
/// a label file that names it and cannot be understood.
Result<std::optional<FileLabels>> findLabels(const QString& path);

/// The ranges with every row covered (gaps get `background`), neighbours of one label joined, later ranges winning
/// over earlier ones: what the format asks for. `rows` > 0.
std::vector<LabelRange> coverAllRows(const std::vector<LabelRange>& ranges, qint64 rows, const QString& background);

/// The entry of one file in `info.labels`.
struct InfoEntry
{
    QString path; ///< relative to the file, "/" between folders
    QString name;
    QString category;
    FileLabels labels;
};
QByteArray writeInfoLabels(const std::vector<InfoEntry>& entries);

} // namespace ember::dataset::edgeimpulse
