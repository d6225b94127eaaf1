// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/analysis.h"

#include "core/model/interpreter.h"
#include "core/model/ops/op.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

namespace ember::model {
namespace {

// Constants larger than this are weights, not shapes: folding them gains nothing that an analysis needs.
constexpr qint64 kMaxFoldedElements = 100'000;
constexpr qint64 kMaxFoldedBytes = 32'000'000;
constexpr qint64 kMaxFoldedWork = 8'000'000; ///< elements read and made, and multiplications

bool changesState(const Operation& operation)
{
    return std::holds_alternative<Svdf>(operation) || std::holds_alternative<SequenceLstm>(operation) ||
           std::holds_alternative<Assign>(operation) || std::holds_alternative<Signal>(operation);
}

class Analyst
{
public:
    Analyst(const Graph& graph, qint64 batch)
        : m_graph(graph)
        , m_batch(batch)
    {}

    Result<Analysis> run()
    {
        for (const ValueInfo& input : m_graph.inputs) {
            ValueInfo known = input;
            for (qint64& size : known.shape)
                size = size < 0 ? m_batch : size;
            EMBER_TRY(const qint64 count, elementCount(known.shape));
            Q_UNUSED(count)
            m_result.values[input.name] = std::move(known);
        }
        for (const ValueInfo& state : m_graph.states) {
            EMBER_TRY(const qint64 count, elementCount(state.shape));
            Q_UNUSED(count)
            m_result.values[state.name] = state;
        }
        for (const Node& node : m_graph.nodes) {
            if (auto status = visit(node); !status)
                return status.error().context(
                    QStringLiteral("looking at %1 '%2'")
                        .arg(operationName(node.operation), QString::fromStdString(node.name).left(80)));
        }
        findLiveBytes();
        return std::move(m_result);
    }

private:
    const Tensor* knownValue(const std::string& name) const
    {
        if (const auto constant = m_graph.constants.find(name); constant != m_graph.constants.end())
            return &constant->second.value;
        const auto folded = m_result.folded.find(name);
        return folded == m_result.folded.end() ? nullptr : &folded->second;
    }

    ops::Input inputOf(const std::string& name) const
    {
        if (name.empty())
            return {};
        if (const auto constant = m_graph.constants.find(name); constant != m_graph.constants.end()) {
            const Constant& c = constant->second;
            return {c.value.type(), c.value.shape(), &c.value, c.quantisation ? &*c.quantisation : nullptr, true};
        }
        const auto value = m_result.values.find(name);
        if (value == m_result.values.end())
            return {};
        const ValueInfo& info = value->second;
        return {info.type, info.shape, knownValue(name), info.quantisation ? &*info.quantisation : nullptr, true};
    }

    Status visit(const Node& node)
    {
        ops::InferContext context;
        for (const std::string& name : node.inputs)
            context.inputs.push_back(inputOf(name));
        for (const std::string& name : node.outputs) {
            const auto declared = m_graph.values.find(name);
            context.declared.push_back(declared == m_graph.values.end() ? nullptr : &declared->second);
        }
        EMBER_TRY(const ops::Inference inference, ops::inferOperation(node.operation, context));
        if (inference.outputs.size() < node.outputs.size())
            return ops::bad(
                QStringLiteral("%1 results where there are %2").arg(node.outputs.size()).arg(inference.outputs.size()));
        m_result.macs = inference.macs > std::numeric_limits<qint64>::max() - m_result.macs
                            ? std::numeric_limits<qint64>::max()
                            : m_result.macs + inference.macs;
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            if (node.outputs[i].empty())
                continue;
            ValueInfo info{node.outputs[i], inference.outputs[i].type, inference.outputs[i].shape};
            if (context.declared[i])
                info.quantisation = context.declared[i]->quantisation;
            m_result.values[info.name] = std::move(info);
        }
        return fold(node, inference);
    }

