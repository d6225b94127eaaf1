// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/formats/label_track.h"

#include <QStringList>

namespace ember::dataset {

/// What ELAN exports as "tab-delimited text": a line for each annotation, with its tier.
struct ElanText
{
    struct Annotation
    {
        QString tier;
        TimedLabel label;

        friend bool operator==(const Annotation&, const Annotation&) = default;
    };
    std::vector<Annotation> annotations;
    QStringList tiers; ///< in the order in which they first appear

    /// Those of one tier.
    std::vector<TimedLabel> ofTier(const QString& tier) const;
};

/// Reads it with or without its header line. Times stand as hh:mm:ss.mmm, as seconds with a point, or as whole
/// milliseconds; where a line has several forms the first of these counts. The tier is the first field, the annotation
/// the last. Error BadData names the line.
Result<ElanText> parseElanText(const QByteArray& text);

/// Tier, begin, end and duration in whole milliseconds, annotation; with a header line.
QByteArray writeElanText(const ElanText& text);

} // namespace ember::dataset
