// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_ops.h"

#include <algorithm>

namespace ember::model::detail {

std::string OnnxOperator::in(std::size_t index) const
{
    return index < inputCount() ? m_node.input(static_cast<int>(index)) : std::string();
}

std::vector<std::string> OnnxOperator::inputs(std::size_t count) const
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(count, inputCount()); ++i)
        names.push_back(in(i));
    return names;
}

std::string OnnxOperator::out(std::size_t index) const
{
    return index < outputCount() ? m_node.output(static_cast<int>(index)) : std::string();
}

std::vector<std::string> OnnxOperator::outputs() const
{
    return {m_node.output().begin(), m_node.output().end()};
}

const Tensor* OnnxOperator::known(std::size_t index) const
{
    const auto found = m_graph.constants.find(in(index));
    return found == m_graph.constants.end() ? nullptr : &found->second.value;
}

std::optional<TensorType> OnnxOperator::inputType(std::size_t index) const
{
    for (const ValueInfo& input : m_graph.inputs) {
        if (input.name == in(index))
            return input.type;
    }
    return std::nullopt;
}

Status OnnxOperator::define(const std::string& name, Tensor value) const
{
    if (name.empty() || !m_graph.constants.emplace(name, Constant{std::move(value)}).second)
        return damaged(QStringLiteral("two values are called '%1'").arg(QString::fromStdString(name).left(80)));
    return {};
}

Status OnnxOperator::node(Operation operation, std::vector<std::string> from) const
{
    add(std::move(operation), std::move(from), outputs());
    return {};
}

std::string OnnxOperator::step(const char* what, Operation operation, std::vector<std::string> from) const
{
    std::string made = m_name + "/" + what;
    add(std::move(operation), std::move(from), {made});
    return made;
}

void OnnxOperator::add(Operation operation, std::vector<std::string> from, std::vector<std::string> to) const
{
    m_graph.nodes.push_back({m_name, std::move(operation), std::move(from), std::move(to)});
}

std::string OnnxOperator::constant(const char* what, Tensor value) const
{
    std::string made = m_name + "/" + what;
    m_graph.constants.insert_or_assign(made, Constant{std::move(value)});
    return made;
}

std::string OnnxOperator::integers(const char* what, const std::vector<qint64>& values) const
{
    return constant(what, Tensor::of(values, {static_cast<qint64>(values.size())}));
}

std::string OnnxOperator::real(const char* what, float value) const
{
    return constant(what, Tensor::of(std::vector<float>{value}, {}));
}

std::vector<qint64> OnnxOperator::list(std::string_view name) const
{
    const auto values = attributes.ints(name);
    return {values.begin(), values.end()};
}

Result<Window> OnnxOperator::window() const
{
    Window window;
    window.strides = list("strides");
    window.dilations = list("dilations");
    const std::vector<qint64> pads = list("pads");
    if (pads.size() % 2 != 0)
        return damaged(QStringLiteral("%1 pads").arg(pads.size()));
    window.padsBegin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2));
    window.padsEnd.assign(pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2), pads.end());
    const std::string autoPad = attributes.text("auto_pad", "NOTSET");
    if (autoPad == "SAME_UPPER")
        window.padding = Padding::SameUpper;
    else if (autoPad == "SAME_LOWER")
        window.padding = Padding::SameLower;
    else if (autoPad == "VALID")
        window.padding = Padding::Valid;
    else if (autoPad != "NOTSET" && !autoPad.empty())
        return damaged(QStringLiteral("the padding '%1'").arg(QString::fromStdString(autoPad).left(40)));
    return window;
}

OnnxConvert onnxConverter(std::string_view domain, const std::string& type)
{
    const auto in = [&type](const OnnxConverters& table) {
        const auto found = table.find(type);
        return found == table.end() ? nullptr : found->second;
    };
    if (domain == kMlDomain)
        return in(onnxMl());
    if (!domain.empty() && domain != "ai.onnx")
        return nullptr;
    for (const OnnxConverters* table : {&onnxMath(), &onnxLayers(), &onnxShapes(), &onnxQuantised()}) {
        if (const OnnxConvert found = in(*table))
            return found;
    }
    return nullptr;
}

} // namespace ember::model::detail
