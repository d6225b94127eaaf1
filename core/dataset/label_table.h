// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"

#include <vector>

namespace ember::dataset {

/// A question that segments answer: "activity", "surface". A recording can be labelled by several sets.
struct LabelSet
{
    LabelSetId id;
    QString name; ///< unique in the project

    friend bool operator==(const LabelSet&, const LabelSet&) = default;
};

/// One answer of a label set.
struct Label
{
    LabelId id;
    LabelSetId set;
    QString name;   ///< unique in its set
    int colour = 0; ///< index into the class colours; a label keeps it on every page

    friend bool operator==(const Label&, const Label&) = default;
};

/// A labelled half-open interval of row numbers, [begin, end).
struct Segment
{
    SegmentId id;
    RecordingId recording;
    LabelId label;
    qint64 begin = 0;
    qint64 end = 0;

    friend bool operator==(const Segment&, const Segment&) = default;
};

/// The set that is used where nobody names one.
inline constexpr const char* kDefaultLabelSet = "label";

/// Label sets, labels and segments: reading, and making sure that a name exists. Changes that can be undone are in
/// edits.h. Borrowed from Project; same thread.
class LabelTable
{
public:
    explicit LabelTable(Database& database)
        : m_database(&database)
    {}

    Result<std::vector<LabelSet>> sets() const;
    /// Error NotFound names the sets there are.
    Result<LabelSet> findSet(const QString& name) const;
    /// The labels of a set by colour index, then name; of all sets when `set` is invalid.
    Result<std::vector<Label>> labels(LabelSetId set = {}) const;
    Result<Label> label(LabelId id) const;

    /// Segments that are not of trashed recordings, by recording, begin, end.
    Result<std::vector<Segment>> segments() const;
    Result<std::vector<Segment>> segments(RecordingId recording, LabelSetId set = {}) const;
    Result<Segment> segment(SegmentId id) const;

    /// The label of that name in the set of that name; either is made when it is missing, with the next free colour.
    Result<Label> ensureLabel(const QString& set, const QString& name);

private:
    Database* m_database;
};

} // namespace ember::dataset
