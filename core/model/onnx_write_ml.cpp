// SPDX-License-Identifier: GPL-3.0-or-later
// Classic models and encoders as operators of ai.onnx.ml.
#include "core/model/onnx_write.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ember::model::detail {
namespace {

/// The classes of a classifier, and the value that names the winner.
struct Labels
{
    std::vector<std::string> texts;
    std::vector<qint64> numbers;
    std::string output;
};

// A classifier of the graph makes the index of the winner. When all that reads it picks from a list of labels, the list
// goes into the operator, as other exporters have it, and its node is not needed.
Labels labelsOf(const OnnxNodeWriter& to, qint64 classes)
{
    Labels labels;
    labels.numbers.resize(static_cast<std::size_t>(classes));
    std::iota(labels.numbers.begin(), labels.numbers.end(), 0);
    labels.output = to.out(0);
    const std::vector<int> readers = to.file.readers(to.node.outputs[0]);
    if (readers.size() != 1 || readers[0] < 0)
        return labels;
    const Node& reader = to.file.graph().nodes[static_cast<std::size_t>(readers[0])];
    const auto* gather = std::get_if<Gather>(&reader.operation);
    if (!gather || gather->axis != 0 || reader.inputs.size() != 2 || reader.inputs[1] != to.node.outputs[0])
        return labels;
    const Constant* list = to.file.constant(reader.inputs[0]);
    const bool fits = list && list->value.rank() == 1 && list->value.size() == classes &&
                      (list->value.type() == TensorType::String || list->value.type() == TensorType::Int64);
    if (!fits)
        return labels;
    if (list->value.type() == TensorType::String) {
        labels.texts = list->value.strings();
        labels.numbers.clear();
    } else {
        labels.numbers = list->value.toInt64();
    }
    labels.output = reader.outputs[0];
    to.file.skip(readers[0]);
    return labels;
}

void writeLabels(AttributeWriter& attributes, const Labels& labels, const char* numbersName)
{
    if (labels.texts.empty())
        attributes.ints(numbersName, labels.numbers);
    else
        attributes.strings("classlabels_strings", labels.texts);
}

std::vector<std::string> classifierOutputs(const OnnxNodeWriter& to, const Labels& labels)
{
    std::vector<std::string> names{labels.output};
    if (to.hasOut(1))
        names.push_back(to.out(1));
    return names;
}

std::string kernelName(KernelKind kind)
{
    switch (kind) {
    case KernelKind::Linear:
        return "LINEAR";
    case KernelKind::Polynomial:
        return "POLY";
    case KernelKind::Rbf:
        return "RBF";
    case KernelKind::Sigmoid:
        return "SIGMOID";
    }
    return "LINEAR";
}

} // namespace

Status write(const TreeEnsemble& op, const OnnxNodeWriter& to)
{
    if (op.classifier && op.aggregate != Aggregate::Sum)
        return noForm(QStringLiteral("classifiers of trees can only sum their leaves"));
    if (!op.classifier) {
        to.add("TreeEnsembleRegressor", to.inputs(1), to.outputs());
        writeEnsemble(op, {}, {}, to.file.lastNode());
        return {};
    }
    const Labels labels = labelsOf(to, op.targets);
    to.add("TreeEnsembleClassifier", to.inputs(1), classifierOutputs(to, labels));
    writeEnsemble(op, labels.texts, labels.numbers, to.file.lastNode());
    return {};
}

Status write(const LinearModel& op, const OnnxNodeWriter& to)
{
    const std::string transform = textFor(kPostTransforms, op.transform);
    // Readers count the targets by the intercepts.
    std::vector<float> intercepts = op.intercepts;
    intercepts.resize(static_cast<std::size_t>(op.targets), 0.0f);
    if (!op.classifier) {
        to.add("LinearRegressor", to.inputs(1), to.outputs(), kMlDomain)
            .floats("coefficients", op.coefficients)
            .floats("intercepts", intercepts)
            .text("post_transform", transform)
            .integer("targets", op.targets);
        return {};
    }
    const Labels labels = labelsOf(to, op.classes);
    AttributeWriter attributes = to.add("LinearClassifier", to.inputs(1), classifierOutputs(to, labels), kMlDomain);
    writeLabels(attributes, labels, "classlabels_ints");
    attributes.floats("coefficients", op.coefficients).floats("intercepts", intercepts);
    attributes.integer("multi_class", op.classes > 2 ? 1 : 0).text("post_transform", transform);
    return {};
}

