// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_writer.h"

#include "core/model/onnx_format.h"
#include "core/model/tree_tools.h"
#include "core/model/validate.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>

namespace ember::model {
namespace {

using namespace detail;

constexpr int kIrVersion = 8;
constexpr int kOpset = 15;
constexpr int kMlOpset = 3;

// Attributes in the order in which they are added, which is alphabetical, as other exporters do.
class AttributeWriter
{
public:
    explicit AttributeWriter(pb::NodeProto& node)
        : m_node(node)
    {}

    template <typename Range>
    void ints(const char* name, const Range& values)
    {
        pb::AttributeProto* a = add(name, kAttributeInts);
        for (const auto value : values)
            a->add_ints(value);
    }
    template <typename Range>
    void floats(const char* name, const Range& values)
    {
        pb::AttributeProto* a = add(name, kAttributeFloats);
        for (const float value : values)
            a->add_floats(value);
    }
    void strings(const char* name, const std::vector<std::string>& values)
    {
        pb::AttributeProto* a = add(name, kAttributeStrings);
        for (const std::string& value : values)
            a->add_strings(value);
    }
    void text(const char* name, const std::string& value) { add(name, kAttributeString)->set_s(value); }
    void integer(const char* name, std::int64_t value) { add(name, kAttributeInt)->set_i(value); }

private:
    pb::AttributeProto* add(const char* name, int type)
    {
        pb::AttributeProto* attribute = m_node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(type);
        return attribute;
    }

