// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <vector>

namespace ember::dataset {

/// A labelled stretch of time, in seconds from the recording's first sample.
struct TimedLabel
{
    QString label;
    double begin = 0;
    double end = 0;

    friend bool operator==(const TimedLabel&, const TimedLabel&) = default;
};

/// Audacity's label track: `start <tab> end <tab> text` in seconds; lines that begin with a backslash (frequency
/// ranges) are passed over, a label without length is a point. Error BadData names the line.
Result<std::vector<TimedLabel>> parseAudacityLabels(const QByteArray& text);
QByteArray writeAudacityLabels(const std::vector<TimedLabel>& labels);

/// DEEPCRAFT's (Imagimob's) `.label`: a header, then `start, length, label, confidence, comment` in seconds.
/// Error BadData names the line.
Result<std::vector<TimedLabel>> parseDeepcraftLabels(const QByteArray& text);
QByteArray writeDeepcraftLabels(const std::vector<TimedLabel>& labels);

/// Labels that lie beside a recording file under its name: `walk.label` (DEEPCRAFT), `walk.elan.txt` (ELAN),
/// `walk.labels.txt` or `walk.txt` (Audacity) for `walk.wav` or `walk.data`. Of ELAN's tiers the one that is called
/// `labelSet` counts, or else the first. `source` is empty when there are none. Errors: BadData, Io.
struct SideLabels
{
    std::vector<TimedLabel> labels;
    QString source;
    QStringList leftOut; ///< tiers
};
Result<SideLabels> readSideLabels(const QString& recordingFile, const QString& labelSet = {});

/// Whether a file is labels for the recording beside it, and so not a recording itself.
bool isSideLabelFile(const QString& path);

} // namespace ember::dataset
