// SPDX-License-Identifier: GPL-3.0-or-later
// Imputer, label and category encoders of ai.onnx.ml, and the node form of trees.
#include "core/model/evaluator.h"
#include "core/model/ops/op.h"
#include "core/model/ops/trees.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

namespace ember::model::ops {

Result<Inference> infer(const Imputer& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    if (x.type == TensorType::String || x.type == TensorType::Bool || x.shape.empty())
        return cannot(QStringLiteral("missing values of %1").arg(tensorTypeName(x.type)));
    const auto values = static_cast<qint64>(op.values.size());
    if (values != 1 && values != x.shape.back())
        return bad(QStringLiteral("%1 replacements for %2 columns").arg(values).arg(x.shape.back()));
    return one(x.type, x.shape);
}

Status evaluate(const Imputer& op, Call& call)
{
    std::vector<double> x = call.in(0).toDouble();
    for (std::size_t i = 0; i < x.size(); ++i) {
        const bool missing = op.replaceNaN ? std::isnan(x[i]) : x[i] == op.replaced;
        if (missing)
            x[i] = op.values[i % op.values.size()];
    }
    call.out().assign(std::span<const double>(x));
    return {};
}

Result<Inference> infer(const LabelEncoder& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    if ((x.type == TensorType::String) != op.textKeys)
        return bad(QStringLiteral("a label encoder of %1 reads %2")
                       .arg(op.textKeys ? QStringLiteral("text") : QStringLiteral("numbers"), tensorTypeName(x.type)));
    const std::size_t keys = op.textKeys ? op.keyTexts.size() : op.keyNumbers.size();
    const std::size_t values = op.textValues ? op.valueTexts.size() : op.valueNumbers.size();
    if (keys != values)
        return bad(QStringLiteral("%1 keys for %2 values").arg(keys).arg(values));
    return one(op.textValues ? TensorType::String : op.valueType, x.shape);
}

namespace {

// Positions of the keys; not a number is a key like others, and the first of equal keys counts.
template <typename Key>
std::vector<qint64> lookUp(const std::vector<Key>& keys, const std::vector<Key>& wanted)
{
    std::map<Key, qint64> places;
    qint64 nan = -1;
    const auto isNaN = [](const Key& key) { return key != key; };
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (isNaN(keys[i]))
            nan = nan < 0 ? static_cast<qint64>(i) : nan;
        else
            places.emplace(keys[i], static_cast<qint64>(i));
    }
    std::vector<qint64> result;
    for (const Key& key : wanted) {
        const auto found = isNaN(key) ? places.end() : places.find(key);
        result.push_back(isNaN(key) ? nan : (found == places.end() ? -1 : found->second));
    }
    return result;
}

} // namespace

Status evaluate(const LabelEncoder& op, Call& call)
{
    const Tensor& x = call.in(0);
    const std::vector<qint64> places =
        op.textKeys ? lookUp(op.keyTexts, x.strings()) : lookUp(op.keyNumbers, x.toDouble());
    if (op.textValues) {
        for (std::size_t i = 0; i < places.size(); ++i)
            call.out().strings()[i] =
                places[i] < 0 ? op.defaultText : op.valueTexts[static_cast<std::size_t>(places[i])];
        return {};
    }
    std::vector<double> y(places.size());
    for (std::size_t i = 0; i < places.size(); ++i)
        y[i] = places[i] < 0 ? op.defaultNumber : op.valueNumbers[static_cast<std::size_t>(places[i])];
    call.out().assign(std::span<const double>(y));
    return {};
}

Result<Inference> infer(const CategoryOneHot& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    const bool text = !op.texts.empty();
    if ((x.type == TensorType::String) != text)
        return bad(QStringLiteral("categories of another type than %1").arg(tensorTypeName(x.type)));
    Shape shape = x.shape;
    shape.push_back(static_cast<qint64>(text ? op.texts.size() : op.numbers.size()));
    return one(TensorType::Float32, std::move(shape));
}

Status evaluate(const CategoryOneHot& op, Call& call)
{
    const Tensor& x = call.in(0);
    const std::vector<qint64> places =
        op.texts.empty() ? lookUp(op.numbers, x.toInt64()) : lookUp(op.texts, x.strings());
    const std::size_t width = op.texts.empty() ? op.numbers.size() : op.texts.size();
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places[i] >= 0)
            call.out().as<float>()[i * width + static_cast<std::size_t>(places[i])] = 1.0f;
        else if (!op.zeros)
            return bad(QStringLiteral("a value that is none of its %1 categories").arg(width));
    }
    return {};
}

Result<Inference> infer(const TreeEnsemble& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    const Input& x = context.at(0);
    if (x.type == TensorType::String || x.type == TensorType::Bool || x.shape.empty() || x.shape.size() > 2 ||
        x.shape.back() < op.featureCount)
        return bad(QStringLiteral("trees of %1 features read %2 %3")
                       .arg(op.featureCount)
                       .arg(shapeText(x.shape), tensorTypeName(x.type)));
    const qint64 rows = x.shape.size() == 1 ? 1 : x.shape[0];
    Inference inference;
    if (op.classifier)
        inference.outputs.push_back({TensorType::Int64, {rows}});
    inference.outputs.push_back({TensorType::Float32, {rows, op.targets}});
    return inference;
}

Status evaluate(const TreeEnsemble& op, Call& call)
{
    Evaluation result;
    result.targets = static_cast<std::size_t>(op.targets);
    // Columns behind the last that a node reads may be more than the ensemble knows of.
    const std::vector<float> x = call.in(0).toFloat();
    const auto columns = static_cast<std::size_t>(call.in(0).shape().back());
    const auto features = static_cast<std::size_t>(op.featureCount);
    std::vector<float> read;
    for (std::size_t at = 0; at < x.size(); at += columns)
        read.insert(read.end(), x.begin() + static_cast<std::ptrdiff_t>(at),
                    x.begin() + static_cast<std::ptrdiff_t>(at + features));
    evaluateTrees(op, read, Rounding::Single, result);
    if (op.classifier) {
        const std::vector<qint64> winners(result.winners.begin(), result.winners.end());
        call.out(0).assign(std::span<const qint64>(winners));
    }
    call.out(op.classifier ? 1 : 0).assign(std::span<const float>(result.scores));
    return {};
}

} // namespace ember::model::ops
