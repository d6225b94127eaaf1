// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/lower_network.h"

#include "core/codegen/network/lower_layers.h"
#include "core/model/analysis.h"

#include <map>

namespace ember::codegen {
namespace {

class NetworkLowering
{
public:
    explicit NetworkLowering(const model::Graph& graph)
        : m_graph(graph)
    {}

    Result<LoweredNetwork> run()
    {
        EMBER_TRY(m_analysis, model::analyse(m_graph));
        EMBER_CHECK(checkEnds());
        m_numbers[m_graph.inputs.front().name] = kNetworkInput;
        m_network.inputShape = m_analysis.values.at(m_graph.inputs.front().name).shape;
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            if (const Status status = addNode(m_graph.nodes[i]); !status)
                return status.error().context(QStringLiteral("lowering node %1 ('%2')")
                                                  .arg(i)
                                                  .arg(QString::fromStdString(m_graph.nodes[i].name)));
        }
        EMBER_CHECK(setOutput());
        return std::move(m_network);
    }

private:
    Status checkEnds() const
    {
        if (m_graph.inputs.size() != 1 || m_graph.outputs.size() != 1)
            return noKernel(QStringLiteral("a network of %1 inputs and %2 outputs")
                                .arg(m_graph.inputs.size())
                                .arg(m_graph.outputs.size()));
        if (!m_graph.states.empty())
            return noKernel(QStringLiteral("a network that keeps states"));
        return {};
    }

    Result<NodeValues> valuesOf(const model::Node& node)
    {
        NodeValues values;
        for (const std::string& name : node.inputs) {
            const auto constant = m_graph.constants.find(name);
            const auto value = m_analysis.values.find(name);
            values.constants.push_back(constant != m_graph.constants.end() ? &constant->second : nullptr);
            if (name.empty()) {
                values.inputs.push_back(nullptr);
            } else if (constant != m_graph.constants.end()) {
                values.inputs.push_back(constantInfo(name, constant->second));
            } else if (value != m_analysis.values.end()) {
                values.inputs.push_back(&value->second);
            } else {
                return noKernel(QStringLiteral("the value '%1'").arg(QString::fromStdString(name)));
            }
        }
        if (node.outputs.size() != 1)
            return noKernel(QStringLiteral("an operation of %1 results").arg(node.outputs.size()));
        values.output = &m_analysis.values.at(node.outputs.front());
        return values;
    }

    const model::ValueInfo* constantInfo(const std::string& name, const model::Constant& constant)
    {
        return &m_constants
                    .try_emplace(name, model::ValueInfo{name, constant.value.type(), constant.value.shape(),
                                                        constant.quantisation})
                    .first->second;
    }

    Status addNode(const model::Node& node)
    {
        // What constants alone decide is known already.
        if (!node.outputs.empty() && m_analysis.folded.contains(node.outputs.front()))
            return {};
        EMBER_TRY(const NodeValues values, valuesOf(node));
        EMBER_TRY(std::optional<StepKind> kind, lowerOperation(node.operation, values));
        const std::string& output = node.outputs.front();
        const auto first = m_numbers.find(node.inputs.front());
        if (first == m_numbers.end())
            return noKernel(QStringLiteral("an operation on constants"));
        if (!kind) {
            m_numbers[output] = first->second;
            return {};
        }
        NetworkStep step{std::move(*kind), QString::fromStdString(node.name), {}, 0};
        for (const std::string& name : node.inputs) {
            if (const auto number = m_numbers.find(name); number != m_numbers.end())
                step.inputs.push_back(number->second);
        }
        step.output = static_cast<int>(m_network.values.size());
        m_network.values.push_back({elementsOf(values.output->shape)});
        m_numbers[output] = step.output;
        m_network.steps.push_back(std::move(step));
        return {};
    }

    Status setOutput()
    {
        const auto output = m_numbers.find(m_graph.outputs.front().name);
        if (m_network.steps.empty() || output == m_numbers.end() || output->second != m_network.steps.back().output)
            return noKernel(QStringLiteral("a network whose output is not what its last operation makes"));
        return {};
    }

    const model::Graph& m_graph;
    model::Analysis m_analysis;
    std::map<std::string, int> m_numbers; ///< values of the network by their name in the graph
    std::map<std::string, model::ValueInfo> m_constants;
    LoweredNetwork m_network;
};

} // namespace

Result<LoweredNetwork> lowerNetwork(const model::Model& model)
{
    EMBER_TRY(LoweredNetwork network, NetworkLowering(model.graph).run());
    planMemory(network);
    EMBER_TRY(network.interpreter, model::Interpreter::create(model));
    return network;
}

} // namespace ember::codegen
