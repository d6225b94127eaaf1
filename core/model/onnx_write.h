// SPDX-License-Identifier: GPL-3.0-or-later
// Operations of the graph to operators of ONNX: the other direction of onnx_ops.h. Private to this folder.
#pragma once

#include "core/model/analysis.h"
#include "core/model/graph.h"
#include "core/model/onnx_format.h"
#include "core/model/operation_list.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ember::model::detail {

/// Adds attributes to a node, in the order of the calls, which is alphabetical, as other exporters do.
class AttributeWriter
{
public:
    explicit AttributeWriter(pb::NodeProto& node)
        : m_node(node)
    {}

    AttributeWriter& ints(const char* name, const std::vector<qint64>& values);
    AttributeWriter& floats(const char* name, const std::vector<float>& values);
    AttributeWriter& strings(const char* name, const std::vector<std::string>& values);
    AttributeWriter& text(const char* name, const std::string& value);
    AttributeWriter& integer(const char* name, std::int64_t value);
    AttributeWriter& real(const char* name, float value);
    AttributeWriter& tensor(const char* name, const Tensor& value);

private:
    pb::AttributeProto* add(const char* name, int type);

    pb::NodeProto& m_node;
};

void writeTensor(const Tensor& value, pb::TensorProto& proto);

/// The file that is being written, and what is known of the graph it comes from.
class OnnxFile
{
public:
    OnnxFile(const Graph& graph, int opset, pb::GraphProto& proto);

    const Graph& graph() const { return m_graph; }
    int opset() const { return m_opset; }

    const Tensor* known(const std::string& name) const;
    const Constant* constant(const std::string& name) const;
    std::optional<TensorType> type(const std::string& name) const;
    /// Empty when the shape is not known; the batch is taken as 1.
    std::optional<Shape> shape(const std::string& name) const;
    /// Of integers that stand for reals, else null.
    const Quantisation* quantisation(const std::string& name) const;
    /// The nodes that read a value, by position; -1 for an output of the graph.
    std::vector<int> readers(const std::string& name) const;

    pb::NodeProto& addNode(const std::string& type);
    pb::NodeProto& lastNode() { return *m_proto.mutable_node(m_proto.node_size() - 1); }
    std::string addConstant(const std::string& name, Tensor value);
    /// A beginning for names of steps that no value of the graph has.
    std::string prefix(const std::string& wanted) const;
    /// The value as reals: of integers that stand for reals, what a DequantizeLinear makes of them.
    std::string dequantised(const std::string& name);
    std::string dequantised(const std::string& name, const Constant& constant);
    void dequantise(const std::string& name, const std::string& real);
    void quantise(const std::string& real, const std::string& name);
    void skip(int node) { m_skipped.insert(node); }
    bool isSkipped(int node) const { return m_skipped.contains(node); }

    /// Names of scale and zero point of a value, which are constants of the file.
    std::vector<std::string> parameters(const std::string& name, const Quantisation& q, TensorType type);
    /// Adds those constants that nodes read, in order of their names.
    void finish();

private:
    void annotate(const std::string& name, std::set<std::string>& read);

    const Graph& m_graph;
    int m_opset;
    pb::GraphProto& m_proto;
    std::optional<Analysis> m_analysis; ///< none where shapes depend on the data
    std::map<std::string, std::vector<int>> m_readers;
    std::set<std::string> m_names;
    std::map<std::string, Tensor> m_made;
    std::map<std::string, std::string> m_reals;
    std::set<int> m_skipped;
};

/// One node of the graph as its writer sees it, and the file that it goes to.
class OnnxNodeWriter
{
public:
    OnnxNodeWriter(OnnxFile& file, const Node& node, int position, bool reals);

    OnnxFile& file;
    const Node& node;

    bool has(std::size_t input) const { return input < node.inputs.size() && !node.inputs[input].empty(); }
    /// The name to read; where the node computes with reals, that of the dequantised value.
    std::string in(std::size_t input) const;
    std::vector<std::string> inputs(std::size_t count = 1'000) const;
    /// The third input of a layer, which is there.
    std::string bias() const;
    bool hasOut(std::size_t output) const { return output < node.outputs.size() && !node.outputs[output].empty(); }
    std::string out(std::size_t output = 0) const;
    std::vector<std::string> outputs() const;

    const Tensor* known(std::size_t input) const;
    std::optional<TensorType> type(std::size_t input) const;
    std::optional<Shape> shape(std::size_t input) const;
    bool isFloating(std::size_t input) const;

    /// Adds an operator.
    AttributeWriter add(const char* type, const std::vector<std::string>& from, const std::vector<std::string>& to,
                        const char* domain = "") const;
    /// Adds an operator without attributes that makes one new value; returns its name.
    std::string step(const char* what, const char* type, const std::vector<std::string>& from) const;
    std::string name(const char* what) const { return m_prefix + "/" + what; }
    std::string constant(const char* what, Tensor value) const;
    std::string integers(const char* what, const std::vector<qint64>& values) const;
    std::string real(const char* what, float value) const;
    /// The input as int64, which ONNX wants where TensorFlow has int32.
    std::string wide(std::size_t input, const char* what) const;
    /// A constant input with its dimensions in another order, as reals.
    std::string reordered(std::size_t input, const std::vector<qint64>& order, const char* what) const;
    /// Adds the clamp at the end of an operation: from a value to an output.
    void activation(Activation activation, const std::string& from, const std::string& to) const;
    /// Where an operation with this clamp puts its result before it.
    std::string before(Activation activation, const std::string& to) const;

    /// Adds what turns the results into integers again.
    void finish() const;

private:
    std::string m_prefix;
    bool m_reals;
};

/// The oldest operator set of ai.onnx, from 15 on, that has what the node needs.
int neededOpset(const Graph& graph, const Node& node);

/// Writes a tree ensemble's operator name and attributes. The classes of a classifier are text or numbers.
void writeEnsemble(const TreeEnsemble& ensemble, const std::vector<std::string>& classNames,
                   const std::vector<qint64>& classNumbers, pb::NodeProto& node);

/// Whether integers that stand for reals go through this operation as they are: it moves or compares stored numbers.
bool movesStored(const OnnxFile& file, const Node& node);

/// Whether the reader knows the operation on stored numbers again when it is written in reals.
bool isKnownInReals(const OnnxFile& file, const Node& node);

/// Unsupported: what has no form in ONNX.
Error noForm(const QString& what);

// One function for each operation, in the file of its family. Errors: Unsupported, which do not name the node.
#define EMBER_OPERATION(Name) Status write(const Name& op, const OnnxNodeWriter& to);
EMBER_FOR_EACH_OPERATION(EMBER_OPERATION)
#undef EMBER_OPERATION

} // namespace ember::model::detail
