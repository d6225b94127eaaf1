// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QtGlobal>

#include <compare>

namespace ember::dataset {

/// The number of a row in one table of a project file; ids of different tables do not mix. Zero means "none yet".
template <typename Tag>
struct Id
{
    qint64 value = 0;

    constexpr bool isValid() const { return value > 0; }
    friend constexpr auto operator<=>(Id, Id) = default;
};

template <typename Tag>
size_t qHash(Id<Tag> id, size_t seed = 0)
{
    return ::qHash(id.value, seed);
}

using RecordingId = Id<struct RecordingTag>;
using LabelSetId = Id<struct LabelSetTag>;
using LabelId = Id<struct LabelTag>;
using SegmentId = Id<struct SegmentTag>;
using SplitId = Id<struct SplitTag>;
using RunId = Id<struct RunTag>;
using ModelId = Id<struct ModelTag>;
using VerificationId = Id<struct VerificationTag>;
using ExportId = Id<struct ExportTag>;

} // namespace ember::dataset
