// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/table_task.h"

#include "core/learn/table.h"
#include "core/model/graph_builder.h"
#include "core/plugin-host/discovery.h"
#include "core/plugin-host/plugin_list.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace ember::workflow {

using plugin::Task;

namespace {

constexpr Task kTasks[] = {Task::Classification, Task::Regression, Task::Anomaly};

qsizetype normalIn(const QStringList& classes)
{
    for (qsizetype i = 0; i < classes.size(); ++i) {
        if (classes[i].compare(QLatin1String("normal"), Qt::CaseInsensitive) == 0)
            return i;
    }
    return -1;
}

void forgetLabels(learn::Matrix& matrix)
{
    matrix.labels.clear();
    matrix.classNames.clear();
}

learn::Matrix normalRows(const learn::Matrix& matrix)
{
    const qsizetype normal = normalIn(matrix.classNames);
    if (normal < 0)
        return matrix;
    std::vector<qsizetype> rows;
    for (std::size_t row = 0; row < matrix.labels.size(); ++row) {
        if (matrix.labels[row] == normal)
            rows.push_back(static_cast<qsizetype>(row));
    }
    return matrix.select(rows);
}

Result<learn::Matrix> readAnomalyTable(const QString& path, const QString& labelColumn)
{
    Result<learn::Matrix> labelled = learn::readTable(path, {labelColumn, {}, {}});
    if (!labelled && labelled.error().kind == ErrorKind::Usage)
        return learn::readTable(path, {{}, {}, {}});
    if (!labelled)
        return labelled;
    learn::Matrix matrix = normalRows(*labelled);
    forgetLabels(matrix);
    return matrix;
}

} // namespace

QString taskName(Task task)
{
    switch (task) {
    case Task::Classification:
        return QStringLiteral("classification");
    case Task::Regression:
        return QStringLiteral("regression");
    case Task::Anomaly:
        return QStringLiteral("anomaly");
    }
    return {};
}

Result<Task> taskFor(const QString& word, const QString& trainerId, const Hooks& hooks)
{
    const auto named =
        std::find_if(std::begin(kTasks), std::end(kTasks), [&word](Task task) { return word == taskName(task); });
    const bool any = word == QLatin1String("auto");
    if (named == std::end(kTasks) && !any)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is not a task.").arg(word),
                     QStringLiteral("Use auto, classification, regression or anomaly."));
    EMBER_TRY(const QList<plugin::PluginRecord> plugins, plugin::listPlugins({}, hooks.cancel));
    EMBER_TRY(const plugin::PluginRecord record, plugin::findTrainerPlugin(plugins, trainerId));
    for (const plugin::TrainerInfo& info : record.trainers) {
        if (info.id != trainerId)
            continue;
        for (const Task task : kTasks) {
            if (info.tasks.contains(task) && (any || task == *named))
                return task;
        }
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is not for %2.").arg(trainerId, word),
                     QStringLiteral("'emberlab plugins' says what each trainer is for."));
    }
    return any ? Task::Classification : *named; // the worker says what is wrong with the plugin
}

Result<QStringList> labelsToAnomalies(learn::Matrix& matrix, const QStringList& normal)
{
    QStringList names = normal;
    if (const qsizetype usual = normalIn(matrix.classNames); names.isEmpty() && usual >= 0)
        names << matrix.classNames[usual];
    const QString known = QStringLiteral("The labels are: %1.").arg(matrix.classNames.join(QStringLiteral(", ")));
    if (names.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("Which label is normal?"),
                     QStringLiteral("Name it with --normal LABEL. %1").arg(known));
    for (const QString& name : names) {
        if (!matrix.classNames.contains(name))
            return Error(ErrorKind::Usage, QStringLiteral("No window has the label '%1'.").arg(name), known);
    }
    for (qint32& label : matrix.labels)
        label = names.contains(matrix.classNames[label]) ? 0 : 1;
    matrix.classNames = model::anomalyClasses();
    return names;
}

Status labelsToTargets(learn::Matrix& matrix, const QString& labelColumn)
{
    std::vector<float> values;
    for (const QString& label : matrix.classNames) {
        bool isNumber = false;
        const auto value = static_cast<float>(label.toDouble(&isNumber));
        if (!isNumber || !std::isfinite(value))
            return Error(ErrorKind::Usage,
                         QStringLiteral("The column '%1' has '%2', and a number is needed.").arg(labelColumn, label),
                         QStringLiteral("Name a column of numbers with --label-column, or train a classifier."));
        values.push_back(value);
    }
    for (const qint32 label : matrix.labels)
        matrix.targets.push_back(values[static_cast<std::size_t>(label)]);
    forgetLabels(matrix);
    return {};
}

Result<learn::Matrix> readTrainingTable(const QString& path, const QString& labelColumn, Task task)
{
    if (task == Task::Anomaly)
        return readAnomalyTable(path, labelColumn);
    EMBER_TRY(learn::Matrix matrix, learn::readTable(path, {labelColumn, {}, {}}));
    if (task == Task::Regression)
        EMBER_CHECK(labelsToTargets(matrix, labelColumn));
    return matrix;
}

Result<std::vector<bool>> anomaliesIn(const learn::Matrix& matrix)
{
    const QStringList& classes = matrix.classNames;
    qsizetype normal = normalIn(classes);
    if (normal < 0 && classes.size() == 2 && classes.contains(QLatin1String("1"))) {
        if (classes.contains(QLatin1String("0")))
            normal = classes.indexOf(QLatin1String("0"));
        else if (classes.contains(QLatin1String("-1")))
            normal = classes.indexOf(QLatin1String("1"));
    }
    if (normal < 0)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("The labels %1 do not say which rows are normal.").arg(classes.join(QStringLiteral(", "))),
            QStringLiteral("Label normal rows 'normal'; everything else counts as an anomaly."));
    std::vector<bool> anomalies;
    for (const qint32 label : matrix.labels)
        anomalies.push_back(label != normal);
    return anomalies;
}

} // namespace ember::workflow