Status write(const SvmModel& op, const OnnxNodeWriter& to)
{
    const std::string transform = textFor(kPostTransforms, op.transform);
    const std::vector<float> kernel{op.gamma, op.coef0, op.degree};
    if (!op.classifier) {
        const qint64 supports =
            op.features > 0 ? static_cast<qint64>(op.vectors.size()) / op.features : static_cast<qint64>(0);
        to.add("SVMRegressor", to.inputs(1), to.outputs(), kMlDomain)
            .floats("coefficients", op.coefficients)
            .floats("kernel_params", kernel)
            .text("kernel_type", kernelName(op.kernel))
            .integer("n_supports", supports)
            .integer("one_class", op.oneClass ? 1 : 0)
            .text("post_transform", transform)
            .floats("rho", op.rho)
            .floats("support_vectors", op.vectors);
        return {};
    }
    const Labels labels = labelsOf(to, op.classes);
    AttributeWriter attributes = to.add("SVMClassifier", to.inputs(1), classifierOutputs(to, labels), kMlDomain);
    writeLabels(attributes, labels, "classlabels_ints");
    attributes.floats("coefficients", op.coefficients)
        .floats("kernel_params", kernel)
        .text("kernel_type", kernelName(op.kernel))
        .text("post_transform", transform);
    if (!op.probA.empty())
        attributes.floats("prob_a", op.probA).floats("prob_b", op.probB);
    attributes.floats("rho", op.rho);
    if (!op.vectors.empty())
        attributes.floats("support_vectors", op.vectors).ints("vectors_per_class", op.vectorsPerClass);
    return {};
}

Status write(const Imputer& op, const OnnxNodeWriter& to)
{
    const auto type = to.type(0);
    if (!type || *type == TensorType::Float64)
        return noForm(QStringLiteral("missing values of %1")
                          .arg(type ? tensorTypeName(*type) : QStringLiteral("an unknown type")));
    AttributeWriter attributes = to.add("Imputer", to.inputs(1), to.outputs(), kMlDomain);
    if (isFloat(*type)) {
        attributes.floats("imputed_value_floats", std::vector<float>(op.values.begin(), op.values.end()));
        attributes.real("replaced_value_float",
                        op.replaceNaN ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(op.replaced));
    } else {
        attributes.ints("imputed_value_int64s", std::vector<qint64>(op.values.begin(), op.values.end()));
        attributes.integer("replaced_value_int64", static_cast<qint64>(op.replaced));
    }
    return {};
}

namespace {

bool areWhole(const std::vector<double>& values)
{
    return std::all_of(values.begin(), values.end(),
                       [](double v) { return std::nearbyint(v) == v && std::abs(v) < 9e15; });
}

// Keys are whole numbers or reals as they are; values have a type.
void writeSide(AttributeWriter& attributes, const char* texts, const char* wholes, const char* reals, bool text,
               bool whole, const std::vector<std::string>& strings, const std::vector<double>& numbers)
{
    if (text)
        attributes.strings(texts, strings);
    else if (whole)
        attributes.ints(wholes, std::vector<qint64>(numbers.begin(), numbers.end()));
    else
        attributes.floats(reals, std::vector<float>(numbers.begin(), numbers.end()));
}

bool fitFloats(const std::vector<double>& values)
{
    return std::all_of(values.begin(), values.end(),
                       [](double v) { return std::isnan(v) || static_cast<double>(static_cast<float>(v)) == v; });
}

} // namespace

Status write(const LabelEncoder& op, const OnnxNodeWriter& to)
{
    const bool wholeKeys = areWhole(op.keyNumbers) && to.type(0) != TensorType::Float32;
    const bool wholeValues = op.valueType == TensorType::Int64;
    const bool typed = op.textValues || wholeValues || op.valueType == TensorType::Float32;
    if (!typed || (!wholeKeys && !fitFloats(op.keyNumbers)))
        return noForm(QStringLiteral("a label encoder of numbers that are neither int64 nor float32"));
    AttributeWriter attributes = to.add("LabelEncoder", to.inputs(1), to.outputs(), kMlDomain);
    if (!op.textValues && !wholeValues)
        attributes.real("default_float", static_cast<float>(op.defaultNumber));
    else if (!op.textValues)
        attributes.integer("default_int64", static_cast<qint64>(op.defaultNumber));
    else
        attributes.text("default_string", op.defaultText);
    writeSide(attributes, "keys_strings", "keys_int64s", "keys_floats", op.textKeys, wholeKeys, op.keyTexts,
              op.keyNumbers);
    writeSide(attributes, "values_strings", "values_int64s", "values_floats", op.textValues, wholeValues, op.valueTexts,
              op.valueNumbers);
    return {};
}

Status write(const CategoryOneHot& op, const OnnxNodeWriter& to)
{
    AttributeWriter attributes = to.add("OneHotEncoder", to.inputs(1), to.outputs(), kMlDomain);
    if (op.texts.empty())
        attributes.ints("cats_int64s", op.numbers);
    else
        attributes.strings("cats_strings", op.texts);
    attributes.integer("zeros", op.zeros ? 1 : 0);
    return {};
}

} // namespace ember::model::detail
