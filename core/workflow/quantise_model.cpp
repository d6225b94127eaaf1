// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/quantise_model.h"

#include "core/dataset/table.h"
#include "core/model/interpreter.h"
#include "core/model/model_file.h"
#include "core/signal/npy.h"
#include "core/workflow/model_run.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QMap>

#include <algorithm>
#include <cmath>

namespace ember::workflow {
namespace {

using model::Tensor;
using model::TensorType;

bool isTable(const QString& path)
{
    return path.endsWith(QStringLiteral(".csv"), Qt::CaseInsensitive);
}

Result<std::vector<Tensor>> readAll(const model::Model& model, const QStringList& paths, const QString& labelColumn)
{
    if (static_cast<std::size_t>(paths.size()) != model.graph.inputs.size())
        return Error(ErrorKind::Usage, QStringLiteral("The model has %1 inputs; %2 files of rows were given.")
                                           .arg(model.graph.inputs.size())
                                           .arg(paths.size()));
    std::vector<Tensor> rows;
    for (std::size_t i = 0; i < model.graph.inputs.size(); ++i) {
        EMBER_TRY(Tensor value, readRows(paths[static_cast<qsizetype>(i)], model.graph.inputs[i], labelColumn));
        rows.push_back(std::move(value));
    }
    return rows;
}

QStringList textsOf(const Tensor& values)
{
    QStringList texts;
    if (values.type() == TensorType::String) {
        for (const std::string& text : values.strings())
            texts << QString::fromStdString(text);
        return texts;
    }
    for (const qint64 number : values.toInt64())
        texts << QString::number(number);
    return texts;
}

// The winner of each row of scores.
QStringList largestOf(const Tensor& scores)
{
    const std::vector<double> all = scores.toDouble();
    const auto width = static_cast<std::size_t>(scores.shape().back());
    QStringList texts;
    for (std::size_t row = 0; width > 1 && row + width <= all.size(); row += width) {
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(row);
        texts << QString::number(std::max_element(first, first + static_cast<std::ptrdiff_t>(width)) - first);
    }
    return texts;
}

// One label for each row: what the model names, or the largest of its scores. Empty where there is nothing to choose.
QStringList labelsOf(const std::vector<Tensor>& outputs)
{
    for (const Tensor& output : outputs) {
        if (!model::isFloat(output.type()) && output.rank() >= 1 && output.size() == output.shape()[0])
            return textsOf(output);
    }
    for (const Tensor& output : outputs) {
        if (model::isFloat(output.type()) && output.rank() >= 2)
            return largestOf(output);
    }
    return {};
}

double maxAbsDiff(const std::vector<Tensor>& a, const std::vector<Tensor>& b)
{
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!model::isFloat(a[i].type()))
            continue;
        const std::vector<double> x = a[i].toDouble();
        const std::vector<double> y = b[i].toDouble();
        for (std::size_t k = 0; k < std::min(x.size(), y.size()); ++k)
            largest = std::max(largest, std::abs(x[k] - y[k]));
    }
    return largest;
}

// The true label of each compared row; empty when nobody knows.
Result<QStringList> trueLabels(const QuantiseRequest& request, const QString& rows)
{
    if (!request.labels.isEmpty() && !isTable(request.labels)) {
        EMBER_TRY(const signal::NpyArray array, signal::readNpy(request.labels));
        EMBER_TRY(const Tensor values, tensorOf(array));
        return textsOf(values);
    }
    const QString path = request.labels.isEmpty() ? rows : request.labels;
    if (!isTable(path))
        return QStringList();
    const auto table = dataset::readTable(path, {request.labelColumn, {}});
    if (!table)
        return request.labels.isEmpty() ? Result<QStringList>(QStringList()) : table.error();
    QStringList texts;
    for (const qint32 label : table->labels)
        texts << table->classNames.value(label);
    return texts;
}

double accuracyOf(const QStringList& labels, const QStringList& truth)
{
    qint64 right = 0;
    for (qsizetype i = 0; i < labels.size(); ++i)
        right += labels[i] == truth[i] ? 1 : 0;
    return labels.isEmpty() ? 0.0 : static_cast<double>(right) / static_cast<double>(labels.size());
}

