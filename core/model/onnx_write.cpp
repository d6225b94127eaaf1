// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_write.h"

#include "core/model/ops/op.h"

#include <algorithm>

namespace ember::model::detail {

// Attributes and constants.

pb::AttributeProto* AttributeWriter::add(const char* name, int type)
{
    pb::AttributeProto* attribute = m_node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
}

AttributeWriter& AttributeWriter::ints(const char* name, const std::vector<qint64>& values)
{
    pb::AttributeProto* a = add(name, kAttributeInts);
    for (const qint64 value : values)
        a->add_ints(value);
    return *this;
}

AttributeWriter& AttributeWriter::floats(const char* name, const std::vector<float>& values)
{
    pb::AttributeProto* a = add(name, kAttributeFloats);
    for (const float value : values)
        a->add_floats(value);
    return *this;
}

AttributeWriter& AttributeWriter::strings(const char* name, const std::vector<std::string>& values)
{
    pb::AttributeProto* a = add(name, kAttributeStrings);
    for (const std::string& value : values)
        a->add_strings(value);
    return *this;
}

AttributeWriter& AttributeWriter::text(const char* name, const std::string& value)
{
    add(name, kAttributeString)->set_s(value);
    return *this;
}

AttributeWriter& AttributeWriter::integer(const char* name, std::int64_t value)
{
    add(name, kAttributeInt)->set_i(value);
    return *this;
}

AttributeWriter& AttributeWriter::real(const char* name, float value)
{
    add(name, kAttributeFloat)->set_f(value);
    return *this;
}

AttributeWriter& AttributeWriter::tensor(const char* name, const Tensor& value)
{
    writeTensor(value, *add(name, kAttributeTensor)->mutable_t());
    return *this;
}

void writeTensor(const Tensor& value, pb::TensorProto& proto)
{
    for (const qint64 size : value.shape())
        proto.add_dims(size);
    proto.set_data_type(elemTypeFor(value.type()));
    if (value.type() == TensorType::String) {
        for (const std::string& text : value.strings())
            proto.add_string_data(text);
        return;
    }
    const auto bytes = value.bytes();
    proto.set_raw_data(bytes.empty() ? std::string()
                                     : std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

OnnxFile::OnnxFile(const Graph& graph, int opset, pb::GraphProto& proto)
    : m_graph(graph)
    , m_opset(opset)
    , m_proto(proto)
{
    if (auto analysis = analyse(graph))
        m_analysis = std::move(*analysis);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const std::string& name : graph.nodes[i].inputs)
            m_readers[name].push_back(static_cast<int>(i));
        m_names.insert(graph.nodes[i].outputs.begin(), graph.nodes[i].outputs.end());
    }
    for (const ValueInfo& output : graph.outputs)
        m_readers[output.name].push_back(-1);
    for (const ValueInfo& input : graph.inputs)
        m_names.insert(input.name);
    for (const auto& [name, constant] : graph.constants)
        m_names.insert(name);
}

const Constant* OnnxFile::constant(const std::string& name) const
{
    const auto found = m_graph.constants.find(name);
    return found == m_graph.constants.end() ? nullptr : &found->second;
}

const Tensor* OnnxFile::known(const std::string& name) const
{
    if (const Constant* found = constant(name))
        return &found->value;
    if (!m_analysis)
        return nullptr;
    const auto folded = m_analysis->folded.find(name);
    return folded == m_analysis->folded.end() ? nullptr : &folded->second;
}

std::optional<TensorType> OnnxFile::type(const std::string& name) const
{
    if (const Constant* found = constant(name))
        return found->value.type();
    for (const ValueInfo& input : m_graph.inputs) {
        if (input.name == name)
            return input.type;
    }
    if (m_analysis) {
        if (const auto value = m_analysis->values.find(name); value != m_analysis->values.end())
            return value->second.type;
    }
    const auto declared = m_graph.values.find(name);
    return declared == m_graph.values.end() ? std::nullopt : std::optional(declared->second.type);
}

std::optional<Shape> OnnxFile::shape(const std::string& name) const
{
    if (const Constant* found = constant(name))
        return found->value.shape();
    if (!m_analysis)
        return std::nullopt;
    const auto value = m_analysis->values.find(name);
    return value == m_analysis->values.end() ? std::nullopt : std::optional(value->second.shape);
}

const Quantisation* OnnxFile::quantisation(const std::string& name) const
{
    const auto of = [](TensorType type, const std::optional<Quantisation>& q) {
        return q && ops::isQuantised(type, &*q) ? &*q : nullptr;
    };
    if (const Constant* found = constant(name))
        return of(found->value.type(), found->quantisation);
    for (const ValueInfo& input : m_graph.inputs) {
        if (input.name == name)
            return of(input.type, input.quantisation);
    }
    const auto declared = m_graph.values.find(name);
    return declared == m_graph.values.end() ? nullptr : of(declared->second.type, declared->second.quantisation);
}

std::vector<int> OnnxFile::readers(const std::string& name) const
{
    const auto found = m_readers.find(name);
    return found == m_readers.end() ? std::vector<int>() : found->second;
}

pb::NodeProto& OnnxFile::addNode(const std::string& type)
{
    pb::NodeProto& node = *m_proto.add_node();
    node.set_name(type + "_" + std::to_string(m_proto.node_size() - 1));
    node.set_op_type(type);
    return node;
}

std::string OnnxFile::addConstant(const std::string& name, Tensor value)
{
    m_made.insert_or_assign(name, std::move(value));
    return name;
}

std::string OnnxFile::prefix(const std::string& wanted) const
{
    std::string free = wanted;
    const auto taken = [this](const std::string& beginning) {
        const auto next = m_names.lower_bound(beginning + "/");
        return next != m_names.end() && next->starts_with(beginning + "/");
    };
    while (taken(free))
        free += "_";
    return free;
}

namespace {

Tensor zeroPointsOf(const Quantisation& q, TensorType type, const Shape& shape)
{
    const std::vector<qint64> values(q.zeroPoints.begin(), q.zeroPoints.end());
    Tensor tensor = Tensor::zeros(type, shape).value();
    tensor.assign(std::span<const qint64>(values));
    return tensor;
}

} // namespace

std::vector<std::string> OnnxFile::parameters(const std::string& name, const Quantisation& q, TensorType type)
{
    const std::string beginning = prefix(name);
    const Shape shape = q.perChannel() ? Shape{static_cast<qint64>(q.scales.size())} : Shape{};
    std::vector<std::string> names{addConstant(beginning + "/scale", Tensor::of(q.scales, shape))};
    // Biases of 32 bits have no zero point; those of 64 bits, which ONNX has not, are told from them by theirs.
    if (type != TensorType::Int32)
        names.push_back(addConstant(beginning + "/zero-point",
                                    zeroPointsOf(q, type == TensorType::Int64 ? TensorType::Int32 : type, shape)));
    return names;
}

std::string OnnxFile::dequantised(const std::string& name, const Constant& constant)
{
    const Quantisation& q = *constant.quantisation;
    if (constant.value.type() == TensorType::Int64) {
        Tensor narrow = Tensor::zeros(TensorType::Int32, constant.value.shape()).value();
        narrow.assign(std::span<const qint64>(constant.value.as<qint64>()));
        addConstant(name, std::move(narrow));
    }
    std::vector<std::string> from = parameters(name, q, constant.value.type());
    from.insert(from.begin(), name);
    const std::string made = prefix(name) + "/real";
    pb::NodeProto& node = addNode("DequantizeLinear");
    for (const std::string& input : from)
        node.add_input(input);
    node.add_output(made);
    if (q.perChannel())
        AttributeWriter(node).integer("axis", q.axis);
    return made;
}

void OnnxFile::dequantise(const std::string& name, const std::string& made)
{
    std::vector<std::string> from = parameters(name, *quantisation(name), *type(name));
    from.insert(from.begin(), name);
    pb::NodeProto& node = addNode("DequantizeLinear");
    for (const std::string& input : from)
        node.add_input(input);
    node.add_output(made);
}

std::string OnnxFile::dequantised(const std::string& name)
{
    const auto known = m_reals.find(name);
    if (known != m_reals.end())
        return known->second;
    const Constant* value = constant(name);
    const std::string made =
        value ? dequantised(name, *value)
              : dequantised(name, Constant{Tensor::zeros(*type(name), {0}).value(), *quantisation(name)});
    m_reals[name] = made;
    return made;
}

void OnnxFile::quantise(const std::string& real, const std::string& name)
{
    const std::vector<std::string> with = parameters(name, *quantisation(name), *type(name));
    pb::NodeProto& node = addNode("QuantizeLinear");
    node.add_input(real);
    node.add_input(with[0]);
    node.add_input(with[1]);
    node.add_output(name);
}

// Scales of values that no operator of the file has beside it.
void OnnxFile::annotate(const std::string& name, std::set<std::string>& read)
{
    const Quantisation* q = quantisation(name);
    if (!q || q->perChannel())
        return;
    static constexpr const char* kKeys[] = {"SCALE_TENSOR", "ZERO_POINT_TENSOR"};
    pb::TensorAnnotation& annotation = *m_proto.add_quantization_annotation();
    annotation.set_tensor_name(name);
    const std::vector<std::string> names = parameters(name, *q, *type(name));
    for (std::size_t i = 0; i < names.size(); ++i) {
        pb::StringStringEntryProto* entry = annotation.add_quant_parameter_tensor_names();
        entry->set_key(kKeys[i]);
        entry->set_value(names[i]);
        read.insert(names[i]);
    }
}

void OnnxFile::finish()
{
    std::set<std::string> read, values;
    for (const pb::ValueInfoProto& input : m_proto.input())
        values.insert(input.name());
    for (const pb::NodeProto& node : m_proto.node()) {
        values.insert(node.output().begin(), node.output().end());
        if (node.op_type() != "DequantizeLinear")
            values.insert(node.input().begin(), node.input().end());
    }
    for (const std::string& name : values)
        annotate(name, read);
    for (const pb::NodeProto& node : m_proto.node())
        read.insert(node.input().begin(), node.input().end());
    for (const pb::ValueInfoProto& output : m_proto.output())
        read.insert(output.name());
    for (const std::string& name : read) {
        const auto made = m_made.find(name);
        const Tensor* value = nullptr;
        if (made != m_made.end())
            value = &made->second;
        else if (const Constant* own = constant(name))
            value = &own->value;
        if (!value)
            continue;
        pb::TensorProto& proto = *m_proto.add_initializer();
        writeTensor(*value, proto);
        proto.set_name(name);
    }
}

} // namespace ember::model::detail
