// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/run_notes.h"

#include "core/base/quantity.h"
#include "core/learn/leak_check.h"

#include <algorithm>
#include <map>
#include <set>

namespace ember::workflow {
namespace {

QString score(double value)
{
    return QString::number(value, 'f', 2);
}

bool mixesGroups(const Folds& folds, const learn::Matrix& matrix)
{
    for (const dataset::Fold& fold : folds.folds) {
        std::set<qint32> trained;
        for (const qsizetype row : fold.train)
            trained.insert(matrix.groups[static_cast<std::size_t>(row)]);
        for (const qsizetype row : fold.test) {
            if (trained.contains(matrix.groups[static_cast<std::size_t>(row)]))
                return true;
        }
    }
    return false;
}

void addLeak(const learn::Matrix& matrix, const Folds& folds, quint64 seed, QStringList& notes)
{
    const bool mixed = mixesGroups(folds, matrix);
    const auto leak = learn::checkLeak(matrix, seed);
    const bool suspicious = leak && leak->isSuspicious();
    if (mixed)
        notes << QStringLiteral(
            "Warning: windows of the same group are on both sides of this validation, so the scores "
            "are for people, places and devices that the model knows. Use group-kfold for new "
            "ones.");
    if (suspicious)
        notes << QStringLiteral("Warning: the features tell whose a window is more than what it is: the nearest other "
                                "window has the label with F1 %1, the nearest one of another group with F1 %2. A split "
                                "that mixes groups would score far too high.")
                     .arg(score(leak->anyRowF1), score(leak->otherGroupF1));
}

void addLonelyLabels(const learn::Matrix& matrix, QStringList& notes)
{
    std::map<qint32, std::set<qint32>> groupsOfLabel;
    std::set<qint32> groups;
    for (std::size_t row = 0; row < matrix.labels.size(); ++row) {
        groupsOfLabel[matrix.labels[row]].insert(matrix.groups[row]);
        groups.insert(matrix.groups[row]);
    }
    QStringList lonely;
    for (const auto& [label, of] : groupsOfLabel) {
        if (of.size() == 1 && groups.size() > 1)
            lonely << matrix.classNames.value(label);
    }
    if (!lonely.isEmpty())
        notes << QStringLiteral("Warning: only one group has %1; where it is tested, nothing like it was trained on.")
                     .arg(lonely.join(QStringLiteral(", ")));
}

void addUngrouped(const learn::Matrix& matrix, QStringList& notes)
{
    const auto ungrouped = std::count_if(matrix.groupNames.begin(), matrix.groupNames.end(), [](const QString& name) {
        return name.startsWith(QStringLiteral("recording: "));
    });
    if (ungrouped == 1)
        notes << QStringLiteral("1 recording has no group and counts as a group of its own.");
    else if (ungrouped > 1)
        notes << QStringLiteral("%1 recordings have no group; each counts as a group of its own. Say who or what was "
                                "recorded, or windows of one person may be on both sides.")
                     .arg(formatCount(ungrouped));
}

} // namespace

QStringList runNotes(const learn::Matrix& matrix, const Folds& folds, quint64 seed)
{
    QStringList notes;
    if (matrix.groups.empty())
        return notes;
    if (!matrix.labels.empty()) {
        addLeak(matrix, folds, seed, notes);
        addLonelyLabels(matrix, notes);
    }
    addUngrouped(matrix, notes);
    return notes;
}

} // namespace ember::workflow
