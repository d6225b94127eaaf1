// SPDX-License-Identifier: GPL-3.0-or-later
// Operators of ONNX to operations of the graph. Private to this folder.
#pragma once

#include "core/model/graph.h"
#include "core/model/onnx_format.h"

#include <map>
#include <string>
#include <utility>

namespace ember::model::detail {

/// The activations of recurrent layers, and whether they have constants of their own.
struct RecurrentActivation
{
    std::string_view name;
    UnaryKind kind;
    float alpha; ///< where the file does not say
    float beta;
    bool takesAlpha;
    bool takesBeta;
};
const RecurrentActivation* recurrentActivation(std::string_view name);
const RecurrentActivation* recurrentActivation(UnaryKind kind);

/// One operator as its converter sees it, and the graph that it adds nodes to.
class OnnxOperator
{
public:
    OnnxOperator(const pb::NodeProto& node, std::int64_t opset, Graph& graph, std::string name)
        : attributes(node)
        , version(opset)
        , m_node(node)
        , m_graph(graph)
        , m_name(std::move(name))
    {}

    const Attributes attributes;
    const std::int64_t version; ///< of the operator set of its domain

    std::string type() const { return m_node.op_type(); }
    std::size_t inputCount() const { return static_cast<std::size_t>(m_node.input_size()); }
    std::size_t outputCount() const { return static_cast<std::size_t>(m_node.output_size()); }
    bool has(std::size_t index) const { return index < inputCount() && !in(index).empty(); }
    std::string in(std::size_t index) const;
    std::vector<std::string> inputs(std::size_t count = 1'000) const;
    std::string out(std::size_t index) const;
    std::vector<std::string> outputs() const;
    /// A constant input, or null.
    const Tensor* known(std::size_t index) const;
    /// The type of an input that is an input of the graph; of others it is not known yet.
    std::optional<TensorType> inputType(std::size_t index) const;
    const pb::NodeProto& proto() const { return m_node; }

    /// Adds a node that makes the operator's outputs.
    Status node(Operation operation, std::vector<std::string> from) const;
    /// Adds a node with one new value and returns the value's name.
    std::string step(const char* what, Operation operation, std::vector<std::string> from) const;
    /// Adds a node that makes the named values.
    void add(Operation operation, std::vector<std::string> from, std::vector<std::string> to) const;
    /// Adds a constant under a name of the file. Errors: BadData when the name is taken.
    Status define(const std::string& name, Tensor value) const;
    /// Adds a constant and returns its name.
    std::string constant(const char* what, Tensor value) const;
    std::string integers(const char* what, const std::vector<qint64>& values) const;
    std::string real(const char* what, float value) const;

    /// List attribute `name`, or empty.
    std::vector<qint64> list(std::string_view name) const;
    float number(std::string_view name, float fallback) const { return attributes.real(name, fallback); }
    std::int64_t integer(std::string_view name, std::int64_t fallback) const
    {
        return attributes.integer(name, fallback);
    }
    bool flag(std::string_view name) const { return attributes.integer(name, 0) != 0; }
    /// kernel_shape's companions: strides, dilations, pads and auto_pad. Errors: BadData.
    Result<Window> window() const;

private:
    const pb::NodeProto& m_node;
    Graph& m_graph;
    std::string m_name;
};

using OnnxConvert = Status (*)(const OnnxOperator&);
/// Converters by the operator's name.
using OnnxConverters = std::map<std::string, OnnxConvert, std::less<>>;

// One table for each family; domain "ai.onnx" unless its name says otherwise.
const OnnxConverters& onnxMath();
const OnnxConverters& onnxLayers();
const OnnxConverters& onnxShapes();
const OnnxConverters& onnxQuantised();
const OnnxConverters& onnxMl();

/// The converter of an operator, or null.
OnnxConvert onnxConverter(std::string_view domain, const std::string& type);

} // namespace ember::model::detail
