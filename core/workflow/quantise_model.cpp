// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/quantise_model.h"

#include "core/dataset/table.h"
#include "core/model/feature_codes.h"
#include "core/model/interpreter.h"
#include "core/model/model_file.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/signal/npy.h"
#include "core/workflow/generated_winners.h"
#include "core/workflow/model_ref.h"
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

// The first output of scores for several classes; null without one.
const Tensor* classScoresOf(const std::vector<Tensor>& outputs)
{
    for (const Tensor& output : outputs) {
        if (model::isFloat(output.type()) && output.rank() >= 2 && output.shape().back() > 1)
            return &output;
    }
    return nullptr;
}

struct ComputedRows
{
    std::vector<Tensor> outputs;
    QStringList labels;
};

// By the class that the model gave before: which labels changed, and how far the score of the winner moved.
void compareClasses(const ComputedRows& before, const ComputedRows& after, QuantiseOutcome& outcome)
{
    const Tensor* scores = classScoresOf(before.outputs);
    const Tensor* moved = classScoresOf(after.outputs);
    const std::vector<double> x = scores ? scores->toDouble() : std::vector<double>();
    const std::vector<double> y = moved ? moved->toDouble() : std::vector<double>();
    const std::size_t width = scores ? static_cast<std::size_t>(scores->shape().back()) : 0;
    QMap<QString, QuantiseOutcome::ClassFlips> classes;
    for (qsizetype i = 0; i < std::min(before.labels.size(), after.labels.size()); ++i) {
        const bool flips = before.labels[i] != after.labels[i];
        QuantiseOutcome::ClassFlips& one = classes[before.labels[i]];
        one.name = before.labels[i];
        ++one.rows;
        one.flips += flips ? 1 : 0;
        outcome.labelFlips += flips ? 1 : 0;
        const std::size_t first = static_cast<std::size_t>(i) * width;
        if (width == 0 || first + width > std::min(x.size(), y.size()))
            continue;
        const auto row = x.begin() + static_cast<std::ptrdiff_t>(first);
        const auto winner =
            first + static_cast<std::size_t>(std::max_element(row, row + static_cast<std::ptrdiff_t>(width)) - row);
        const double change = std::abs(x[winner] - y[winner]);
        one.scoreChange += change;
        one.largestScoreChange = std::max(one.largestScoreChange, change);
    }
    for (QuantiseOutcome::ClassFlips& one : classes)
        one.scoreChange /= static_cast<double>(one.rows);
    outcome.classes.assign(classes.begin(), classes.end());
}

// Rows for the calibration, and those to compare on by their places in the file.
struct RowSplit
{
    std::vector<Tensor> calibration;
    std::vector<Tensor> test;
    std::vector<qint64> kept; ///< places of the compared rows in the calibration file; empty: another file
    bool heldOut = true;
};

// Every fifth row is kept from the calibration where there are enough, and the model takes rows one by one.
RowSplit holdOut(std::vector<Tensor> rows, const model::Graph& graph)
{
    constexpr qint64 kFewRows = 20;
    constexpr qint64 kEvery = 5;
    const qint64 all = rows[0].rank() == 0 ? 0 : rows[0].shape()[0];
    const qint64 batch = graph.inputs[0].shape.empty() ? 1 : graph.inputs[0].shape[0];
    const bool sameRows = std::all_of(
        rows.begin(), rows.end(), [all](const Tensor& input) { return input.rank() > 0 && input.shape()[0] == all; });
    if (all < kFewRows || batch > 1 || !sameRows)
        return {rows, rows, {}, false};
    RowSplit split;
    std::vector<qint64> used;
    for (qint64 i = 0; i < all; ++i)
        (i % kEvery == kEvery - 1 ? split.kept : used).push_back(i);
    for (const Tensor& input : rows) {
        split.calibration.push_back(model::pickRows(input, used));
        split.test.push_back(model::pickRows(input, split.kept));
    }
    return split;
}

