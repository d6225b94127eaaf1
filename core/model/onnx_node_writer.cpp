// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/graph_edit.h"
#include "core/model/onnx_write.h"

#include <algorithm>

namespace ember::model::detail {

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

std::string OnnxNodeWriter::bias() const
{
    const std::string& name = node.inputs[2];
    const Constant* value = m_reals ? file.constant(name) : nullptr;
    if (!value || isFloat(value->value.type()) || file.quantisation(name))
        return in(2);
    // Its scale is that of the sums.
    const Quantisation* weights = file.quantisation(node.inputs[1]);
    const Quantisation* x = file.quantisation(node.inputs[0]);
    if (!weights || !x)
        return in(2);
    Constant scaled{value->value, Quantisation{weights->scales, weights->zeroPoints, 0}};
    for (float& scale : scaled.quantisation->scales)
        scale *= x->scale();
    std::fill(scaled.quantisation->zeroPoints.begin(), scaled.quantisation->zeroPoints.end(), 0);
    return file.dequantised(name, scaled);
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
        const bool shared = file.readers(node.inputs[input]).size() > 1;
        const std::string made = file.addConstant(shared ? name(what) : node.inputs[input], moved.value);
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
