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

Constant transposed(const Constant& constant, const std::vector<qint64>& order)
{
    const Shape& from = constant.value.shape();
    Shape shape;
    for (const qint64 d : order)
        shape.push_back(from[static_cast<std::size_t>(d)]);
    const std::vector<qint64> strides = ops::stridesOf(from);
    std::vector<qint64> indices;
    ops::forEachIndex(shape, [&](const std::vector<qint64>& index) {
        qint64 at = 0;
        for (std::size_t d = 0; d < index.size(); ++d)
            at += index[d] * strides[static_cast<std::size_t>(order[d])];
        indices.push_back(at);
    });
    Constant result = constant;
    // As many elements as before, so the shape fits.
    if (const Status fits = result.value.reshape(shape); !fits)
        return constant;
    ops::pick(constant.value, indices, nullptr, result.value);
    if (result.quantisation && result.quantisation->perChannel())
        result.quantisation->axis = static_cast<qint32>(
            std::find(order.begin(), order.end(), static_cast<qint64>(constant.quantisation->axis)) - order.begin());
    return result;
}

// The file.

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
    return {addConstant(beginning + "/scale", Tensor::of(q.scales, shape)),
            addConstant(beginning + "/zero-point", zeroPointsOf(q, type, shape))};
}

std::string OnnxFile::dequantised(const std::string& name, const Constant& constant)
{
    const Quantisation& q = *constant.quantisation;
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

void OnnxFile::finish()
{
    std::set<std::string> read;
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

// One node.

OnnxNodeWriter::OnnxNodeWriter(OnnxFile& to, const Node& from, int position, bool reals)
    : file(to)
    , node(from)
    , m_prefix(to.prefix(operationName(from.operation).toStdString() + "-" + std::to_string(position)))
    , m_reals(reals)
{}

std::string OnnxNodeWriter::in(std::size_t input) const
{
    if (!has(input))
        return {};
    const std::string& name = node.inputs[input];
    return m_reals && file.quantisation(name) ? file.dequantised(name) : name;
}

std::vector<std::string> OnnxNodeWriter::inputs(std::size_t count) const
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(count, node.inputs.size()); ++i)
        names.push_back(in(i));
    while (!names.empty() && names.back().empty())
        names.pop_back();
    return names;
}

std::string OnnxNodeWriter::out(std::size_t output) const
{
    if (!hasOut(output))
        return {};
    const std::string& made = node.outputs[output];
    return m_reals && file.quantisation(made) ? name("result") + std::to_string(output) : made;
}

std::vector<std::string> OnnxNodeWriter::outputs() const
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
        names.push_back(out(i));
    while (!names.empty() && names.back().empty())
        names.pop_back();
    return names;
}

const Tensor* OnnxNodeWriter::known(std::size_t input) const
{
    return has(input) ? file.known(node.inputs[input]) : nullptr;
}

std::optional<TensorType> OnnxNodeWriter::type(std::size_t input) const
{
    return has(input) ? file.type(node.inputs[input]) : std::nullopt;
}

std::optional<Shape> OnnxNodeWriter::shape(std::size_t input) const
{
    return has(input) ? file.shape(node.inputs[input]) : std::nullopt;
}

bool OnnxNodeWriter::isFloating(std::size_t input) const
{
    const auto is = type(input);
    return is && (isFloat(*is) || (m_reals && file.quantisation(node.inputs[input])));
}

AttributeWriter OnnxNodeWriter::add(const char* type, const std::vector<std::string>& from,
                                    const std::vector<std::string>& to, const char* domain) const
{
    pb::NodeProto& made = file.addNode(type);
    for (const std::string& input : from)
        made.add_input(input);
    for (const std::string& output : to)
        made.add_output(output);
    if (*domain)
        made.set_domain(domain);
    return AttributeWriter(made);
}

std::string OnnxNodeWriter::step(const char* what, const char* type, const std::vector<std::string>& from) const
{
    add(type, from, {name(what)});
    return name(what);
}

std::string OnnxNodeWriter::constant(const char* what, Tensor value) const
{
    return file.addConstant(name(what), std::move(value));
}

std::string OnnxNodeWriter::integers(const char* what, const std::vector<qint64>& values) const
{
    return constant(what, Tensor::of(values, {static_cast<qint64>(values.size())}));
}

std::string OnnxNodeWriter::real(const char* what, float value) const
{
    return constant(what, Tensor::of(std::vector<float>{value}, {}));
}

std::string OnnxNodeWriter::wide(std::size_t input, const char* what) const
{
    if (!has(input) || type(input) == TensorType::Int64)
        return has(input) ? node.inputs[input] : std::string();
    if (const Constant* value = file.constant(node.inputs[input]))
        return constant(what, Tensor::of(value->value.toInt64(), value->value.shape()));
    const std::string made = name(what);
    add("Cast", {node.inputs[input]}, {made}).integer("to", kElemInt64);
    return made;
}

std::string OnnxNodeWriter::reordered(std::size_t input, const std::vector<qint64>& order, const char* what) const
{
    if (const Constant* value = file.constant(node.inputs[input])) {
        const Constant moved = transposed(*value, order);
        const std::string made = file.addConstant(name(what), moved.value);
        return file.quantisation(node.inputs[input]) ? file.dequantised(made, moved) : made;
    }
    const std::string made = name(what);
    add("Transpose", {in(input)}, {made}).ints("perm", order);
    return made;
}

std::string OnnxNodeWriter::before(Activation activation, const std::string& to) const
{
    return activation == Activation::None ? to : name("linear");
}

void OnnxNodeWriter::activation(Activation activation, const std::string& from, const std::string& to) const
{
    switch (activation) {
    case Activation::None:
        break;
    case Activation::Relu:
        add("Relu", {from}, {to});
        break;
    case Activation::ReluMinus1To1:
        add("Clip", {from, real("low", -1.0f), real("high", 1.0f)}, {to});
        break;
    case Activation::Relu6:
        add("Clip", {from, real("low", 0.0f), real("high", 6.0f)}, {to});
        break;
    case Activation::Tanh:
        add("Tanh", {from}, {to});
        break;
    }
}

void OnnxNodeWriter::finish() const
{
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
        if (hasOut(i) && out(i) != node.outputs[i])
            file.quantise(out(i), node.outputs[i]);
    }
}

Error noForm(const QString& what)
{
    return Error(ErrorKind::Unsupported, QStringLiteral("The model cannot be written as ONNX: %1.").arg(what));
}

} // namespace ember::model::detail
