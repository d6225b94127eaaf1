// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/project.h"
#include "core/dataset/windows.h"
#include "core/learn/table.h"
#include "core/workflow/feature_set.h"
#include "core/workflow/teaching.h"

#include <QDateTime>
#include <QFileInfo>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace ember::workflow {
namespace {

Status appendRow(const codegen::HostProgram& program, std::span<const float> features, quint16 label, LabelledRows& to)
{
    EMBER_TRY(QByteArray encoded, program.encodeFeatures(features));
    to.rows.push_back(std::move(encoded));
    to.labels.push_back(label);
    return {};
}

Result<learn::Matrix> readRows(const Deployment& deployment, const QString& path, const QString& labelColumn)
{
    const codegen::LoweredModel& model = deployment.program.model();
    EMBER_TRY(learn::Matrix matrix, learn::readTable(path, {labelColumn, {}, model.classNames}));
    if (matrix.columns != model.featureCount)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' has %2 features; the model takes %3.")
                                           .arg(path)
                                           .arg(matrix.columns)
                                           .arg(model.featureCount));
    return matrix;
}

QString fileName(const QString& path)
{
    return QFileInfo(path).fileName();
}

/// The project's windows in the order of time, recordings by when they were made, with their class in the model; -1:
/// none of it.
struct ProjectRows
{
    dataset::WindowSet set;
    std::vector<QByteArray> features; ///< encoded
    std::vector<int> labels;
};

Status sortByTime(const dataset::Project& project, dataset::WindowSet& set)
{
    std::map<qint64, std::tuple<QDateTime, qint64>> made; // of each recording; the id where they were made together
    for (const dataset::Window& window : set.windows) {
        if (made.contains(window.recording.value))
            continue;
        EMBER_TRY(const dataset::Recording recording, project.recordings().get(window.recording));
        made[window.recording.value] = {recording.created, recording.id.value};
    }
    std::stable_sort(set.windows.begin(), set.windows.end(), [&](const dataset::Window& a, const dataset::Window& b) {
        return std::tie(made[a.recording.value], a.begin) < std::tie(made[b.recording.value], b.begin);
    });
    return {};
}

/// Where lessons lie in their recordings.
class TaughtRows
{
public:
    explicit TaughtRows(qint64 windowRows)
        : m_windowRows(windowRows)
    {}

    void add(const dataset::Window& window) { m_begins[window.recording.value].insert(window.begin); }
    /// Whether the window has a row of a lesson.
    bool reach(const dataset::Window& window) const
    {
        const auto recording = m_begins.find(window.recording.value);
        if (recording == m_begins.end())
            return false;
        const auto at = recording->second.upper_bound(window.begin - m_windowRows);
        return at != recording->second.end() && *at < window.begin + m_windowRows;
    }

private:
    qint64 m_windowRows;
    std::map<qint64, std::set<qint64>> m_begins;
};

Result<ProjectRows> readProjectRows(const Deployment& deployment, const QString& path, const QString& labelSet,
                                    const QStringList& groups, const Hooks& hooks)
{
    EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
    const codegen::LoweredModel& model = deployment.program.model();
    dataset::WindowSpec spec;
    spec.rows = model.pipeline->windowRows;
    spec.hop = model.pipeline->hopRows;
    EMBER_TRY(const dataset::LabelSet set,
              project.labels().findSet(labelSet.isEmpty() ? QString::fromLatin1(dataset::kDefaultLabelSet) : labelSet));
    spec.labelSet = set.id;
    ProjectRows rows;
    EMBER_TRY(rows.set, dataset::makeWindows(project, spec));
    std::erase_if(rows.set.windows, [&](const dataset::Window& window) {
        return !groups.isEmpty() && !groups.contains(rows.set.groupNames[window.group]);
    });
    EMBER_CHECK(sortByTime(project, rows.set));
    EMBER_TRY(const std::vector<QByteArray> windows, windowBytes(project, rows.set, hooks));
    for (std::size_t i = 0; i < windows.size(); ++i) {
        EMBER_TRY(codegen::HostOutput output, deployment.program.runWindow(windows[i]));
        rows.features.push_back(std::move(output.features));
        rows.labels.push_back(
            static_cast<int>(model.classNames.indexOf(rows.set.classNames[rows.set.windows[i].label])));
    }
    return rows;
}

Status checkGroups(const dataset::WindowSet& set, const QStringList& groups)
{
    for (const QString& group : groups) {
        if (!set.groupNames.contains(group))
            return Error(ErrorKind::Usage, QStringLiteral("No labelled windows are of the group '%1'.").arg(group),
                         QStringLiteral("Groups with windows: %1.").arg(set.groupNames.join(QStringLiteral(", "))));
    }
    return {};
}

} // namespace