void countFlips(const QStringList& before, const QStringList& after, QuantiseOutcome& outcome)
{
    QMap<QString, QuantiseOutcome::ClassFlips> classes;
    for (qsizetype i = 0; i < std::min(before.size(), after.size()); ++i) {
        QuantiseOutcome::ClassFlips& one = classes[before[i]];
        one.name = before[i];
        ++one.rows;
        one.flips += before[i] != after[i] ? 1 : 0;
        outcome.labelFlips += before[i] != after[i] ? 1 : 0;
    }
    outcome.classes.assign(classes.begin(), classes.end());
}

} // namespace

Result<QuantiseOutcome> quantiseModel(const QuantiseRequest& request)
{
    EMBER_TRY(model::Model original, model::loadModel(request.model));
    EMBER_TRY(const std::vector<Tensor> rows, readAll(original, request.calibration, request.labelColumn));
    EMBER_TRY(model::QuantisedModel quantised, model::quantise(original, rows, request.options));
    EMBER_CHECK(model::saveModel(quantised.model, request.output));

    QuantiseOutcome outcome;
    outcome.values = std::move(quantised.values);
    outcome.calibrationRows = rows[0].shape()[0];
    outcome.bytesBefore = QFileInfo(request.model).size();
    outcome.bytesAfter = QFileInfo(request.output).size();
    const QStringList& compared = request.test.isEmpty() ? request.calibration : request.test;
    EMBER_TRY(const std::vector<Tensor> test, readAll(original, compared, request.labelColumn));
    EMBER_TRY(const model::Interpreter before, model::Interpreter::create(std::move(original)));
    // What lies on the disk is what counts.
    EMBER_TRY(model::Model stored, model::loadModel(request.output));
    EMBER_TRY(const model::Interpreter after, model::Interpreter::create(std::move(stored)));
    EMBER_TRY(const std::vector<Tensor> reals, model::runRows(before, test));
    EMBER_TRY(const std::vector<Tensor> integers, model::runRows(after, test));
    outcome.rows = test[0].shape()[0];
    outcome.maxAbsDiff = maxAbsDiff(reals, integers);
    const QStringList labelsBefore = labelsOf(reals);
    const QStringList labelsAfter = labelsOf(integers);
    countFlips(labelsBefore, labelsAfter, outcome);
    EMBER_TRY(const QStringList truth, trueLabels(request, compared.value(0)));
    if (truth.isEmpty())
        return outcome;
    if (truth.size() != labelsBefore.size())
        return Error(ErrorKind::Usage,
                     QStringLiteral("There are %1 labels for %2 rows.").arg(truth.size()).arg(labelsBefore.size()));
    outcome.accuracyBefore = accuracyOf(labelsBefore, truth);
    outcome.accuracyAfter = accuracyOf(labelsAfter, truth);
    return outcome;
}

QJsonObject quantiseToJson(const QuantiseOutcome& outcome)
{
    QJsonArray classes, layers;
    for (const QuantiseOutcome::ClassFlips& one : outcome.classes)
        classes.append(QJsonObject{{QStringLiteral("class"), one.name},
                                   {QStringLiteral("rows"), one.rows},
                                   {QStringLiteral("flips"), one.flips}});
    for (const model::QuantisedValue& value : outcome.values)
        layers.append(QJsonObject{{QStringLiteral("value"), value.name},
                                  {QStringLiteral("operation"), value.operation},
                                  {QStringLiteral("low"), static_cast<double>(value.range.low)},
                                  {QStringLiteral("high"), static_cast<double>(value.range.high)},
                                  {QStringLiteral("scale"), static_cast<double>(value.quantisation.scale())},
                                  {QStringLiteral("zero_point"), value.quantisation.zeroPoint()}});
    QJsonObject object{{QStringLiteral("max_abs_diff"), outcome.maxAbsDiff},
                       {QStringLiteral("label_flips"), outcome.labelFlips},
                       {QStringLiteral("bytes_before"), outcome.bytesBefore},
                       {QStringLiteral("bytes_after"), outcome.bytesAfter},
                       {QStringLiteral("calibration_rows"), outcome.calibrationRows},
                       {QStringLiteral("rows"), outcome.rows},
                       {QStringLiteral("per_class"), classes},
                       {QStringLiteral("layers"), layers}};
    if (outcome.accuracyBefore) {
        object.insert(QStringLiteral("accuracy_before"), *outcome.accuracyBefore);
        object.insert(QStringLiteral("accuracy_after"), *outcome.accuracyAfter);
    }
    return object;
}

} // namespace ember::workflow
