// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_reader.h"

#include "core/model/onnx_graph.h"
#include "core/model/onnx_integers.h"
#include "core/model/onnx_size.h"
#include "core/model/onnx_trees.h"
#include "core/model/onnx_writer.h"
#include "core/model/validate.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>
#include <unordered_map>

namespace ember::model {
namespace {

using namespace detail;

// More than this of anything is no model for a small device, but may be an attempt to fill the memory.
constexpr int kMaxGraphNodes = 10'000;
constexpr int kMaxProperties = 1'000;
constexpr qint64 kMaxParsedBytes = 72'000'000;
constexpr qsizetype kMaxNameBytes = 4'096;

Result<pb::ModelProto> parse(const QByteArray& bytes)
{
    pb::ModelProto proto;
    const std::optional<qint64> needed = parsedBytes(bytes, kMaxParsedBytes);
    if (needed.value_or(0) > kMaxParsedBytes)
        return unsupported(QStringLiteral("its parts need more than %1 MB").arg(kMaxParsedBytes / 1'000'000));
    // Protobuf itself limits nesting to 100 levels; its sizes are those of the bytes that are really there.
    if (!needed || bytes.isEmpty() || bytes.size() > std::numeric_limits<int>::max() ||
        !proto.ParseFromArray(bytes.constData(), static_cast<int>(bytes.size())) || !proto.has_graph())
        return Error(ErrorKind::BadData, QStringLiteral("This is not an ONNX model."),
                     QStringLiteral("The file may be cut short, or be of another format."));
    if (proto.graph().node_size() > kMaxGraphNodes || proto.metadata_props_size() > kMaxProperties)
        return unsupported(QStringLiteral("%1 operators and %2 properties are too many")
                               .arg(proto.graph().node_size())
                               .arg(proto.metadata_props_size()));
    return proto;
}

QString operatorName(const pb::NodeProto& node)
{
    const QString domain = QString::fromStdString(node.domain());
    const QString type = QString::fromStdString(node.op_type());
    return (domain.isEmpty() || domain == QLatin1String("ai.onnx") ? type : domain + QLatin1Char('.') + type)
        .left(kMaxNameBytes);
}

bool isStandardDomain(const pb::NodeProto& node)
{
    return node.domain().empty() || node.domain() == "ai.onnx";
}

bool isPassedOver(const pb::NodeProto& node)
{
    if (node.domain() == kMlDomain)
        return node.op_type() == "ZipMap";
    return isStandardDomain(node) && (node.op_type() == "Identity" || node.op_type() == "Cast");
}

ValueInfo readValueInfo(const pb::ValueInfoProto& proto)
{
    ValueInfo info;
    info.name = proto.name();
    const pb::TypeProto::Tensor& tensor = proto.type().tensor_type();
    info.type = featureTypeFor(tensor.elem_type()).value_or(TensorType::Float32);
    for (const pb::TensorShapeProto::Dimension& dim : tensor.shape().dim())
        info.shape.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : -1);
    return info;
}

// Whether the model is one tree ensemble with nothing around it that matters: it is read into the form of trainers.
bool isTreesAlone(const pb::GraphProto& graph)
{
    int trees = 0;
    for (const pb::NodeProto& node : graph.node()) {
        if (!isTreeOperator(node) && !isPassedOver(node))
            return false;
        trees += isTreeOperator(node) ? 1 : 0;
    }
    return trees == 1;
}

Result<const pb::NodeProto*> theTreeNode(const pb::GraphProto& graph)
{
    const auto found = std::find_if(graph.node().begin(), graph.node().end(), isTreeOperator);
    if (found == graph.node().end() || found->input_size() != 1)
        return damaged(QStringLiteral("its tree ensemble does not have one input"));
    return &*found;
}

// Follows the input of the trees up to an input of the graph. Only operators that keep a feature's value may be
// between.
Result<const pb::ValueInfoProto*> sourceOf(const pb::GraphProto& graph, const pb::NodeProto& trees)
{
    std::unordered_map<std::string_view, const pb::NodeProto*> producers;
    for (const pb::NodeProto& node : graph.node()) {
        for (const std::string& output : node.output())
            producers.emplace(output, &node);
    }
    std::unordered_map<std::string_view, const pb::ValueInfoProto*> inputs;
    for (const pb::ValueInfoProto& input : graph.input())
        inputs.emplace(input.name(), &input);
    std::string_view name = trees.input(0);
    for (int step = 0; step <= graph.node_size(); ++step) {
        if (const auto input = inputs.find(name); input != inputs.end())
            return input->second;
        const auto producer = producers.find(name);
        if (producer == producers.end() || producer->second->input_size() != 1)
            break;
        const pb::NodeProto& node = *producer->second;
        const auto target = Attributes(node).integer("to", kElemFloat);
        if (node.op_type() == "Cast" && target != kElemFloat && target != kElemDouble)
            return unsupported(QStringLiteral("it rounds its features before the trees (Cast to type %1)").arg(target));
        name = node.input(0);
    }
    return damaged(QStringLiteral("nothing provides '%1', the input of its trees")
                       .arg(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())).left(80)));
}

