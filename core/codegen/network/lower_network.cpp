// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/lower_network.h"

#include "core/codegen/network/fuse_steps.h"
#include "core/codegen/network/lower_layers.h"
#include "core/codegen/network/lower_reals.h"
#include "core/codegen/network/network_ends.h"
#include "core/model/analysis.h"

#include <map>

namespace ember::codegen {
namespace {

constexpr qint64 kMaxValues = 65535; // of an input or output, in the generated code

class NetworkLowering
{
public:
    explicit NetworkLowering(const NetworkCore& core)
        : m_core(core)
        , m_graph(core.model.graph)
    {}

    Result<LoweredNetwork> run()
    {
        EMBER_TRY(m_analysis, model::analyse(m_graph));
        EMBER_CHECK(setInput());
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
    Status setInput()
    {
        m_network.input = m_analysis.values.at(m_graph.inputs.front().name);
        const qint64 count = elementsOf(m_network.input.shape);
        if (count < 1 || count > kMaxValues)
            return noKernel(QStringLiteral("a network of %1 features").arg(count));
        if (m_network.input.quantisation)
            m_numbers[m_network.input.name] = kNetworkInput;
        else
            m_reals[m_network.input.name] = featuresAsReals(count);
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
        for (const std::string& name : node.inputs) {
            if (const auto reals = m_reals.find(name); reals != m_reals.end())
                return addReals(node, values, reals->second);
        }
        EMBER_TRY(std::optional<StepKind> kind, lowerOperation(node.operation, values));
        const auto first = m_numbers.find(node.inputs.front());
        if (first == m_numbers.end())
            return noKernel(QStringLiteral("an operation on constants"));
        if (kind)
            addStep(node, std::move(*kind), *values.output);
        else
            m_numbers[node.outputs.front()] = first->second;
        return {};
    }

    /// What reads reals makes other reals of them, or integers.
    Status addReals(const model::Node& node, const NodeValues& values, const RealValue& reals)
    {
        if (!std::holds_alternative<model::Requantise>(node.operation)) {
            EMBER_TRY(m_reals[node.outputs.front()], lowerReals(node.operation, values, reals));
            return {};
        }
        if (values.output->type != model::TensorType::Int8)
            return noKernel(QStringLiteral("features as %1").arg(model::tensorTypeName(values.output->type)));
        addStep(node, quantiseReals(reals, *values.output->quantisation), *values.output);
        m_network.steps.back().inputs = {kNetworkInput};
        return {};
    }

    void addStep(const model::Node& node, StepKind kind, const model::ValueInfo& output)
    {
        NetworkStep step{std::move(kind), QString::fromStdString(node.name), {}, 0};
        for (const std::string& name : node.inputs) {
            if (const auto number = m_numbers.find(name); number != m_numbers.end())
                step.inputs.push_back(number->second);
        }
        step.output = static_cast<int>(m_network.values.size());
        m_network.values.push_back({elementsOf(output.shape)});
        m_numbers[node.outputs.front()] = step.output;
        m_network.steps.push_back(std::move(step));
    }

    Status setOutput()
    {
        const auto output = m_numbers.find(m_core.output);
        if (m_network.steps.empty() || output == m_numbers.end() || output->second != m_network.steps.back().output)
            return noKernel(QStringLiteral("a network whose output is not what its last operation makes"));
        if (m_network.values.back().bytes > kMaxValues)
            return noKernel(QStringLiteral("a network of %1 outputs").arg(m_network.values.back().bytes));
        if (!m_core.compared.empty())
            m_network.compared = m_numbers.at(m_core.compared);
        m_network.outputQuantisation = *m_analysis.values.at(m_core.output).quantisation;
        return {};
    }

    const NetworkCore& m_core;
    const model::Graph& m_graph;
    model::Analysis m_analysis;
    std::map<std::string, int> m_numbers;     ///< values of the network by their name in the graph
    std::map<std::string, RealValue> m_reals; ///< values in front of the first layer
    std::map<std::string, model::ValueInfo> m_constants;
    LoweredNetwork m_network;
};

} // namespace

Result<LoweredNetwork> lowerNetwork(const model::Model& model, FeatureType featureType)
{
    EMBER_TRY(NetworkCore core, networkCore(model));
    EMBER_TRY(LoweredNetwork network, NetworkLowering(core).run());
    network.featureType = featureType;
    fuseSteps(network);
    planMemory(network);
    EMBER_TRY(network.interpreter, model::Interpreter::create(std::move(core.model)));
    return network;
}

} // namespace ember::codegen
