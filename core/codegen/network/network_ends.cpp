// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/network_ends.h"

#include "core/codegen/network/lower_layers.h"
#include "core/model/analysis.h"
#include "core/model/interpreter.h"

#include <algorithm>
#include <map>
#include <set>

namespace ember::codegen {
namespace {

class EndFinder
{
public:
    EndFinder(const model::Model& model, const model::Analysis& analysis)
        : m_model(model)
        , m_analysis(analysis)
    {
        for (const model::Node& node : model.graph.nodes) {
            for (const std::string& name : node.outputs)
                m_makers[name] = &node;
        }
    }

    Result<NetworkCore> run()
    {
        for (const model::ValueInfo& output : m_model.graph.outputs) {
            if (const model::ValueInfo* stored = storedBehind(output.name); stored && m_core.output.empty())
                m_core.output = stored->name;
            else if (const model::Node* choice = choiceBehind(output.name); choice && m_core.compared.empty())
                EMBER_CHECK(setChoice(*choice, output));
            else
                return noKernel(QStringLiteral("the network's output '%1'").arg(QString::fromStdString(output.name)));
        }
        if (m_core.output.empty())
            m_core.output = m_core.compared;
        m_core.model = m_model;
        setOutputs();
        return std::move(m_core);
    }

private:
    const model::Node* maker(const std::string& name) const
    {
        const auto found = m_makers.find(name);
        return found == m_makers.end() ? nullptr : found->second;
    }

    /// The integers that a value is, or whose reals it is; null for others.
    const model::ValueInfo* storedBehind(std::string name) const
    {
        for (;;) {
            const auto value = m_analysis.values.find(name);
            if (value == m_analysis.values.end())
                return nullptr;
            if (value->second.type == model::TensorType::Int8 && value->second.quantisation)
                return &value->second;
            const model::Node* node = maker(name);
            if (!node || !std::holds_alternative<model::Requantise>(node->operation))
                return nullptr;
            name = node->inputs.front();
        }
    }

    /// The choice of the largest that a label comes from; null: it comes from none.
    const model::Node* choiceBehind(const std::string& name) const
    {
        std::vector<std::string> open{name};
        std::set<std::string> seen;
        while (!open.empty()) {
            const std::string at = std::move(open.back());
            open.pop_back();
            const model::Node* node = maker(at);
            if (!node || !seen.insert(at).second)
                continue;
            if (std::holds_alternative<model::ArgExtreme>(node->operation))
                return node;
            open.insert(open.end(), node->inputs.begin(), node->inputs.end());
        }
        return nullptr;
    }

    Status setChoice(const model::Node& node, const model::ValueInfo& label)
    {
        const auto& op = *std::get_if<model::ArgExtreme>(&node.operation);
        const model::ValueInfo* stored = storedBehind(node.inputs.front());
        if (!op.maximum || op.last || !stored || stored->shape.empty() ||
            (op.axis != -1 && op.axis + 1 != static_cast<qint64>(stored->shape.size())) ||
            stored->shape.back() != elementsOf(stored->shape))
            return noKernel(QStringLiteral("a class that is not the largest of a row of integers"));
        m_core.compared = stored->name;
        return checkLabels(node, label, stored->shape.back());
    }

    /// Runs what makes labels of indices on every index.
    Status checkLabels(const model::Node& choice, const model::ValueInfo& label, qint64 classes) const
    {
        model::Model tail = m_model;
        model::ValueInfo index = m_analysis.values.at(choice.outputs.front());
        const Error otherLabels = noKernel(QStringLiteral("labels that are not the model's classes in their order"));
        if (label.name == index.name) { // the index itself
            for (qint64 i = 0; i < classes; ++i) {
                if (!isClass(QString::number(i), i))
                    return otherLabels;
            }
            return {};
        }
        tail.graph.inputs = {index};
        tail.graph.outputs = {label};
        keepWhatMakes(tail.graph, {label.name}, {index.name});
        EMBER_TRY(const model::Interpreter interpreter, model::Interpreter::create(std::move(tail)));
        for (qint64 i = 0; i < classes; ++i) {
            EMBER_TRY(model::Tensor input, model::Tensor::zeros(index.type, index.shape));
            input.assign(std::span<const qint64>(&i, 1));
            std::vector<model::Tensor> inputs;
            inputs.push_back(std::move(input));
            EMBER_TRY(const std::vector<model::Tensor> said, interpreter.run(std::move(inputs)));
            if (said.front().size() != 1 || !isClass(textOf(said.front()), i))
                return otherLabels;
        }
        return {};
    }

    static QString textOf(const model::Tensor& label)
    {
        return label.type() == model::TensorType::String ? QString::fromStdString(label.strings().front())
                                                         : QString::number(label.toInt64().front());
    }

    bool isClass(const QString& label, qint64 index) const
    {
        return m_model.classNames.isEmpty() ? label == QString::number(index)
                                            : m_model.classNames.value(static_cast<qsizetype>(index)) == label;
    }

    /// Drops nodes that no output depends on, and those that make the inputs.
    static void keepWhatMakes(model::Graph& graph, const std::set<std::string>& outputs,
                              const std::set<std::string>& inputs)
    {
        std::set<std::string> read = outputs;
        std::vector<model::Node> kept;
        for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
            const auto isIn = [&node](const std::set<std::string>& names) {
                return std::any_of(node->outputs.begin(), node->outputs.end(),
                                   [&names](const std::string& name) { return names.contains(name); });
            };
            if (!isIn(read) || isIn(inputs))
                continue;
            read.insert(node->inputs.begin(), node->inputs.end());
            kept.push_back(std::move(*node));
        }
        graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
        std::erase_if(graph.constants, [&read](const auto& constant) { return !read.contains(constant.first); });
    }

    void setOutputs()
    {
        model::Graph& graph = m_core.model.graph;
        std::set<std::string> names{m_core.output};
        graph.outputs = {m_analysis.values.at(m_core.output)};
        if (!m_core.compared.empty() && names.insert(m_core.compared).second)
            graph.outputs.push_back(m_analysis.values.at(m_core.compared));
        keepWhatMakes(graph, names, {});
    }

    const model::Model& m_model;
    const model::Analysis& m_analysis;
    std::map<std::string, const model::Node*> m_makers;
    NetworkCore m_core;
};

} // namespace

Result<NetworkCore> networkCore(const model::Model& model)
{
    const model::Graph& graph = model.graph;
    if (graph.inputs.size() != 1)
        return noKernel(QStringLiteral("a network of %1 inputs").arg(graph.inputs.size()));
    if (graph.outputs.empty() || graph.outputs.size() > 2)
        return noKernel(QStringLiteral("a network of %1 outputs").arg(graph.outputs.size()));
    if (!graph.states.empty())
        return noKernel(QStringLiteral("a network that keeps states"));
    EMBER_TRY(const model::Analysis analysis, model::analyse(graph));
    return EndFinder(model, analysis).run();
}

} // namespace ember::codegen
