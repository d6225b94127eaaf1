// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_file.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_writer.h"
#include "core/workflow/model_run.h"
#include "tests/conformance/case.h"

#include <algorithm>
#include <cmath>

namespace ember::conformance {
namespace {

using model::Tensor;
using model::TensorType;

Outcome outcomeOf(const Error& error)
{
    return {error.kind == ErrorKind::Unsupported ? Verdict::Unsupported : Verdict::Failed, error.message};
}

Result<std::size_t> placeOf(const std::vector<model::ValueInfo>& ends, const QString& name, std::size_t position)
{
    for (std::size_t i = 0; i < ends.size(); ++i) {
        if (QString::fromStdString(ends[i].name) == name)
            return i;
    }
    if (position < ends.size())
        return position;
    return Error(ErrorKind::BadData, QStringLiteral("The model has no '%1'.").arg(name));
}

// Recorded texts of numbers and numbers of texts are the same label.
Tensor asText(const Tensor& value)
{
    std::vector<std::string> texts;
    for (const qint64 number : value.toInt64())
        texts.push_back(std::to_string(number));
    return Tensor::ofStrings(std::move(texts), value.shape());
}

// Converters of old wrote a batch of one row and one column whatever the model takes: what is recorded counts.
Result<model::Interpreter> relaxed(const model::Interpreter& interpreter, const std::vector<Tensor>& inputs)
{
    model::Model model = interpreter.model();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        model::Shape& shape = model.graph.inputs[i].shape;
        const bool columnsDiffer = shape.size() == 2 && inputs[i].rank() == 2 && shape[1] != inputs[i].shape()[1];
        if (shape.empty() || columnsDiffer)
            shape = inputs[i].shape();
    }
    return model::Interpreter::create(std::move(model));
}

Result<std::vector<Tensor>> computed(const model::Interpreter& interpreter, std::vector<Tensor> inputs,
                                     const Case& test)
{
    if (!test.rowByRow) {
        if (test.tolerance.ignoreShape) {
            EMBER_TRY(const model::Interpreter loose, relaxed(interpreter, inputs));
            return workflow::runInBatches(loose, std::move(inputs), test.rounding);
        }
        return workflow::runInBatches(interpreter, std::move(inputs), test.rounding);
    }
    model::Model one = interpreter.model();
    for (model::ValueInfo& input : one.graph.inputs) {
        if (!input.shape.empty())
            input.shape[0] = 1;
    }
    EMBER_TRY(const model::Interpreter single, model::Interpreter::create(std::move(one)));
    return workflow::runInBatches(single, std::move(inputs), test.rounding);
}

// scikit-learn's decision function from ONNX's scores: of two classes the second alone; of more the votes of the pairs
// and their sums of confidence, scaled so that the largest of all is a half (_ovr_decision_function before version
// 0.22).
std::vector<float> decisionFunction(const Tensor& scores, qint64 classes)
{
    const std::vector<double> from = scores.toDouble();
    const qint64 width = scores.shape()[1];
    std::vector<double> votes, sums;
    for (std::size_t row = 0; row < from.size(); row += static_cast<std::size_t>(width)) {
        if (classes == 1) {
            votes.push_back(from[row + 1]);
            sums.push_back(0);
            continue;
        }
        const std::size_t first = votes.size();
        votes.resize(first + static_cast<std::size_t>(classes), 0.0);
        sums.resize(votes.size(), 0.0);
        std::size_t pair = row;
        for (std::size_t i = first; i < votes.size(); ++i) {
            for (std::size_t j = i + 1; j < votes.size(); ++j, ++pair) {
                votes[from[pair] < 0 ? j : i] += 1;
                sums[i] += from[pair];
                sums[j] -= from[pair];
            }
        }
    }
    double largest = 0;
    for (const double sum : sums)
        largest = std::max(largest, std::abs(sum));
    std::vector<float> result;
    for (std::size_t i = 0; i < votes.size(); ++i)
        result.push_back(static_cast<float>(votes[i] + (largest > 0 ? sums[i] * 0.5 / largest : 0.0)));
    return result;
}

// Whether what is recorded is the decision function of a support vector machine or linear model without probabilities.
bool holdsAsDecision(const Tensor& scores, const Tensor& expected, const Tolerance& tolerance)
{
    if (!tolerance.ignoreShape || scores.rank() != 2 || expected.rank() < 1 || expected.rank() > 2)
        return false;
    const qint64 classes = expected.rank() == 1 ? 1 : expected.shape()[1];
    const qint64 width = scores.shape()[1];
    if (scores.shape()[0] != expected.shape()[0] || !(classes == 1 ? width == 2 : width == classes * (classes - 1) / 2))
        return false;
    return difference(Tensor::of(decisionFunction(scores, classes), expected.shape()), expected, tolerance).isEmpty();
}

Result<std::vector<Tensor>> inputsOf(const model::Graph& graph, const Sample& sample)
{
    std::vector<Tensor> inputs(graph.inputs.size());
    std::vector<bool> filled(inputs.size(), false);
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
        EMBER_TRY(const std::size_t place, placeOf(graph.inputs, sample.inputs[i].name, i));
        inputs[place] = sample.inputs[i].value;
        filled[place] = true;
    }
    if (std::find(filled.begin(), filled.end(), false) != filled.end())
        return Error(ErrorKind::BadData,
                     QStringLiteral("only %1 of %2 inputs are recorded").arg(sample.inputs.size()).arg(inputs.size()));
    return inputs;
}