qint64 declaredWidth(const ValueInfo& input)
{
    return input.shape.size() == 2 ? input.shape[1] : -1;
}

Graph makeGraph(const pb::GraphProto& proto, const pb::NodeProto& node, const ValueInfo& source, TreeEnsemble ensemble)
{
    const auto outputName = [&node](int index, const char* fallback) {
        return index < node.output_size() && !node.output(index).empty() ? node.output(index) : std::string(fallback);
    };
    Graph graph;
    graph.name = proto.name();
    graph.inputs = {{source.name, source.type, {-1, ensemble.featureCount}}};
    const std::vector<qint64> scoreShape{-1, ensemble.targets};
    if (ensemble.classifier)
        graph.outputs = {{outputName(0, "label"), TensorType::String, {-1}},
                         {outputName(1, "scores"), TensorType::Float32, scoreShape}};
    else
        graph.outputs = {{outputName(0, "values"), TensorType::Float32, scoreShape}};

    Node trees;
    trees.name = node.name();
    trees.operation = std::move(ensemble);
    trees.inputs = {source.name};
    for (const ValueInfo& output : graph.outputs)
        trees.outputs.push_back(output.name);
    graph.nodes.push_back(std::move(trees));
    return graph;
}

Status readProperties(const pb::ModelProto& proto, Model& model)
{
    for (const pb::StringStringEntryProto& entry : proto.metadata_props()) {
        if (static_cast<qsizetype>(entry.key().size()) > kMaxNameBytes)
            return damaged(QStringLiteral("a property's key has %1 bytes").arg(entry.key().size()));
        const QString key = QString::fromStdString(entry.key());
        const bool classes = key == QLatin1String(kClassNamesKey);
        if (!classes && key != QLatin1String(kFeatureNamesKey)) {
            model.properties.insert(key, QString::fromStdString(entry.value()));
            continue;
        }
        const QJsonDocument names = QJsonDocument::fromJson(QByteArray::fromStdString(entry.value()));
        if (!names.isArray())
            return damaged(QStringLiteral("its names of features or classes are not a JSON list"));
        if (classes && isTreeModel(model))
            continue;
        QStringList& list = classes ? model.classNames : model.featureNames;
        for (const QJsonValue& name : names.array())
            list << name.toString();
    }
    return {};
}

qint64 countParameters(const pb::GraphProto& graph)
{
    qint64 count = 0;
    for (const pb::TensorProto& tensor : graph.initializer()) {
        const std::size_t raw = tensor.raw_data().size() / sizeof(float);
        count += static_cast<qint64>(raw) + tensor.float_data_size() + tensor.int32_data_size() +
                 tensor.int64_data_size() + tensor.double_data_size();
    }
    for (const pb::NodeProto& node : graph.node()) {
        for (const pb::AttributeProto& attribute : node.attribute())
            count += attribute.floats_size();
    }
    return count;
}

} // namespace

Result<Model> readOnnx(const QByteArray& bytes)
{
    EMBER_TRY(const pb::ModelProto proto, parse(bytes));
    const pb::GraphProto& graph = proto.graph();
    if (!isTreesAlone(graph)) {
        EMBER_TRY(Model general, readGraph(proto));
        EMBER_CHECK(readProperties(proto, general));
        if (general.properties.take(QLatin1String(kArithmeticKey)) == QLatin1String(kIntegerArithmetic))
            EMBER_CHECK(fuseIntegers(graph, general.graph));
        EMBER_CHECK(validate(general));
        return general;
    }
    EMBER_TRY(const pb::NodeProto* node, theTreeNode(graph));
    EMBER_TRY(const pb::ValueInfoProto* input, sourceOf(graph, *node));
    if (!featureTypeFor(input->type().tensor_type().elem_type()))
        return unsupported(
            QStringLiteral("its input has element type %1").arg(input->type().tensor_type().elem_type()));
    const ValueInfo source = readValueInfo(*input);
    EMBER_TRY(TreesOfNode trees, readTrees(*node, declaredWidth(source)));

    Model model;
    model.classNames = trees.classNames;
    model.graph = makeGraph(graph, *node, source, std::move(trees.ensemble));
    EMBER_CHECK(readProperties(proto, model));
    EMBER_CHECK(validate(model));
    return model;
}

Result<ModelSummary> summariseOnnx(const QByteArray& bytes)
{
    EMBER_TRY(const pb::ModelProto proto, parse(bytes));
    ModelSummary summary;
    std::set<std::string> constants;
    for (const pb::TensorProto& tensor : proto.graph().initializer())
        constants.insert(tensor.name());
    for (const pb::ValueInfoProto& input : proto.graph().input()) {
        if (!constants.contains(input.name()))
            summary.inputs.push_back(readValueInfo(input));
    }
    for (const pb::ValueInfoProto& output : proto.graph().output())
        summary.outputs.push_back(readValueInfo(output));
    for (const pb::NodeProto& node : proto.graph().node()) {
        const QString name = operatorName(node);
        if (++summary.operators[name] == 1 && !isTreeOperator(node) && !isGraphOperator(node))
            summary.unsupported << name;
    }
    summary.parameters = countParameters(proto.graph());
    return summary;
}

} // namespace ember::model