Result<RowSplit> splitOf(const model::Model& original, const QuantiseRequest& request)
{
    EMBER_TRY(std::vector<Tensor> rows, readAll(original, request.calibration, request.labelColumn));
    if (request.test.isEmpty())
        return holdOut(std::move(rows), original.graph);
    EMBER_TRY(std::vector<Tensor> test, readAll(original, request.test, request.labelColumn));
    return RowSplit{std::move(rows), std::move(test), {}, request.test != request.calibration};
}

Result<ComputedRows> runOn(model::Model model, const std::vector<Tensor>& rows)
{
    EMBER_TRY(const model::Interpreter interpreter, model::Interpreter::create(std::move(model)));
    ComputedRows run;
    EMBER_TRY(run.outputs, model::runRows(interpreter, rows));
    run.labels = labelsOf(run.outputs);
    return run;
}

/// The integers of generated code have bounds that the graph's numbers have not: a weight far beyond all others is cut.
/// Rows whose winner changes there get the label of the class that wins, whatever the graph says.
Status compareGenerated(const model::Model& original, const model::Model& coded, const Tensor& rows,
                        const ComputedRows& before, ComputedRows& after, QuantiseOutcome& outcome)
{
    EMBER_TRY(const auto first, generatedWinners(original, rows));
    EMBER_TRY(const auto then, generatedWinners(coded, rows));
    if (!first || !then || first->winners.size() != then->winners.size() ||
        static_cast<qsizetype>(first->winners.size()) != before.labels.size())
        return {};
    // Labels of a graph without names are numbers.
    const bool named = std::all_of(before.labels.begin(), before.labels.end(),
                                   [&](const QString& label) { return then->classNames.contains(label); });
    outcome.generatedFlips = 0;
    for (std::size_t i = 0; i < then->winners.size(); ++i) {
        if (then->winners[i] == first->winners[i])
            continue;
        ++*outcome.generatedFlips;
        after.labels[static_cast<qsizetype>(i)] =
            named ? then->classNames.value(then->winners[i]) : QString::number(then->winners[i]);
    }
    return {};
}

Status compareWithTruth(const QuantiseRequest& request, const RowSplit& split, const ComputedRows& before,
                        const ComputedRows& after, QuantiseOutcome& outcome)
{
    EMBER_TRY(QStringList truth,
              trueLabels(request, (request.test.isEmpty() ? request.calibration : request.test).value(0)));
    if (truth.isEmpty())
        return {};
    // Labels of all rows of the calibration file, or of the compared ones alone.
    if (!split.kept.empty() && truth.size() > split.kept.back()) {
        QStringList some;
        for (const qint64 place : split.kept)
            some << truth[place];
        truth = some;
    }
    if (truth.size() != before.labels.size())
        return Error(ErrorKind::Usage,
                     QStringLiteral("There are %1 labels for %2 rows.").arg(truth.size()).arg(before.labels.size()));
    outcome.accuracyBefore = accuracyOf(before.labels, truth);
    outcome.accuracyAfter = accuracyOf(after.labels, truth);
    return {};
}

Status checkFlips(const QuantiseRequest& request, const QuantiseOutcome& outcome)
{
    const double percent =
        outcome.rows == 0 ? 0 : 100.0 * static_cast<double>(outcome.labelFlips) / static_cast<double>(outcome.rows);
    if (!request.maxFlipPercent || percent <= *request.maxFlipPercent)
        return {};
    return Error(ErrorKind::Gate,
                 QStringLiteral("%1 of %2 labels change (%3 %), more than the %4 % allowed; nothing was written.")
                     .arg(outcome.labelFlips)
                     .arg(outcome.rows)
                     .arg(percent, 0, 'f', 2)
                     .arg(*request.maxFlipPercent),
                 outcome.codes ? QStringLiteral("Try '--features int16', or leave the features as they are.")
                               : QStringLiteral("Try '--activations int16', '--bias-correction' or another "
                                                "'--method'; more calibration rows help too."));
}

