// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/windows.h"

#include <QStringList>

#include <vector>

namespace ember::dataset {

enum class SplitMethod
{
    Group,     ///< whole groups on one side
    Recording, ///< whole recordings on one side; honest only when groups do not matter
    Time,      ///< a stretch of every recording; what overlaps its ends is on neither side
};
QString splitMethodName(SplitMethod method);
Result<SplitMethod> splitMethodFromName(const QString& name);

/// What is split: a window, or anything else that has a group, a recording and a place in it.
struct SplitItem
{
    QString group;
    qint64 recording = 0;
    qint64 begin = 0; ///< rows
    qint64 end = 0;
    qint32 label = -1;
};
std::vector<SplitItem> splitItems(const WindowSet& windows);

/// Indices of items on each side, ascending.
struct Fold
{
    std::vector<qsizetype> train;
    std::vector<qsizetype> test;
    QStringList trainGroups; ///< sorted
    QStringList testGroups;
    bool mixesGroups = false; ///< rows of one group may be on both sides, so scores flatter
};

/// One train and one test side. Groups (or recordings) are chosen so that the test side has about `testShare` of every
/// label. The same items, share and seed give the same fold. Errors: Usage (share not within (0, 1), fewer than two
/// units to divide).
Result<Fold> holdOut(const std::vector<SplitItem>& items, SplitMethod method, double testShare, quint64 seed);

/// The named groups form the test side. Errors: Usage (a group that is not there, or one side would be empty).
Result<Fold> holdOutGroups(const std::vector<SplitItem>& items, const QStringList& testGroups);

/// k folds; every group is tested exactly once, labels spread evenly as far as whole groups allow.
Result<std::vector<Fold>> groupKFold(const std::vector<SplitItem>& items, int folds, quint64 seed);

/// k folds of single items, labels spread evenly. Windows of one person or recording are on both sides, so scores are
/// those of people and places that are known, not of new ones.
Result<std::vector<Fold>> randomKFold(const std::vector<SplitItem>& items, int folds, quint64 seed);

/// One fold for each group.
Result<std::vector<Fold>> leaveOneGroupOut(const std::vector<SplitItem>& items);

} // namespace ember::dataset
