// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_writer.h"

#include "core/model/onnx_write.h"
#include "core/model/tree_tools.h"
#include "core/model/validate.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>

namespace ember::model {
namespace {

using namespace detail;

constexpr int kOpset = 15;
constexpr int kMlOpset = 3;

std::vector<std::string> utf8(const QStringList& texts)
{
    std::vector<std::string> all;
    for (const QString& text : texts)
        all.push_back(text.toStdString());
    return all;
}

void writeValueInfo(const ValueInfo& info, pb::ValueInfoProto& proto)
{
    proto.set_name(info.name);
    auto* tensor = proto.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(elemTypeFor(info.type));
    tensor->mutable_shape(); // also of a single number, which has no dimensions
    bool first = true;
    for (const qint64 size : info.shape) {
        auto* dim = tensor->mutable_shape()->add_dim();
        if (size >= 0)
            dim->set_dim_value(size);
        else if (first)
            dim->set_dim_param("N");
        first = false;
    }
}

Status checkWritable(const Model& model, const TreeEnsemble& ensemble)
{
    if (ensemble.classifier && ensemble.aggregate != Aggregate::Sum)
        return Error(ErrorKind::Unsupported, QStringLiteral("ONNX classifiers of trees can only sum their leaves."),
                     QStringLiteral("Divide the leaf values by the number of trees and sum them."));
    const TensorType type = model.graph.inputs.front().type;
    if (type != TensorType::Float32 && type != TensorType::Int32 && type != TensorType::Int64)
        return Error(
            ErrorKind::Unsupported, QStringLiteral("ONNX trees take features as float32, int32 or int64 only."),
            QStringLiteral("Give the model a float32 input; narrower types are chosen when code is generated."));
    return {};
}

QString listText(const QStringList& texts)
{
    return QString::fromUtf8(QJsonDocument(QJsonArray::fromStringList(texts)).toJson(QJsonDocument::Compact));
}

void writeProperties(const Model& model, pb::ModelProto& proto)
{
    QMap<QString, QString> all = model.properties;
    if (!model.featureNames.isEmpty())
        all.insert(QLatin1String(kFeatureNamesKey), listText(model.featureNames));
    if (!isTreeModel(model) && !model.classNames.isEmpty())
        all.insert(QLatin1String(kClassNamesKey), listText(model.classNames));
    for (auto property = all.cbegin(); property != all.cend(); ++property) {
        pb::StringStringEntryProto* entry = proto.add_metadata_props();
        entry->set_key(property.key().toStdString());
        entry->set_value(property.value().toStdString());
    }
}

void addOpset(pb::ModelProto& proto, const char* domain, int version)
{
    pb::OperatorSetIdProto* opset = proto.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(version);
}

// The version of the file format that came with an operator set.
int irVersionFor(int opset)
{
    return opset >= 21 ? 10 : (opset >= 19 ? 9 : 8);
}

void begin(const Model& model, int opset, pb::ModelProto& proto)
{
    proto.set_ir_version(irVersionFor(opset));
    proto.set_producer_name("emberlab");
    addOpset(proto, "", opset);
    addOpset(proto, kMlDomain, kMlOpset);
    pb::GraphProto& graph = *proto.mutable_graph();
    graph.set_name(model.graph.name.empty() ? "model" : model.graph.name);
    for (const ValueInfo& input : model.graph.inputs)
        writeValueInfo(input, *graph.add_input());
}

Status writeTrees(const Model& model, pb::ModelProto& proto)
{
    const Node& trees = model.graph.nodes.front();
    const auto& ensemble = std::get<TreeEnsemble>(trees.operation);
    EMBER_CHECK(checkWritable(model, ensemble));
    begin(model, kOpset, proto);
    for (const ValueInfo& output : model.graph.outputs)
        writeValueInfo(output, *proto.mutable_graph()->add_output());
    pb::NodeProto& node = *proto.mutable_graph()->add_node();
    node.set_name(trees.name);
    for (const std::string& name : trees.inputs)
        node.add_input(name);
    for (const std::string& name : trees.outputs)
        node.add_output(name);
    writeEnsemble(ensemble, utf8(model.classNames), {}, node);
    return {};
}

// What is declared of an output may be less than what is known.
ValueInfo describe(const OnnxFile& file, const ValueInfo& output)
{
    ValueInfo info = output;
    const auto shape = file.shape(output.name);
    info.type = file.type(output.name).value_or(output.type);
    if (shape && shape->size() != output.shape.size())
        info.shape.assign(shape->size(), -1);
    return info;
}

bool standsForReals(const OnnxFile& file, const Node& node)
{
    const auto isQuantised = [&file](const std::string& name) {
        return !name.empty() && file.quantisation(name) != nullptr;
    };
    const bool any = std::any_of(node.inputs.begin(), node.inputs.end(), isQuantised) ||
                     std::any_of(node.outputs.begin(), node.outputs.end(), isQuantised);
    return any && !movesStored(file, node);
}

Status writeGraph(const Model& model, pb::ModelProto& proto)
{
    const Graph& graph = model.graph;
    if (!graph.states.empty())
        return noForm(QStringLiteral("it keeps a state from one run to the next (%1)")
                          .arg(QString::fromStdString(graph.states.front().name)));
    int opset = kOpset;
    for (const Node& node : graph.nodes)
        opset = std::max(opset, neededOpset(graph, node));
    begin(model, opset, proto);
    OnnxFile file(graph, opset, *proto.mutable_graph());
    for (const ValueInfo& output : graph.outputs)
        writeValueInfo(describe(file, output), *proto.mutable_graph()->add_output());
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        if (file.isSkipped(static_cast<int>(i)))
            continue;
        const OnnxNodeWriter to(file, node, static_cast<int>(i), standsForReals(file, node));
        const Status written = std::visit([&to](const auto& op) { return write(op, to); }, node.operation);
        if (!written)
            return written.error().context(
                QStringLiteral("writing %1 '%2'")
                    .arg(operationName(node.operation), QString::fromStdString(node.name).left(80)));
        if (!std::holds_alternative<Requantise>(node.operation)) // which is that by itself
            to.finish();
    }
    file.finish();
    return {};
}

} // namespace

Result<QByteArray> writeOnnx(const Model& model)
{
    EMBER_CHECK(validate(model));
    pb::ModelProto proto;
    EMBER_CHECK(isTreeModel(model) ? writeTrees(model, proto) : writeGraph(model, proto));
    writeProperties(model, proto);
    QByteArray bytes(static_cast<qsizetype>(proto.ByteSizeLong()), Qt::Uninitialized);
    if (!proto.SerializeToArray(bytes.data(), static_cast<int>(bytes.size())))
        return Error(ErrorKind::Failed, QStringLiteral("The model is too large for an ONNX file."));
    return bytes;
}

} // namespace ember::model