Result<TeachingRows> readTeachingTables(const Deployment& deployment, const QString& newTable, const QString& oldTable,
                                        const QString& labelColumn)
{
    TeachingRows rows;
    EMBER_TRY(const learn::Matrix fresh, readRows(deployment, newTable, labelColumn));
    std::map<qint32, int> seen; // of each class
    for (std::size_t i = 0; i < fresh.rows(); ++i) {
        LabelledRows& to = seen[fresh.labels[i]]++ % 2 == 0 ? rows.lessons : rows.fresh;
        EMBER_CHECK(appendRow(deployment.program, fresh.row(i), static_cast<quint16>(fresh.labels[i]), to));
    }
    rows.description = QStringLiteral("%1 lessons, %2 rows to test of %3")
                           .arg(rows.lessons.size())
                           .arg(rows.fresh.size())
                           .arg(fileName(newTable));
    if (oldTable.isEmpty())
        return rows;
    EMBER_TRY(const learn::Matrix old, readRows(deployment, oldTable, labelColumn));
    for (std::size_t i = 0; i < old.rows(); ++i)
        EMBER_CHECK(appendRow(deployment.program, old.row(i), static_cast<quint16>(old.labels[i]), rows.old));
    rows.description += QStringLiteral("; %1 rows of %2").arg(rows.old.size()).arg(fileName(oldTable));
    return rows;
}

Result<TeachingRows> readTeachingGroups(const Deployment& deployment, const QString& projectPath,
                                        const QStringList& newGroups, const QStringList& oldGroups,
                                        const QString& labelSet, const Hooks& hooks)
{
    const codegen::LoweredModel& model = deployment.program.model();
    const QString path = projectPath.isEmpty() ? deployment.source.projectPath : projectPath;
    if (path.isEmpty() || !model.pipeline)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Groups are those of a project's recordings, and this model has none, or takes no "
                                    "windows."),
                     QStringLiteral("Name the project with --project, or give tables with --new and --old."));
    const QStringList wanted = oldGroups.isEmpty() ? QStringList() : newGroups + oldGroups;
    EMBER_TRY(const ProjectRows read, readProjectRows(deployment, path, labelSet, wanted, hooks));
    EMBER_CHECK(checkGroups(read.set, newGroups + oldGroups));
    const auto isNew = [&](std::size_t i) {
        return newGroups.contains(read.set.groupNames[read.set.windows[i].group]);
    };
    std::map<std::pair<qint32, int>, std::size_t> totals; // of each group and class, of the new ones
    for (std::size_t i = 0; i < read.features.size(); ++i)
        totals[{read.set.windows[i].group, read.labels[i]}] += isNew(i) ? 1 : 0;
    TeachingRows rows;
    std::map<std::pair<qint32, int>, std::size_t> seen;
    std::vector<std::size_t> others; // new ones that are no lessons
    TaughtRows taught(read.set.spec.rows);
    const auto add = [&](LabelledRows& to, std::size_t i) {
        to.rows.push_back(read.features[i]);
        to.labels.push_back(static_cast<quint16>(read.labels[i]));
    };
    for (std::size_t i = 0; i < read.features.size(); ++i) {
        if (read.labels[i] < 0)
            continue; // a label that the model was not trained on cannot be taught
        const std::pair<qint32, int> key{read.set.windows[i].group, read.labels[i]};
        if (!isNew(i)) {
            add(rows.old, i);
        } else if (2 * seen[key]++ < totals[key]) {
            add(rows.lessons, i);
            taught.add(read.set.windows[i]);
        } else {
            others.push_back(i);
        }
    }
    for (const std::size_t i : others) {
        if (!taught.reach(read.set.windows[i]))
            add(rows.fresh, i);
    }
    rows.description = QStringLiteral("%1 lessons, %2 windows to test of %3 (the earlier half of each class is taught")
                           .arg(rows.lessons.size())
                           .arg(rows.fresh.size())
                           .arg(newGroups.join(QStringLiteral(", ")));
    if (const std::size_t shared = others.size() - rows.fresh.size(); shared > 0)
        rows.description += QStringLiteral("; %1 that share rows with a lesson are left out").arg(shared);
    rows.description +=
        QStringLiteral("); %1 windows of %2")
            .arg(rows.old.size())
            .arg(oldGroups.isEmpty() ? QStringLiteral("all other groups, also those that the model was trained on")
                                     : oldGroups.join(QStringLiteral(", ")));
    return rows;
}

} // namespace ember::workflow
