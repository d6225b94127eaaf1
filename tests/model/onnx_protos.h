// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"
#include "core/model/onnx_format.h"

#include <QByteArray>

#include <initializer_list>
#include <string>
#include <vector>

// Files of ONNX written with the schema itself, damaged or not.
namespace ember::test {

namespace pb = emberlab::onnx;

inline pb::AttributeProto* attribute(pb::NodeProto& node, const char* name)
{
    for (pb::AttributeProto& a : *node.mutable_attribute()) {
        if (a.name() == name)
            return &a;
    }
    pb::AttributeProto* a = node.add_attribute();
    a->set_name(name);
    return a;
}

inline void setInts(pb::NodeProto& node, const char* name, std::initializer_list<int> values)
{
    attribute(node, name)->clear_ints();
    for (const int v : values)
        attribute(node, name)->add_ints(v);
}

inline void setFloats(pb::NodeProto& node, const char* name, std::initializer_list<float> values)
{
    attribute(node, name)->clear_floats();
    for (const float v : values)
        attribute(node, name)->add_floats(v);
}

inline void setStrings(pb::NodeProto& node, const char* name, std::initializer_list<const char*> values)
{
    attribute(node, name)->clear_strings();
    for (const char* v : values)
        attribute(node, name)->add_strings(v);
}

inline void addValue(pb::ValueInfoProto& info, const char* name, int type, std::initializer_list<int> shape)
{
    info.set_name(name);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
    for (const int size : shape)
        info.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(size);
}

// x0 <= 1 ? (1, 0, 0) : (0, 0.25, 0.75), over classes 5, 6, 7.
inline pb::ModelProto stumpProto()
{
    pb::ModelProto model;
    model.set_ir_version(8);
    pb::GraphProto& graph = *model.mutable_graph();
    addValue(*graph.add_input(), "x", 1, {1, 2});
    addValue(*graph.add_output(), "label", 7, {1});
    pb::NodeProto& node = *graph.add_node();
    node.set_domain("ai.onnx.ml");
    node.set_op_type("TreeEnsembleClassifier");
    node.add_input("x");
    node.add_output("label");
    node.add_output("scores");
    setInts(node, "nodes_treeids", {0, 0, 0});
    setInts(node, "nodes_nodeids", {0, 1, 2});
    setInts(node, "nodes_featureids", {0, 0, 0});
    setInts(node, "nodes_truenodeids", {1, 0, 0});
    setInts(node, "nodes_falsenodeids", {2, 0, 0});
    setStrings(node, "nodes_modes", {"BRANCH_LEQ", "LEAF", "LEAF"});
    setFloats(node, "nodes_values", {1, 0, 0});
    setInts(node, "class_treeids", {0, 0, 0});
    setInts(node, "class_nodeids", {1, 2, 2});
    setInts(node, "class_ids", {0, 1, 2});
    setFloats(node, "class_weights", {1, 0.25f, 0.75f});
    setInts(node, "classlabels_int64s", {5, 6, 7});
    return model;
}

inline QByteArray bytesOf(const pb::ModelProto& model)
{
    return QByteArray::fromStdString(model.SerializeAsString());
}

inline const model::TreeEnsemble& treesOf(const model::Model& model)
{
    return std::get<model::TreeEnsemble>(model.graph.nodes.front().operation);
}

// A length-delimited protobuf field, for bytes that the library itself would not write.
inline std::string field(int number, const std::string& payload)
{
    std::string out(1, static_cast<char>(number << 3 | 2));
    std::size_t size = payload.size();
    for (; size >= 128; size >>= 7)
        out += static_cast<char>(size | 128);
    return out + static_cast<char>(size) + payload;
}

inline QByteArray bytesFrom(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

// A graph of one input and one output, to be filled with nodes.
struct GraphFile
{
    pb::ModelProto model;
    pb::GraphProto& graph;

    explicit GraphFile(std::initializer_list<int> shape = {2, 3})
        : graph(*model.mutable_graph())
    {
        model.set_ir_version(8);
        model.add_opset_import()->set_version(13);
        addValue(*graph.add_input(), "x", 1, shape);
        addValue(*graph.add_output(), "y", 1, {2, 3});
    }

    pb::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output)
    {
        pb::NodeProto& node = *graph.add_node();
        node.set_op_type(type);
        for (const std::string& input : inputs)
            node.add_input(input);
        node.add_output(output);
        return node;
    }

    pb::TensorProto& constant(const std::string& name, int type, const std::vector<qint64>& dims)
    {
        pb::TensorProto& tensor = *graph.add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(type);
        for (const qint64 size : dims)
            tensor.add_dims(size);
        return tensor;
    }
    void numbers(const std::string& name, const std::vector<qint64>& values)
    {
        pb::TensorProto& tensor = constant(name, 7, {static_cast<qint64>(values.size())});
        for (const qint64 value : values)
            tensor.add_int64_data(value);
    }
};

} // namespace ember::test