    // A node whose inputs are all known is computed now: exporters work out shapes with such nodes. So is the shape of
    // any value, which is known before the value is.
    Status fold(const Node& node, const ops::Inference& inference)
    {
        ops::Call call;
        std::vector<Tensor> shapes(node.inputs.size());
        const bool onlyShape =
            std::holds_alternative<ShapeOf>(node.operation) || std::holds_alternative<SizeOf>(node.operation);
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const Tensor* value = node.inputs[i].empty() ? nullptr : knownValue(node.inputs[i]);
            if (!value && onlyShape) {
                EMBER_TRY(shapes[i], Tensor::withoutElements(m_result.values.at(node.inputs[i]).shape));
                value = &shapes[i];
            }
            if (!value && !node.inputs[i].empty())
                return {};
            call.inputs.push_back(value);
            call.inputQuantisation.push_back(inputOf(node.inputs[i]).quantisation);
            call.states.push_back(nullptr);
        }
        if (changesState(node.operation) || !isWorthFolding(call, inference, onlyShape))
            return {};
        for (std::size_t i = 0; i < inference.outputs.size(); ++i) {
            EMBER_TRY(Tensor tensor, Tensor::zeros(inference.outputs[i].type, inference.outputs[i].shape));
            call.outputs.push_back(std::move(tensor));
            const auto info = i < node.outputs.size() ? m_result.values.find(node.outputs[i]) : m_result.values.end();
            call.outputQuantisation.push_back(
                info != m_result.values.end() && info->second.quantisation ? &*info->second.quantisation : nullptr);
        }
        EMBER_CHECK(ops::evaluateOperation(node.operation, call));
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            if (!node.outputs[i].empty())
                m_result.folded.insert_or_assign(node.outputs[i], std::move(call.outputs[i]));
        }
        return {};
    }

    // Small results, and not too much of them and of the work for them in the whole graph: a file can ask for the same
    // large sum in each of its nodes.
    bool isWorthFolding(const ops::Call& call, const ops::Inference& inference, bool onlyShape)
    {
        qint64 elements = 0;
        qint64 bytes = 0;
        for (const ops::Output& output : inference.outputs) {
            const qint64 count = ops::product(output.shape);
            elements += count;
            bytes += count * static_cast<qint64>(output.type == TensorType::String ? sizeof(std::string)
                                                                                   : elementBytes(output.type));
        }
        qint64 work = elements + std::min(inference.macs, kMaxFoldedWork + 1);
        for (const Tensor* input : call.inputs)
            work += input && !onlyShape ? input->size() : 0;
        if (elements > kMaxFoldedElements || m_foldedBytes + bytes > kMaxFoldedBytes ||
            m_foldedWork + work > kMaxFoldedWork)
            return false;
        m_foldedBytes += bytes;
        m_foldedWork += work;
        return true;
    }

    qint64 bytesOf(const std::string& name) const
    {
        const auto value = m_result.values.find(name);
        if (value == m_result.values.end() || m_result.folded.contains(name))
            return 0;
        return ops::product(value->second.shape) *
               static_cast<qint64>(std::max<std::size_t>(1, elementBytes(value->second.type)));
    }

    // Walks the nodes with the set of values that are still to be read.
    void findLiveBytes()
    {
        std::map<std::string, std::size_t> last;
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            for (const std::string& name : m_graph.nodes[i].inputs)
                last[name] = i;
        }
        for (const ValueInfo& output : m_graph.outputs)
            last[output.name] = m_graph.nodes.size();
        qint64 always = 0;
        for (const ValueInfo& state : m_graph.states)
            always += bytesOf(state.name);
        qint64 live = always;
        for (const ValueInfo& input : m_graph.inputs)
            live += bytesOf(input.name);
        m_result.liveBytes = live;
        std::set<std::string_view> states;
        for (const ValueInfo& state : m_graph.states)
            states.insert(state.name);
        std::map<std::size_t, std::vector<std::string>> dying;
        for (const auto& [name, at] : last)
            dying[at].push_back(name);
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            for (const std::string& name : m_graph.nodes[i].outputs)
                live += bytesOf(name);
            m_result.liveBytes = std::max(m_result.liveBytes, live);
            for (const std::string& name : m_graph.nodes[i].outputs)
                live -= last.contains(name) ? 0 : bytesOf(name);
            for (const std::string& name : dying[i])
                live -= states.contains(name) ? 0 : bytesOf(name);
        }
    }

    const Graph& m_graph;
    qint64 m_batch;
    Analysis m_result;
    qint64 m_foldedBytes = 0;
    qint64 m_foldedWork = 0;
};

} // namespace

Result<Analysis> analyse(const Graph& graph, qint64 batch)
{
    return Analyst(graph, batch).run();
}

} // namespace ember::model
