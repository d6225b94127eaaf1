// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/table_task.h"

#include "core/learn/table.h"
#include "core/plugin-host/plugin_list.h"

#include <cmath>

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
    for (const Task task : kTasks) {
        if (word == taskName(task))
            return task;
    }
    if (word != QLatin1String("auto"))
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is not a task.").arg(word),
                     QStringLiteral("Use auto, classification, regression or anomaly."));
    EMBER_TRY(const QList<plugin::PluginRecord> plugins, plugin::listPlugins({}, hooks.cancel));
    for (const plugin::TrainerInfo& info : plugin::allTrainers(plugins)) {
        for (const Task task : kTasks) {
            if (info.id == trainerId && info.tasks.contains(task))
                return task;
        }
    }
    return Task::Classification; // the worker says what is wrong with the trainer
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