bool hasTrees(const model::Model& model)
{
    return std::any_of(model.graph.nodes.begin(), model.graph.nodes.end(), [](const model::Node& node) {
        return std::holds_alternative<model::TreeEnsemble>(node.operation);
    });
}

/// The share of each feature's values that its codes cut off. Those of trees lie beyond all their thresholds.
std::vector<double> sharesBeyond(const Tensor& rows, const std::vector<model::ValueRange>& ranges)
{
    const std::vector<float> values = rows.toFloat();
    std::vector<qint64> beyond(ranges.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t f = i % ranges.size();
        beyond[f] += values[i] < ranges[f].low || values[i] > ranges[f].high ? 1 : 0;
    }
    std::vector<double> shares;
    for (const qint64 count : beyond)
        shares.push_back(static_cast<double>(count) / static_cast<double>(rows.shape()[0]));
    return shares;
}

Result<model::Model> quantiseFeatures(const model::Model& original, const RowSplit& split, model::TensorType type,
                                      QuantiseOutcome& outcome)
{
    EMBER_TRY(model::CodedModel coded, model::codeFeatures(original, split.calibration[0], type));
    outcome.codes = true;
    outcome.thresholds = coded.thresholds;
    outcome.mergedThresholds = coded.mergedThresholds;
    outcome.movedPoints = coded.movedPoints;
    const std::vector<double> beyond = sharesBeyond(split.test[0], coded.ranges);
    for (std::size_t f = 0; f < coded.codes.size(); ++f) {
        const QString name = original.featureNames.size() == static_cast<qsizetype>(coded.codes.size())
                                 ? original.featureNames[static_cast<qsizetype>(f)]
                                 : QStringLiteral("feature %1").arg(f);
        outcome.values.push_back({name, QStringLiteral("feature"), coded.ranges[f], {{coded.codes.scales[f]}, {0}, 0}});
        outcome.outside[name.toStdString()] = beyond[f];
    }
    coded.model.properties.insert(QLatin1String(model::kQuantisationKey),
                                  QStringLiteral("features in %1").arg(model::tensorTypeName(type)));
    return std::move(coded.model);
}

Result<model::Model> quantiseLayers(const model::Model& original, const RowSplit& split,
                                    const model::QuantiseOptions& options, QuantiseOutcome& outcome)
{
    EMBER_TRY(model::QuantisedModel quantised, model::quantise(original, split.calibration, options));
    outcome.equalisedPairs = quantised.equalisedPairs;
    outcome.values = std::move(quantised.values);
    EMBER_TRY(outcome.outside, model::shareOutside(quantised.reals, quantised.ranges, split.test));
    return std::move(quantised.model);
}

/// What is said about layers would be passed over where features become whole numbers.
Status checkOptions(const model::QuantiseOptions& options)
{
    if (!options.equalise && !options.correctBias && options.width == model::ActivationWidth::Int8 &&
        options.calibration.method == model::RangeMethod::MinMax)
        return {};
    return Error(
        ErrorKind::Usage,
        QStringLiteral("'--activations', '--method', '--equalise' and '--bias-correction' are for layers; here "
                       "features become whole numbers."),
        QStringLiteral("Leave them out; '--features int8' or int16 says how many bits the features have."));
}

/// Bytes of the model as a file; those of a project's model are written for it.
Result<qint64> sizeOf(const ReferredModel& referred, const QString& path)
{
    if (referred.projectPath.isEmpty())
        return QFileInfo(path).size();
    EMBER_TRY(const QByteArray bytes, model::writeOnnx(referred.model));
    return bytes.size();
}

} // namespace

