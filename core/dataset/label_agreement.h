// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/label_table.h"
#include "core/dataset/recording_reader.h"

#include <QHash>
#include <QStringList>

#include <optional>
#include <span>
#include <vector>

namespace ember::dataset {

// What two label sets say of the same rows of one recording: two people, or a person and a model. Labels of different
// sets are the same when their names are. Pure functions; segments may come in any order, overlap, and touch.

/// A stretch with the name of its label.
struct NamedStretch
{
    RowInterval rows;
    QString label;
};

/// The segments with the names of their labels; those whose label is not among `labels` are left out.
std::vector<NamedStretch> namedStretches(std::span<const Segment> segments, std::span<const Label> labels);

/// Rows of which the sets say different things, the same things all along. Names are sorted, each once; empty: the set
/// says nothing.
struct Disagreement
{
    RowInterval rows;
    QStringList first;
    QStringList second;

    friend bool operator==(const Disagreement&, const Disagreement&) = default;
};

/// All rows on which `first` and `second` differ, also where only one of them is labelled, in order; of these the
/// stretches of at least `leastRows` rows. Takes n log n for n segments.
std::vector<Disagreement> disagreements(std::span<const NamedStretch> first, std::span<const NamedStretch> second,
                                        qint64 leastRows = 1);

/// How far two sets agree. Rows; adds up over recordings.
struct LabelAgreement
{
    qint64 either = 0; ///< rows that at least one set labels
    qint64 both = 0;   ///< rows that both label
    qint64 equal = 0;  ///< rows of which both say the same
    /// Rows that both label, by what they say; several labels at once are joined with "+".
    QHash<QString, qint64> firstSays;
    QHash<QString, qint64> secondSays;

    /// Rows on which the sets agree, of those that at least one labels; nothing when there are none.
    std::optional<double> share() const;
    /// Cohen's kappa (Cohen 1960) over the rows that both label: agreement beyond what their shares of each label would
    /// give by chance. Nothing when there are no such rows or both know one label only.
    std::optional<double> kappa() const;
};
void addAgreement(LabelAgreement& sum, std::span<const NamedStretch> first, std::span<const NamedStretch> second);

} // namespace ember::dataset
