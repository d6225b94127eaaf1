// SPDX-License-Identifier: GPL-3.0-or-later
// Operators of ai.onnx.ml beside trees.
#include "core/model/onnx_ops.h"
#include "core/model/onnx_tensor.h"
#include "core/model/onnx_trees.h"

#include <algorithm>
#include <cmath>

namespace ember::model::detail {
namespace {

std::vector<float> floatsOf(const OnnxOperator& op, const char* name)
{
    const auto list = op.attributes.floats(name);
    return {list.begin(), list.end()};
}

Result<PostTransform> transformOf(const OnnxOperator& op)
{
    const std::string text = op.attributes.text("post_transform", "NONE");
    const auto found = valueFor(kPostTransforms, text);
    if (!found)
        return damaged(QStringLiteral("the transform '%1'").arg(QString::fromStdString(text).left(40)));
    return *found;
}

// The labels of a classifier's classes, as numbers or as text; the integers have two names in the standard.
Result<Tensor> labelsOf(const OnnxOperator& op)
{
    std::vector<std::string> texts = op.attributes.strings("classlabels_strings");
    const auto count = static_cast<qint64>(texts.size());
    if (count > 0)
        return Tensor::ofStrings(std::move(texts), {count});
    std::vector<qint64> numbers = op.list("classlabels_ints");
    if (numbers.empty())
        numbers = op.list("classlabels_int64s");
    if (numbers.empty())
        return damaged(QStringLiteral("a classifier without classes"));
    return Tensor::of(numbers, {static_cast<qint64>(numbers.size())});
}

// A classifier makes the index of the winner; what the file wants is its label.
Status classifier(const OnnxOperator& op, Operation operation, Tensor labels)
{
    const std::string index = op.out(0) + "/index";
    op.add(std::move(operation), op.inputs(1), {index, op.out(1)});
    if (!op.out(0).empty())
        op.add(Gather{0}, {op.constant("labels", std::move(labels)), index}, {op.out(0)});
    return {};
}

Status linearClassifier(const OnnxOperator& op)
{
    EMBER_TRY(Tensor labels, labelsOf(op));
    LinearModel model;
    model.classifier = true;
    model.classes = labels.size();
    model.coefficients = floatsOf(op, "coefficients");
    model.intercepts = floatsOf(op, "intercepts");
    model.targets = model.intercepts.empty() ? model.classes : static_cast<qint64>(model.intercepts.size());
    EMBER_TRY(model.transform, transformOf(op));
    return classifier(op, std::move(model), std::move(labels));
}

Status linearRegressor(const OnnxOperator& op)
{
    LinearModel model;
    model.targets = op.integer("targets", 1);
    model.coefficients = floatsOf(op, "coefficients");
    model.intercepts = floatsOf(op, "intercepts");
    EMBER_TRY(model.transform, transformOf(op));
    return op.node(std::move(model), op.inputs(1));
}

Status readKernel(const OnnxOperator& op, SvmModel& model)
{
    static const std::map<std::string, KernelKind> kKinds = {{"LINEAR", KernelKind::Linear},
                                                             {"POLY", KernelKind::Polynomial},
                                                             {"RBF", KernelKind::Rbf},
                                                             {"SIGMOID", KernelKind::Sigmoid}};
    const auto kind = kKinds.find(op.attributes.text("kernel_type", "LINEAR"));
    if (kind == kKinds.end())
        return damaged(QStringLiteral("an unknown kernel"));
    model.kernel = kind->second;
    const std::vector<float> parameters = floatsOf(op, "kernel_params");
    if (parameters.size() == 3) {
        model.gamma = parameters[0];
        model.coef0 = parameters[1];
        model.degree = parameters[2];
    }
    model.vectors = floatsOf(op, "support_vectors");
    model.coefficients = floatsOf(op, "coefficients");
    model.rho = floatsOf(op, "rho");
    EMBER_TRY(model.transform, transformOf(op));
    return {};
}

Status svmClassifier(const OnnxOperator& op)
{
    EMBER_TRY(Tensor labels, labelsOf(op));
    SvmModel model;
    model.classifier = true;
    model.classes = labels.size();
    EMBER_CHECK(readKernel(op, model));
    model.probA = floatsOf(op, "prob_a");
    model.probB = floatsOf(op, "prob_b");
    model.vectorsPerClass = op.list("vectors_per_class");
    qint64 vectors = 0;
    for (const qint64 count : model.vectorsPerClass)
        vectors += std::clamp<qint64>(count, 0, kMaxTensorElements);
    model.features = vectors > 0 ? static_cast<qint64>(model.vectors.size()) / vectors
                                 : static_cast<qint64>(model.coefficients.size()) / model.classes;
    return classifier(op, std::move(model), std::move(labels));
}

Status svmRegressor(const OnnxOperator& op)
{
    SvmModel model;
    EMBER_CHECK(readKernel(op, model));
    model.oneClass = op.flag("one_class");
    const std::int64_t vectors = op.integer("n_supports", 0);
    if (vectors < 0)
        return damaged(QStringLiteral("%1 support vectors").arg(vectors));
    model.features = vectors > 0 ? static_cast<qint64>(model.vectors.size()) / vectors
                                 : static_cast<qint64>(model.coefficients.size());
    if (vectors == 0)
        model.vectors.clear();
    return op.node(std::move(model), op.inputs(1));
}

std::string asFloat(const OnnxOperator& op, std::size_t input, const char* what)
{
    return op.step(what, Cast{TensorType::Float32}, {op.in(input)});
}

Status scaler(const OnnxOperator& op)
{
    const std::vector<float> offset = floatsOf(op, "offset");
    const std::vector<float> scale = floatsOf(op, "scale");
    const auto vector = [](const std::vector<float>& values) {
        return Tensor::of(values, {static_cast<qint64>(values.size())});
    };
    std::string x = asFloat(op, 0, "float");
    if (!offset.empty())
        x = op.step("centred", Binary{BinaryKind::Subtract, Activation::None},
                    {x, op.constant("offset", vector(offset))});
    return op.node(Binary{BinaryKind::Multiply, Activation::None},
                   {x, op.constant("scale", vector(scale.empty() ? std::vector<float>{1.0f} : scale))});
}

Status normalizer(const OnnxOperator& op)
{
    const std::string norm = op.attributes.text("norm", "MAX");
    const NormKind kind = norm == "L1" ? NormKind::L1 : (norm == "L2" ? NormKind::L2 : NormKind::Maximum);
    return op.node(NormScale{kind, -1}, {asFloat(op, 0, "float")});
}

Status binarizer(const OnnxOperator& op)
{
    const std::string above = op.step("above", Binary{BinaryKind::Greater, Activation::None},
                                      {asFloat(op, 0, "float"), op.real("threshold", op.number("threshold", 0))});
    return op.node(Cast{TensorType::Float32}, {above});
}

Status featureVectorizer(const OnnxOperator& op)
{
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < op.inputCount(); ++i)
        parts.push_back(asFloat(op, i, ("float" + std::to_string(i)).c_str()));
    return op.node(Concat{1}, std::move(parts));
}

// Picks columns; a vector becomes one row. How many dimensions there are is worked out with the shapes.
Status arrayFeatureExtractor(const OnnxOperator& op)
{
    const std::string one = op.integers("one", {1});
    const std::string indices = op.step("indices", Reshape{}, {op.in(1), op.integers("flat", {-1})});
    const std::string picked = op.step("picked", Gather{-1}, {op.in(0), indices});
    const std::string leading = op.step("leading", ShapeOf{0, -1}, {op.in(0)});
    const std::string rows = op.step("rows", Concat{0}, {one, leading});
    const std::string count = op.step("count", Reshape{}, {op.step("size", SizeOf{}, {leading}), one});
    const std::string begin = op.step("begin", Binary{BinaryKind::Minimum, Activation::None}, {count, one});
    const std::string kept = op.step("kept", Slice{}, {rows, begin, op.integers("end", {1'000})});
    const std::string shape = op.step("shape", Concat{0}, {kept, op.integers("rest", {-1})});
    return op.node(Reshape{true}, {picked, shape});
}

Status imputer(const OnnxOperator& op)
{
    Imputer operation;
    const auto floats = op.attributes.floats("imputed_value_floats");
    const std::vector<qint64> whole = op.list("imputed_value_int64s");
    operation.values.assign(floats.begin(), floats.end());
    if (floats.empty())
        operation.values.assign(whole.begin(), whole.end());
    if (operation.values.empty())
        return damaged(QStringLiteral("an imputer without values"));
    operation.replaced = floats.empty() ? static_cast<double>(op.integer("replaced_value_int64", 0))
                                        : static_cast<double>(op.number("replaced_value_float", 0));
    operation.replaceNaN = std::isnan(operation.replaced);
    return op.node(std::move(operation), op.inputs(1));
}

// Either way between a list of texts and their places, as the input's type asks.
Status encodeByPlace(const OnnxOperator& op, const std::vector<std::string>& texts, const std::vector<qint64>& numbers)
{
    LabelEncoder encoder;
    const auto type = op.inputType(0);
    encoder.textKeys = !type || *type == TensorType::String;
    encoder.textValues = !encoder.textKeys;
    const std::vector<double> places(numbers.begin(), numbers.end());
    (encoder.textKeys ? encoder.keyTexts : encoder.valueTexts) = texts;
    (encoder.textKeys ? encoder.valueNumbers : encoder.keyNumbers) = places;
    encoder.defaultText = op.attributes.text("default_string", "_Unused");
    encoder.defaultNumber = static_cast<double>(op.integer("default_int64", -1));
    return op.node(std::move(encoder), op.inputs(1));
}

// Keys and values of version 2 on: lists of texts, whole numbers or floats, or tensors.
Status readSide(const OnnxOperator& op, const std::string& side, bool& text, std::vector<std::string>& texts,
                std::vector<double>& numbers, TensorType* type)
{
    const Attributes& a = op.attributes;
    texts = a.strings(side + "_strings");
    text = !texts.empty();
    const std::vector<qint64> whole = op.list(side + "_int64s");
    const auto floats = a.floats(side + "_floats");
    if (!whole.empty()) {
        numbers.assign(whole.begin(), whole.end());
        if (type)
            *type = TensorType::Int64;
    } else if (!floats.empty()) {
        numbers.assign(floats.begin(), floats.end());
        if (type)
            *type = TensorType::Float32;
    } else if (const pb::TensorProto* proto = a.tensorProto(side + "_tensor")) {
        EMBER_TRY(const Tensor value, readTensor(*proto));
        text = value.type() == TensorType::String;
        texts = value.strings();
        numbers = value.toDouble();
        if (type)
            *type = value.type();
    }
    return {};
}

Status labelEncoder(const OnnxOperator& op)
{
    const std::vector<std::string> classes = op.attributes.strings("classes_strings");
    if (!classes.empty()) {
        std::vector<qint64> places;
        for (std::size_t i = 0; i < classes.size(); ++i)
            places.push_back(static_cast<qint64>(i));
        return encodeByPlace(op, classes, places);
    }
    LabelEncoder encoder;
    EMBER_CHECK(readSide(op, "keys", encoder.textKeys, encoder.keyTexts, encoder.keyNumbers, nullptr));
    EMBER_CHECK(
        readSide(op, "values", encoder.textValues, encoder.valueTexts, encoder.valueNumbers, &encoder.valueType));
    encoder.defaultText = op.attributes.text("default_string", "_Unused");
    encoder.defaultNumber = encoder.valueType == TensorType::Int64
                                ? static_cast<double>(op.integer("default_int64", -1))
                                : static_cast<double>(op.number("default_float", -0.0f));
    if (const pb::TensorProto* proto = op.attributes.tensorProto("default_tensor")) {
        EMBER_TRY(const Tensor value, readTensor(*proto));
        if (value.size() == 1 && value.type() == TensorType::String)
            encoder.defaultText = value.strings()[0];
        else if (value.size() == 1)
            encoder.defaultNumber = value.toDouble()[0];
    }
    return op.node(std::move(encoder), op.inputs(1));
}

Status categoryMapper(const OnnxOperator& op)
{
    return encodeByPlace(op, op.attributes.strings("cats_strings"), op.list("cats_int64s"));
}

Status oneHotEncoder(const OnnxOperator& op)
{
    CategoryOneHot operation;
    operation.numbers = op.list("cats_int64s");
    operation.texts = op.attributes.strings("cats_strings");
    operation.zeros = op.integer("zeros", 1) != 0;
    if (operation.numbers.empty() == operation.texts.empty())
        return damaged(QStringLiteral("a one-hot code without categories, or with two kinds"));
    return op.node(std::move(operation), op.inputs(1));
}

// The probabilities as a map from class to number are the same numbers.
Status zipMap(const OnnxOperator& op)
{
    return op.node(Unary{UnaryKind::Identity}, op.inputs(1));
}

Status trees(const OnnxOperator& op)
{
    EMBER_TRY(TreesOfNode read, readTrees(op.proto(), -1));
    if (!read.ensemble.classifier)
        return op.node(std::move(read.ensemble), op.inputs(1));
    EMBER_TRY(Tensor labels, labelsOf(op));
    return classifier(op, std::move(read.ensemble), std::move(labels));
}

} // namespace

const OnnxConverters& onnxMl()
{
    static const OnnxConverters kTable = {{"ArrayFeatureExtractor", arrayFeatureExtractor},
                                          {"Binarizer", binarizer},
                                          {"CategoryMapper", categoryMapper},
                                          {"FeatureVectorizer", featureVectorizer},
                                          {"Imputer", imputer},
                                          {"LabelEncoder", labelEncoder},
                                          {"LinearClassifier", linearClassifier},
                                          {"LinearRegressor", linearRegressor},
                                          {"Normalizer", normalizer},
                                          {"OneHotEncoder", oneHotEncoder},
                                          {"SVMClassifier", svmClassifier},
                                          {"SVMRegressor", svmRegressor},
                                          {"Scaler", scaler},
                                          {"TreeEnsemble", trees},
                                          {"TreeEnsembleClassifier", trees},
                                          {"TreeEnsembleRegressor", trees},
                                          {"ZipMap", zipMap}};
    return kTable;
}

} // namespace ember::model::detail