Result<QuantiseOutcome> quantiseModel(const QuantiseRequest& request)
{
    EMBER_TRY(ReferredModel referred, loadModelRef(request.model));
    QuantiseOutcome outcome;
    EMBER_TRY(outcome.bytesBefore, sizeOf(referred, request.model));
    const model::Model& original = referred.model;
    EMBER_TRY(const RowSplit split, splitOf(original, request));
    const auto features = !request.features && hasTrees(original) ? std::optional(TensorType::Int16) : request.features;
    if (features)
        EMBER_CHECK(checkOptions(request.options));
    EMBER_TRY(const model::Model quantised, features ? quantiseFeatures(original, split, *features, outcome)
                                                     : quantiseLayers(original, split, request.options, outcome));
    outcome.calibrationRows = split.calibration[0].shape()[0];
    outcome.rows = split.test[0].shape()[0];
    outcome.heldOut = split.heldOut;
    EMBER_TRY(const ComputedRows before, runOn(original, split.test));
    // What lies on the disk is what counts.
    EMBER_TRY(const QByteArray bytes, model::writeOnnx(quantised));
    EMBER_TRY(const model::Model stored, model::readOnnx(bytes));
    EMBER_TRY(ComputedRows after, runOn(stored, split.test));
    // Networks compute the same integers in the graph already.
    if (features)
        EMBER_CHECK(compareGenerated(original, stored, split.test[0], before, after, outcome));
    outcome.maxAbsDiff = maxAbsDiff(before.outputs, after.outputs);
    compareClasses(before, after, outcome);
    EMBER_CHECK(checkFlips(request, outcome));
    EMBER_CHECK(compareWithTruth(request, split, before, after, outcome));
    EMBER_CHECK(model::saveModel(quantised, request.output));
    outcome.bytesAfter = QFileInfo(request.output).size();
    return outcome;
}

QJsonObject quantiseToJson(const QuantiseOutcome& outcome)
{
    QJsonArray classes, layers;
    for (const QuantiseOutcome::ClassFlips& one : outcome.classes)
        classes.append(QJsonObject{{QStringLiteral("class"), one.name},
                                   {QStringLiteral("rows"), one.rows},
                                   {QStringLiteral("flips"), one.flips},
                                   {QStringLiteral("score_change"), one.scoreChange},
                                   {QStringLiteral("score_change_max"), one.largestScoreChange}});
    for (const model::QuantisedValue& value : outcome.values)
        layers.append(QJsonObject{{QStringLiteral("value"), value.name},
                                  {QStringLiteral("operation"), value.operation},
                                  {QStringLiteral("low"), static_cast<double>(value.range.low)},
                                  {QStringLiteral("high"), static_cast<double>(value.range.high)},
                                  {QStringLiteral("scale"), static_cast<double>(value.quantisation.scale())},
                                  {QStringLiteral("zero_point"), value.quantisation.zeroPoint()},
                                  {QStringLiteral("outside"), outcome.outside.at(value.name.toStdString())}});
    QJsonObject object{{QStringLiteral("max_abs_diff"), outcome.maxAbsDiff},
                       {QStringLiteral("label_flips"), outcome.labelFlips},
                       {QStringLiteral("bytes_before"), outcome.bytesBefore},
                       {QStringLiteral("bytes_after"), outcome.bytesAfter},
                       {QStringLiteral("calibration_rows"), outcome.calibrationRows},
                       {QStringLiteral("rows"), outcome.rows},
                       {QStringLiteral("held_out"), outcome.heldOut},
                       {QStringLiteral("equalised_pairs"), outcome.equalisedPairs},
                       {QStringLiteral("thresholds"), outcome.thresholds},
                       {QStringLiteral("merged_thresholds"), outcome.mergedThresholds},
                       {QStringLiteral("moved_points"), outcome.movedPoints},
                       {QStringLiteral("per_class"), classes},
                       {QStringLiteral("layers"), layers}};
    if (outcome.generatedFlips)
        object.insert(QStringLiteral("generated_flips"), *outcome.generatedFlips);
    if (outcome.accuracyBefore) {
        object.insert(QStringLiteral("accuracy_before"), *outcome.accuracyBefore);
        object.insert(QStringLiteral("accuracy_after"), *outcome.accuracyAfter);
    }
    return object;
}

} // namespace ember::workflow
