// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/function_trainer.h"

#include <algorithm>
#include <exception>

namespace ember::common {
namespace {

using plugin::Task;
using plugin::TrainingView;

Error unusable(const QString& what, const QString& hint)
{
    return Error(ErrorKind::Usage, what, hint);
}

QString taskName(Task task)
{
    switch (task) {
    case Task::Classification:
        return QStringLiteral("classes");
    case Task::Regression:
        return QStringLiteral("numbers");
    case Task::Anomaly:
        return QStringLiteral("anomalies");
    }
    return {};
}

Status checkLabels(const TrainingView& data)
{
    if (data.labels.size() != data.rows())
        return unusable(QStringLiteral("%1 labels for %2 rows.").arg(data.labels.size()).arg(data.rows()),
                        QStringLiteral("Label every row."));
    const qint32 first = data.labels.front();
    bool several = false;
    for (const qint32 label : data.labels) {
        if (label < 0 || label >= data.classNames.size())
            return unusable(QStringLiteral("A label is class %1 of %2.").arg(label).arg(data.classNames.size()),
                            QStringLiteral("Label the data again."));
        several = several || label != first;
    }
    if (!several)
        return unusable(QStringLiteral("All rows have the label '%1'.").arg(data.classNames.value(first)),
                        QStringLiteral("A classifier needs rows of at least two classes."));
    return {};
}

Status checkData(const TrainingView& data, const plugin::TrainerInfo& info)
{
    if (data.rows() < 2 || data.features.size() % data.columns != 0)
        return unusable(QStringLiteral("%1 rows are too few to learn from.").arg(data.rows()),
                        QStringLiteral("Label or record more data."));
    const Task task = taskOf(data);
    if (!info.tasks.contains(task))
        return unusable(QStringLiteral("'%1' does not learn %2.").arg(info.id, taskName(task)),
                        QStringLiteral("'emberlab plugins' says what each trainer is for."));
    if (task == Task::Regression && data.targets.size() != data.rows())
        return unusable(QStringLiteral("%1 targets for %2 rows.").arg(data.targets.size()).arg(data.rows()),
                        QStringLiteral("Give every row a target."));
    return task == Task::Classification ? checkLabels(data) : Status();
}

} // namespace

Task taskOf(const TrainingView& data)
{
    if (!data.targets.empty())
        return Task::Regression;
    return data.labels.empty() ? Task::Anomaly : Task::Classification;
}

Error cancelled()
{
    return Error(ErrorKind::Cancelled, QStringLiteral("Training was cancelled."));
}

Result<model::Model> FunctionTrainer::train(const TrainingView& data, const QVariantMap& parameters,
                                            const plugin::TrainingContext& context) noexcept
{
    try {
        EMBER_CHECK(checkData(data, m_info));
        return m_train(data, parameters, context);
    } catch (const std::exception& e) {
        return Error(ErrorKind::Failed, QStringLiteral("Training failed: %1.").arg(QString::fromUtf8(e.what())),
                     QStringLiteral("Try fewer rows or other parameters."));
    }
}

} // namespace ember::common
