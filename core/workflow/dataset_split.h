// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/project.h"
#include "core/dataset/split.h"

namespace ember::workflow {

/// The split that is meant where nobody names one.
inline constexpr const char* kDefaultSplit = "default";

struct SplitRequest
{
    QString project; ///< path
    dataset::SplitMethod method = dataset::SplitMethod::Group;
    double testShare = 0.25;
    quint64 seed = 1;
    QString labelSet; ///< whose labels are to be spread evenly; empty: the default set
    QString name = QString::fromLatin1(kDefaultSplit);
};

/// Sides of a split. By time every recording is on both.
struct SplitReport
{
    QString name;
    qint64 train = 0; ///< recordings
    qint64 test = 0;
    double trainSeconds = 0; ///< labelled time; of recordings without labels all of it
    double testSeconds = 0;
    QStringList trainGroups;
    QStringList testGroups;
};

/// Decides once which recordings are for training and which are for the test, and keeps that under a name; an earlier
/// split of that name is replaced. Errors: Usage (fewer than two units to divide), Io.
Result<SplitReport> splitProject(const SplitRequest& request);

/// The two sides of a stored split for windows (or anything else) of the project. What was recorded after the split
/// goes to the test side when its group is there, and to training otherwise. Errors: NotFound, Usage (a side is empty).
Result<dataset::Fold> storedFold(const dataset::Project& project, const QString& name,
                                 const std::vector<dataset::SplitItem>& items);

} // namespace ember::workflow