    pb::NodeProto& m_node;
};

// The parallel lists of the standard: one entry per node, and one per weight of a leaf.
struct NodeLists
{
    std::vector<std::int64_t> trees, ids, features, whenTrue, whenFalse, missingTrue;
    std::vector<std::string> modes;
    std::vector<float> values;
    bool anyMissing = false;
};

struct WeightLists
{
    std::vector<std::int64_t> trees, nodes, ids;
    std::vector<float> weights;
};

// Which tree a node is in; nodes of a tree lie between its root and the next one only in models we made, so ask the
// trees.
std::vector<qint32> treeOfNodes(const TreeEnsemble& e)
{
    std::vector<qint32> tree(e.nodes.size(), 0);
    for (std::size_t t = 0; t < e.roots.size(); ++t)
        tree[static_cast<std::size_t>(e.roots[t])] = static_cast<qint32>(t);
    for (std::size_t i = 0; i < e.nodes.size(); ++i) { // children come after their parents
        if (e.nodes[i].leaf < 0) {
            tree[static_cast<std::size_t>(e.nodes[i].whenTrue)] = tree[i];
            tree[static_cast<std::size_t>(e.nodes[i].whenFalse)] = tree[i];
        }
    }
    return tree;
}

// Nodes tree by tree, because readers take the trees in the order in which they appear. Ids count within a tree.
struct NodeOrder
{
    std::vector<std::size_t> nodes;     // indices into the ensemble, in file order
    std::vector<std::int64_t> idInTree; // by index in the ensemble
};

NodeOrder orderNodes(const TreeEnsemble& e, const std::vector<qint32>& treeOf)
{
    NodeOrder order;
    order.nodes.resize(e.nodes.size());
    for (std::size_t i = 0; i < e.nodes.size(); ++i)
        order.nodes[i] = i;
    std::stable_sort(order.nodes.begin(), order.nodes.end(),
                     [&treeOf](std::size_t a, std::size_t b) { return treeOf[a] < treeOf[b]; });
    order.idInTree.resize(e.nodes.size());
    std::vector<std::int64_t> next(e.roots.size(), 0);
    for (const std::size_t i : order.nodes)
        order.idInTree[i] = next[static_cast<std::size_t>(treeOf[i])]++;
    return order;
}

NodeLists listNodes(const TreeEnsemble& e, const std::vector<qint32>& treeOf, const NodeOrder& order)
{
    NodeLists lists;
    for (const std::size_t i : order.nodes) {
        const TreeNode& node = e.nodes[i];
        const bool leaf = node.leaf >= 0;
        lists.trees.push_back(treeOf[i]);
        lists.ids.push_back(order.idInTree[i]);
        lists.features.push_back(leaf ? 0 : node.feature);
        lists.values.push_back(leaf ? 0.0f : node.threshold);
        lists.modes.push_back(leaf ? std::string(kLeafMode) : textFor(kBranchModes, node.mode));
        lists.whenTrue.push_back(leaf ? 0 : order.idInTree[static_cast<std::size_t>(node.whenTrue)]);
        lists.whenFalse.push_back(leaf ? 0 : order.idInTree[static_cast<std::size_t>(node.whenFalse)]);
        lists.missingTrue.push_back(!leaf && node.missingGoesTrue ? 1 : 0);
        lists.anyMissing = lists.anyMissing || lists.missingTrue.back() != 0;
    }
    return lists;
}

bool isOneColumn(const TreeEnsemble& e)
{
    return isShareForest(e) || isMarginForest(e);
}

// Zeros need no entry, but a leaf must have one. Two classes get every entry: with entries for one class only, readers
// would take the ensemble for the one-column form.
WeightLists listWeights(const TreeEnsemble& e, const std::vector<qint32>& treeOf, const NodeOrder& order)
{
    const bool oneColumn = isOneColumn(e);
    const auto targets = static_cast<std::size_t>(e.targets);
    WeightLists lists;
    const auto add = [&](std::size_t node, std::int64_t id, float weight) {
        lists.trees.push_back(treeOf[node]);
        lists.nodes.push_back(order.idInTree[node]);
        lists.ids.push_back(id);
        lists.weights.push_back(weight);
    };
    for (const std::size_t i : order.nodes) {
        if (e.nodes[i].leaf < 0)
            continue;
        const float* row = e.leafValues.data() + static_cast<std::size_t>(e.nodes[i].leaf) * targets;
        if (oneColumn) {
            add(i, 1, row[1]);
            continue;
        }
        const std::size_t before = lists.ids.size();
        for (std::size_t t = 0; t < targets; ++t) {
            if (row[t] != 0.0f || targets == 2)
                add(i, static_cast<std::int64_t>(t), row[t]);
        }
        if (lists.ids.size() == before)
            add(i, 0, 0.0f);
    }
    return lists;
}

std::vector<std::string> utf8(const QStringList& texts)
{
    std::vector<std::string> all;
    for (const QString& text : texts)
        all.push_back(text.toStdString());
    return all;
}

void writeWeights(AttributeWriter& out, const WeightLists& weights, bool classifier)
{
    out.ints(classifier ? "class_ids" : "target_ids", weights.ids);
    out.ints(classifier ? "class_nodeids" : "target_nodeids", weights.nodes);
    out.ints(classifier ? "class_treeids" : "target_treeids", weights.trees);
    out.floats(classifier ? "class_weights" : "target_weights", weights.weights);
}

void writeNodes(AttributeWriter& out, const NodeLists& nodes)
{
    out.ints("nodes_falsenodeids", nodes.whenFalse);
    out.ints("nodes_featureids", nodes.features);
    if (nodes.anyMissing)
        out.ints("nodes_missing_value_tracks_true", nodes.missingTrue);
    out.strings("nodes_modes", nodes.modes);
    out.ints("nodes_nodeids", nodes.ids);
    out.ints("nodes_treeids", nodes.trees);
    out.ints("nodes_truenodeids", nodes.whenTrue);
    out.floats("nodes_values", nodes.values);
}

void writeEnsemble(const TreeEnsemble& e, const QStringList& classNames, pb::NodeProto& node)
{
    const std::vector<qint32> treeOf = treeOfNodes(e);
    const NodeOrder order = orderNodes(e, treeOf);
    node.set_domain(kMlDomain);
    node.set_op_type(e.classifier ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor");
    AttributeWriter out(node);
    if (!e.classifier)
        out.text("aggregate_function", textFor(kAggregates, e.aggregate));
    if (!e.baseValues.empty())
        out.floats("base_values", isOneColumn(e) ? std::vector<float>{e.baseValues.back()} : e.baseValues);
    if (e.classifier) {
        writeWeights(out, listWeights(e, treeOf, order), true);
        out.strings("classlabels_strings", utf8(classNames));
    } else {
        out.integer("n_targets", e.targets);
    }
    writeNodes(out, listNodes(e, treeOf, order));
    out.text("post_transform", textFor(kPostTransforms, e.postTransform));
    if (!e.classifier)
        writeWeights(out, listWeights(e, treeOf, order), false);
}

void writeValueInfo(const ValueInfo& info, pb::ValueInfoProto& proto)
{
    proto.set_name(info.name);
    auto* tensor = proto.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(elemTypeFor(info.type));
    for (const qint64 size : info.shape) {
        auto* dim = tensor->mutable_shape()->add_dim();
        if (size < 0)
            dim->set_dim_param("N");
        else
            dim->set_dim_value(size);
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

void writeProperties(const Model& model, pb::ModelProto& proto)
{
    QMap<QString, QString> all = model.properties;
    if (!model.featureNames.isEmpty())
        all.insert(QLatin1String(kFeatureNamesKey),
                   QString::fromUtf8(
                       QJsonDocument(QJsonArray::fromStringList(model.featureNames)).toJson(QJsonDocument::Compact)));
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

} // namespace

Result<QByteArray> writeOnnx(const Model& model)
{
    EMBER_CHECK(validate(model));
    if (!isTreeModel(model))
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("Only models of one tree ensemble are written as ONNX; this one begins with %1.")
                         .arg(operationName(model.graph.nodes.front().operation)));
    const Node& trees = model.graph.nodes.front();
    const auto& ensemble = std::get<TreeEnsemble>(trees.operation);
    EMBER_CHECK(checkWritable(model, ensemble));

    pb::ModelProto proto;
    proto.set_ir_version(kIrVersion);
    proto.set_producer_name("emberlab");
    addOpset(proto, "", kOpset);
    addOpset(proto, kMlDomain, kMlOpset);
    pb::GraphProto& graph = *proto.mutable_graph();
    graph.set_name(model.graph.name.empty() ? "model" : model.graph.name);
    for (const ValueInfo& input : model.graph.inputs)
        writeValueInfo(input, *graph.add_input());
    for (const ValueInfo& output : model.graph.outputs)
        writeValueInfo(output, *graph.add_output());
    pb::NodeProto& node = *graph.add_node();
    node.set_name(trees.name);
    for (const std::string& name : trees.inputs)
        node.add_input(name);
    for (const std::string& name : trees.outputs)
        node.add_output(name);
    writeEnsemble(ensemble, model.classNames, node);
    writeProperties(model, proto);

    QByteArray bytes(static_cast<qsizetype>(proto.ByteSizeLong()), Qt::Uninitialized);
    if (!proto.SerializeToArray(bytes.data(), static_cast<int>(bytes.size())))
        return Error(ErrorKind::Failed, QStringLiteral("The model is too large for an ONNX file."));
    return bytes;
}

} // namespace ember::model
