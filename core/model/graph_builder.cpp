// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_builder.h"

#include <algorithm>

namespace ember::model {
namespace {

constexpr char kIndex[] = "label/index";

} // namespace

QStringList anomalyClasses()
{
    return {QStringLiteral("normal"), QStringLiteral("anomaly")};
}

GraphBuilder::GraphBuilder(std::size_t features)
{
    m_model.graph.inputs = {{"features", TensorType::Float32, {-1, static_cast<qint64>(features)}}};
}

std::string GraphBuilder::constant(const std::string& name, const std::vector<float>& values, Shape shape)
{
    m_model.graph.constants[name] = {Tensor::of(values, std::move(shape))};
    return name;
}

std::string GraphBuilder::constant(const std::string& name, const std::vector<qint64>& values, Shape shape)
{
    m_model.graph.constants[name] = {Tensor::of(values, std::move(shape))};
    return name;
}

std::string GraphBuilder::add(const std::string& name, Operation operation, std::vector<std::string> inputs)
{
    m_model.graph.nodes.push_back({name, std::move(operation), std::move(inputs), {name}});
    return name;
}

std::string GraphBuilder::add(Operation operation, std::vector<std::string> inputs, std::vector<std::string> outputs)
{
    std::string first = outputs.front();
    m_model.graph.nodes.push_back({first, std::move(operation), std::move(inputs), std::move(outputs)});
    return first;
}

std::string GraphBuilder::binary(const std::string& name, BinaryKind kind, const std::string& a, const std::string& b)
{
    return add(name, Binary{kind, Activation::None}, {a, b});
}

std::string GraphBuilder::scaled(const std::vector<float>& mean, const std::vector<float>& scale)
{
    const auto width = static_cast<qint64>(mean.size());
    const std::string centred =
        binary("features/centred", BinaryKind::Subtract, input(), constant("features/mean", mean, {width}));
    return binary("features/scaled", BinaryKind::Multiply, centred, constant("features/scale", scale, {width}));
}

std::string GraphBuilder::squaredDistances(const std::string& name, const std::string& x,
                                           const std::vector<float>& points, std::size_t width)
{
    const auto count = static_cast<qint64>(points.size() / width);
    const std::string axis = constant(name + "/row-axis", std::vector<qint64>{1}, {1});
    const std::string row = add(name + "/row", Unsqueeze{}, {x, axis});
    const std::string difference = binary(name + "/difference", BinaryKind::Subtract, row,
                                          constant(name + "/points", points, {count, static_cast<qint64>(width)}));
    return add(name, Reduce{ReduceKind::SumSquare, {2}, false, false}, {difference});
}

void GraphBuilder::labelFrom(const std::string& index, const QStringList& classNames)
{
    std::vector<std::string> labels;
    for (const QString& name : classNames)
        labels.push_back(name.toStdString());
    const auto count = static_cast<qint64>(labels.size());
    m_model.graph.constants["labels"] = {Tensor::ofStrings(std::move(labels), {count})};
    add("label", Gather{0}, {"labels", index});
}

Model GraphBuilder::classifier(const std::string& scores, const ModelNames& names) &&
{
    labelFrom(add(kIndex, ArgExtreme{true, 1, false, false, TensorType::Int64}, {scores}), names.classes);
    m_model.graph.name = "classifier";
    m_model.graph.outputs = {{"label", TensorType::String, {-1}},
                             {scores, TensorType::Float32, {-1, names.classes.size()}}};
    m_model.classNames = names.classes;
    m_model.featureNames = names.features;
    return std::move(m_model);
}

Model GraphBuilder::classifier(Operation operation, const std::string& x, qint64 width, const ModelNames& names) &&
{
    m_model.graph.nodes.push_back({"scores", std::move(operation), {x}, {kIndex, "scores"}});
    labelFrom(kIndex, names.classes);
    m_model.graph.name = "classifier";
    m_model.graph.outputs = {{"label", TensorType::String, {-1}}, {"scores", TensorType::Float32, {-1, width}}};
    m_model.classNames = names.classes;
    m_model.featureNames = names.features;
    return std::move(m_model);
}

Model GraphBuilder::regressor(const std::string& value, const ModelNames& names) &&
{
    m_model.graph.name = "regressor";
    m_model.graph.outputs = {{value, TensorType::Float32, {-1, 1}}};
    m_model.featureNames = names.features;
    return std::move(m_model);
}

Model GraphBuilder::detector(const std::string& decision, const QStringList& featureNames) &&
{
    const std::string signs = constant("scores/signs", std::vector<float>{1.0f, -1.0f}, {2});
    binary("scores", BinaryKind::Multiply, decision, signs);
    Model model = std::move(*this).classifier("scores", {anomalyClasses(), featureNames});
    model.graph.name = "detector";
    return model;
}

Status moveThreshold(Model& detector, float by)
{
    std::vector<Node>& nodes = detector.graph.nodes;
    const auto scores = std::find_if(nodes.begin(), nodes.end(), [](const Node& node) {
        return std::find(node.outputs.begin(), node.outputs.end(), "scores") != node.outputs.end();
    });
    if (detector.classNames == anomalyClasses() && scores != nodes.end()) {
        const float half = by / 2; // the scores are [d, -d]
        if (auto* trees = std::get_if<TreeEnsemble>(&scores->operation); trees && trees->targets == 2) {
            trees->baseValues.resize(2);
            trees->baseValues[0] += half;
            trees->baseValues[1] -= half;
            return {};
        }
        if (const auto* signs = std::get_if<Binary>(&scores->operation); signs && signs->kind == BinaryKind::Multiply) {
            detector.graph.constants["threshold/move"] = {Tensor::of(std::vector<float>{half}, {1})};
            const Node moved{"decision/moved",
                             Binary{BinaryKind::Add, Activation::None},
                             {scores->inputs[0], "threshold/move"},
                             {"decision/moved"}};
            scores->inputs[0] = "decision/moved";
            nodes.insert(scores, moved);
            return {};
        }
    }
    return Error(ErrorKind::Unsupported, QStringLiteral("The threshold of this model cannot be moved."),
                 QStringLiteral("Train without a false alarm rate, and set the contamination instead."));
}

Model makeRegressor(TreeEnsemble ensemble, const QStringList& featureNames)
{
    Model model;
    model.featureNames = featureNames;
    model.graph.name = "regressor";
    model.graph.inputs = {{"features", TensorType::Float32, {-1, ensemble.featureCount}}};
    model.graph.outputs = {{"value", TensorType::Float32, {-1, ensemble.targets}}};
    model.graph.nodes = {{"trees", std::move(ensemble), {"features"}, {"value"}}};
    return model;
}

} // namespace ember::model
