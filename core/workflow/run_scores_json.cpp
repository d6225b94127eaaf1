// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/run_scores_json.h"

#include "core/workflow/table_task.h"

#include <QJsonArray>

namespace ember::workflow {
namespace {

QJsonArray intervalJson(const learn::Interval& interval)
{
    return {interval.low, interval.high};
}

QJsonArray perClassJson(const learn::ValidationReport& report, const QStringList& classNames)
{
    QJsonArray classes;
    for (std::size_t i = 0; i < report.metrics.perClass.size(); ++i) {
        const learn::ClassScores& scores = report.metrics.perClass[i];
        const learn::Interval interval = i < report.classF195.size() ? report.classF195[i] : learn::Interval{0, 1};
        classes.append(QJsonObject{{QStringLiteral("label"), classNames.value(static_cast<qsizetype>(i))},
                                   {QStringLiteral("precision"), scores.precision},
                                   {QStringLiteral("recall"), scores.recall},
                                   {QStringLiteral("f1"), scores.f1},
                                   {QStringLiteral("f1_interval95"), intervalJson(interval)},
                                   {QStringLiteral("support"), scores.support}});
    }
    return classes;
}

QJsonObject classScoresJson(const learn::ValidationReport& report, const QStringList& classNames)
{
    QJsonArray groups;
    for (const learn::ValidationReport::GroupScore& group : report.groups)
        groups.append(QJsonObject{{QStringLiteral("group"), group.group},
                                  {QStringLiteral("rows"), group.rows},
                                  {QStringLiteral("accuracy"), group.accuracy},
                                  {QStringLiteral("f1"), group.macroF1}});
    return {{QStringLiteral("f1"), report.metrics.macroF1},
            {QStringLiteral("accuracy"), report.metrics.accuracy},
            {QStringLiteral("balanced_accuracy"), report.metrics.balancedAccuracy},
            {QStringLiteral("mcc"), report.metrics.mcc},
            {QStringLiteral("interval95"), intervalJson(report.macroF195)},
            {QStringLiteral("accuracy_interval95"), intervalJson(report.accuracy95)},
            {QStringLiteral("labels"), QJsonArray::fromStringList(classNames)},
            {QStringLiteral("per_class"), perClassJson(report, classNames)},
            {QStringLiteral("per_group"), groups},
            {QStringLiteral("confusion"), confusionJson(report.metrics.confusion)}};
}

void addAnomalyScores(const learn::ValidationReport& report, QJsonObject& json)
{
    const learn::Confusion& confusion = report.metrics.confusion;
    const auto share = [](qint64 part, qint64 whole) {
        return whole > 0 ? QJsonValue(static_cast<double>(part) / static_cast<double>(whole)) : QJsonValue();
    };
    json.insert(QStringLiteral("false_alarm_rate"), share(confusion.count(0, 1), confusion.trueTotal(0)));
    json.insert(QStringLiteral("detection_rate"), share(confusion.count(1, 1), confusion.trueTotal(1)));
    json.insert(QStringLiteral("roc_auc"), report.rocAuc ? QJsonValue(*report.rocAuc) : QJsonValue());
    if (report.rocAuc)
        json.insert(QStringLiteral("roc_auc_interval95"), intervalJson(report.rocAuc95));
}

} // namespace

QJsonArray confusionJson(const learn::Confusion& confusion)
{
    QJsonArray rows;
    for (int truth = 0; truth < confusion.classes(); ++truth) {
        QJsonArray row;
        for (int predicted = 0; predicted < confusion.classes(); ++predicted)
            row.append(confusion.count(truth, predicted));
        rows.append(row);
    }
    return rows;
}

QJsonObject rejectionJson(const learn::Rejection& rejection)
{
    return {{QStringLiteral("wanted_accuracy"), rejection.wanted},
            {QStringLiteral("least_share"), rejection.threshold},
            {QStringLiteral("coverage"), rejection.coverage},
            {QStringLiteral("accuracy"), rejection.accuracy},
            {QStringLiteral("accuracy_of_all"), rejection.accuracyOfAll}};
}

QJsonObject scoresToJson(const learn::ValidationReport& report, const QStringList& classNames)
{
    if (report.task == plugin::Task::Regression)
        return {{QStringLiteral("task"), taskName(report.task)},
                {QStringLiteral("r2"), report.regression.r2},
                {QStringLiteral("r2_interval95"), intervalJson(report.r295)},
                {QStringLiteral("rmse"), report.regression.rmse},
                {QStringLiteral("mae"), report.regression.mae}};
    QJsonObject json = classScoresJson(report, classNames);
    json.insert(QStringLiteral("task"), taskName(report.task));
    if (report.task == plugin::Task::Anomaly)
        addAnomalyScores(report, json);
    return json;
}

} // namespace ember::workflow
