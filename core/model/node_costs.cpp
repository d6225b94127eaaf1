// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/node_costs.h"

#include "core/model/analysis.h"
#include "core/model/ops/op.h"

#include <set>

namespace ember::model {
namespace {

ops::Input inputOf(const Graph& graph, const Analysis& analysis, const std::string& name)
{
    if (const auto constant = graph.constants.find(name); constant != graph.constants.end()) {
        const Constant& c = constant->second;
        return {c.value.type(), c.value.shape(), &c.value, c.quantisation ? &*c.quantisation : nullptr, true};
    }
    const auto value = analysis.values.find(name);
    if (value == analysis.values.end())
        return {};
    const auto folded = analysis.folded.find(name);
    return {value->second.type, value->second.shape, folded == analysis.folded.end() ? nullptr : &folded->second,
            value->second.quantisation ? &*value->second.quantisation : nullptr, true};
}

qint64 bytesOf(TensorType type, const Shape& shape)
{
    return ops::saturatedProduct(ops::product(shape), static_cast<qint64>(elementBytes(type)));
}

} // namespace

Result<std::vector<NodeCost>> nodeCosts(const Graph& graph)
{
    EMBER_TRY(const Analysis analysis, analyse(graph));
    std::vector<NodeCost> costs;
    std::set<std::string> seen; // constants that several nodes read count once
    for (const Node& node : graph.nodes) {
        NodeCost cost;
        ops::InferContext context;
        for (const std::string& name : node.inputs) {
            context.inputs.push_back(inputOf(graph, analysis, name));
            if (graph.constants.contains(name) && seen.insert(name).second)
                cost.constantBytes += bytesOf(context.inputs.back().type, context.inputs.back().shape);
        }
        for (const std::string& name : node.outputs) {
            const auto declared = graph.values.find(name);
            context.declared.push_back(declared == graph.values.end() ? nullptr : &declared->second);
        }
        EMBER_TRY(const ops::Inference inference, ops::inferOperation(node.operation, context));
        cost.macs = inference.macs;
        if (!inference.outputs.empty())
            cost.result = inference.outputs.front().shape;
        for (std::size_t i = 0; i < std::min(node.outputs.size(), inference.outputs.size()); ++i)
            cost.resultBytes += bytesOf(inference.outputs[i].type, inference.outputs[i].shape);
        costs.push_back(std::move(cost));
    }
    return costs;
}

} // namespace ember::model