QString runSample(const model::Interpreter& interpreter, const Case& test, const Sample& sample, Outcome& outcome)
{
    const model::Graph& graph = interpreter.model().graph;
    auto inputs = inputsOf(graph, sample);
    if (!inputs)
        return inputs.error().message;
    auto results = computed(interpreter, std::move(*inputs), test);
    if (!results) {
        outcome = outcomeOf(results.error());
        return results.error().toString();
    }
    for (std::size_t i = 0; i < sample.outputs.size(); ++i) {
        const auto place = placeOf(graph.outputs, sample.outputs[i].name, sample.firstOutput + i);
        if (!place)
            return place.error().message;
        const QString what = difference((*results)[*place], sample.outputs[i].value, test.tolerance);
        if (!what.isEmpty() && !holdsAsDecision((*results)[*place], sample.outputs[i].value, test.tolerance))
            return QStringLiteral("output %1: %2").arg(i).arg(what);
    }
    return {};
}

} // namespace

QString difference(const Tensor& computed, const Tensor& expected, const Tolerance& tolerance)
{
    if (computed.type() == TensorType::String && expected.type() != TensorType::String &&
        !model::isFloat(expected.type()))
        return difference(computed, asText(expected), tolerance);
    if (computed.size() != expected.size() || (!tolerance.ignoreShape && computed.shape() != expected.shape()))
        return QStringLiteral("shape %1 instead of %2")
            .arg(model::shapeText(computed.shape()), model::shapeText(expected.shape()));
    if (!tolerance.ignoreShape && computed.type() != expected.type())
        return QStringLiteral("%1 instead of %2")
            .arg(model::tensorTypeName(computed.type()), model::tensorTypeName(expected.type()));
    if (computed.type() == TensorType::String || expected.type() == TensorType::String)
        return computed.strings() == expected.strings()
                   ? QString()
                   : QStringLiteral("other texts: '%1' instead of '%2'")
                         .arg(QString::fromStdString(computed.strings().empty() ? "" : computed.strings()[0]),
                              QString::fromStdString(expected.strings().empty() ? "" : expected.strings()[0]));
    const std::vector<double> a = computed.toDouble();
    const std::vector<double> b = expected.toDouble();
    const bool exact = !model::isFloat(computed.type());
    std::size_t wrong = 0;
    QString first;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool bothNaN = std::isnan(a[i]) && std::isnan(b[i]);
        const double allowed = exact ? 0.0 : tolerance.absolute + tolerance.relative * std::abs(b[i]);
        if (bothNaN || a[i] == b[i] || std::abs(a[i] - b[i]) <= allowed)
            continue;
        if (wrong++ == 0)
            first = QStringLiteral("element %1 is %2 instead of %3").arg(i).arg(a[i], 0, 'g', 9).arg(b[i], 0, 'g', 9);
    }
    return wrong == 0 ? QString() : QStringLiteral("%1 (%2 of %3 differ)").arg(first).arg(wrong).arg(a.size());
}

Outcome runCase(const Case& test)
{
    auto loaded = model::loadModel(test.model);
    if (!loaded)
        return outcomeOf(loaded.error());
    const auto interpreter = model::Interpreter::create(std::move(*loaded));
    if (!interpreter)
        return outcomeOf(interpreter.error());
    const auto samples = test.samples();
    if (!samples)
        return outcomeOf(samples.error());
    if (samples->empty())
        return {Verdict::Failed, QStringLiteral("no recorded run")};
    for (const Sample& sample : *samples) {
        Outcome outcome{Verdict::Failed, {}};
        const QString what = runSample(*interpreter, test, sample, outcome);
        if (!what.isEmpty())
            return {outcome.verdict, what};
    }
    return {};
}

namespace {

bool areSame(const Tensor& a, const Tensor& b)
{
    return a.type() == b.type() && a.shape() == b.shape() && a.strings() == b.strings() &&
           std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

QString compareRuns(const model::Interpreter& first, const model::Interpreter& second, const Case& test)
{
    const auto samples = test.samples();
    if (!samples)
        return samples.error().message;
    for (const Sample& sample : *samples) {
        const auto inputs = inputsOf(first.model().graph, sample);
        if (!inputs)
            return inputs.error().message;
        const auto before = computed(first, *inputs, test);
        const auto after = computed(second, *inputs, test);
        if (before.has_value() != after.has_value())
            return (before ? after.error() : before.error()).toString();
        for (std::size_t i = 0; before && i < before->size(); ++i) {
            if (!areSame((*before)[i], (*after)[i]))
                return QStringLiteral("output %1 differs: %2").arg(i).arg(difference((*after)[i], (*before)[i], {}));
        }
    }
    return {};
}

} // namespace

Outcome runWritten(const Case& test)
{
    auto loaded = model::loadModel(test.model);
    if (!loaded)
        return outcomeOf(loaded.error());
    const auto bytes = model::writeOnnx(*loaded);
    if (!bytes)
        return outcomeOf(bytes.error());
    auto again = model::readOnnx(*bytes);
    if (!again)
        return {Verdict::Failed, again.error().toString()};
    const auto rewritten = model::writeOnnx(*again);
    if (!rewritten)
        return {Verdict::Failed, rewritten.error().toString()};
    const auto first = model::Interpreter::create(std::move(*loaded));
    const auto second = model::Interpreter::create(std::move(*again));
    if (!first || !second)
        return outcomeOf(first ? second.error() : first.error());
    const QString what = compareRuns(*first, *second, test);
    return what.isEmpty() ? Outcome() : Outcome{Verdict::Failed, what};
}

} // namespace ember::conformance
