// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/layer_form.h"

#include "core/model/graph_edit.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace ember::model {
namespace {

using namespace detail;

Tensor floats(std::vector<float> values, Shape shape)
{
    return Tensor::of(values, std::move(shape));
}

// Builds the new graph node by node. A value of the old graph may exist in its own order, in that of channels last, or
// both; the other one is made when somebody needs it.
class Builder
{
public:
    Builder(const Graph& from, Analysis analysis)
        : m_from(from)
        , m_analysis(std::move(analysis))
        , m_uses(from)
    {
        m_to.name = from.name;
        m_to.inputs = from.inputs;
        m_to.outputs = from.outputs;
        m_to.constants = from.constants;
        m_to.states = from.states;
        m_to.values = from.values;
    }

    Graph build()
    {
        for (const Node& node : m_from.nodes)
            std::visit([this, &node](const auto& op) { visit(op, node); }, node.operation);
        for (const ValueInfo& output : m_from.outputs)
            plain(output.name);
        return std::move(m_to);
    }

private:
    struct Flattened
    {
        std::string last;
        Shape shape; ///< with channels first
    };

    // Values.

    Shape shapeOf(const std::string& name) const
    {
        if (const Tensor* value = floatsOf(name))
            return value->shape();
        const auto found = m_analysis.values.find(name);
        return found == m_analysis.values.end() ? Shape() : found->second.shape;
    }

    const Tensor* floatsOf(const std::string& name) const
    {
        const auto found = m_to.constants.find(name);
        return found != m_to.constants.end() && found->second.value.type() == TensorType::Float32 ? &found->second.value
                                                                                                  : nullptr;
    }

    bool isConstant(const std::string& name) const { return m_to.constants.contains(name); }

    std::string constant(const std::string& name, Tensor value)
    {
        m_to.constants.insert_or_assign(name, Constant{std::move(value)});
        return name;
    }

    std::string shapeConstant(const std::string& name, const Shape& shape)
    {
        return constant(name, Tensor::of(shape, {static_cast<qint64>(shape.size())}));
    }

    void emit(const Node& like, Operation operation, std::vector<std::string> inputs, std::vector<std::string> outputs)
    {
        for (const std::string& name : outputs)
            m_makers[name] = m_to.nodes.size();
        m_to.nodes.push_back({like.name, std::move(operation), std::move(inputs), std::move(outputs)});
    }

    std::string plain(const std::string& name)
    {
        const auto last = m_last.find(name);
        if (last == m_last.end() || m_plain.contains(name))
            return name;
        m_plain.insert(name);
        if (const auto flat = m_flat.find(name); flat != m_flat.end()) {
            const std::string turned = name + "/first";
            emit({}, Transpose{firstOrder(flat->second.shape.size())}, {flat->second.last}, {turned});
            const std::string shape = shapeConstant(name + "/shape", {-1, product(flat->second.shape, 1)});
            emit({}, Reshape{}, {turned, shape}, {name});
        } else {
            emit({}, Transpose{firstOrder(shapeOf(name).size())}, {last->second}, {name});
        }
        return name;
    }

    bool hasLast(const std::string& name) const { return m_last.contains(name) && !m_flat.contains(name); }

    std::string last(const std::string& name)
    {
        if (hasLast(name))
            return m_last.at(name);
        const std::string made = name + "/last";
        emit({}, Transpose{lastOrder(shapeOf(name).size())}, {plain(name)}, {made});
        m_last[name] = made;
        m_plain.insert(name);
        return made;
    }

    std::string makeLast(const std::string& name) { return m_last[name] = name + "/last"; }

    std::vector<std::string> allPlain(const Node& node)
    {
        std::vector<std::string> names;
        for (const std::string& name : node.inputs)
            names.push_back(name.empty() ? name : plain(name));
        return names;
    }

    // A constant that meets a value with channels last: its dimensions are aligned to the end, as broadcasting does.
    std::optional<std::string> constantLast(const std::string& name, std::size_t rank)
    {
        const Tensor* value = floatsOf(name);
        if (!value || value->rank() > rank)
            return std::nullopt;
        if (value->size() == 1)
            return name;
        Constant full{*value};
        Shape shape(rank - value->rank(), 1);
        shape.insert(shape.end(), value->shape().begin(), value->shape().end());
        if (!full.value.reshape(shape))
            return std::nullopt;
        return constant(name + "/last", transposed(full, lastOrder(rank)).value);
    }

    // Layers.

    template <typename Any>
    void visit(const Any& op, const Node& node)
    {
        emit(node, op, allPlain(node), node.outputs);
    }

    void visit(const Gemm& op, const Node& node)
    {
        const Tensor* b = floatsOf(node.inputs[1]);
        const Tensor* c = node.inputs.size() > 2 ? floatsOf(node.inputs[2]) : nullptr;
        const bool hasBias = node.inputs.size() > 2 && !node.inputs[2].empty();
        if (!b || b->rank() != 2 || op.transposeA || (hasBias && !c))
            return emit(node, op, allPlain(node), node.outputs);
        Tensor weights = op.transposeB ? *b : transposed(Constant{*b}, {1, 0}).value;
        for (float& w : weights.as<float>())
            w *= op.alpha;
        const qint64 out = weights.shape()[0];
        std::vector<float> bias;
        if (hasBias) {
            if (c->size() != out && c->size() != 1)
                return emit(node, op, allPlain(node), node.outputs);
            for (qint64 i = 0; i < out; ++i)
                bias.push_back(op.beta * c->as<float>()[static_cast<std::size_t>(c->size() == 1 ? 0 : i)]);
        }
        dense(node, false, std::move(weights), std::move(bias));
    }

    void visit(const MatMul& op, const Node& node)
    {
        const Tensor* b = floatsOf(node.inputs[1]);
        if (!b || b->rank() != 2 || op.transposeA)
            return emit(node, op, allPlain(node), node.outputs);
        const bool keep = shapeOf(node.inputs[0]).size() != 2;
        dense(node, keep, op.transposeB ? *b : transposed(Constant{*b}, {1, 0}).value, {});
    }

    void dense(const Node& node, bool keepLeading, Tensor weights, std::vector<float> bias)
    {
        std::string x;
        if (const auto flat = m_flat.find(node.inputs[0]); flat != m_flat.end() && !keepLeading) {
            // The columns follow the order of the elements.
            Shape shape = flat->second.shape;
            shape[0] = weights.shape()[0];
            const Shape flatShape = weights.shape();
            Constant columns{std::move(weights)};
            if (columns.value.reshape(shape))
                columns = transposed(columns, lastOrder(shape.size()));
            weights = std::move(columns.value);
            if (!weights.reshape(flatShape))
                return;
            x = m_last.at(node.inputs[0]);
        } else {
            x = plain(node.inputs[0]);
        }
        const std::string& made = node.outputs[0];
        std::vector<std::string> inputs{x, constant(made + "/weights", std::move(weights))};
        if (!bias.empty()) {
            const auto size = static_cast<qint64>(bias.size());
            inputs.push_back(constant(made + "/bias", floats(std::move(bias), {size})));
        }
        emit(node, Dense{Activation::None, keepLeading}, std::move(inputs), node.outputs);
    }

    void visit(const Conv& op, const Node& node)
    {
        const Tensor* w = floatsOf(node.inputs[1]);
        if (op.layout == Layout::ChannelsLast || !w || w->rank() < 3)
            return emit(node, op, allPlain(node), node.outputs);
        const std::size_t rank = w->rank();
        const bool depthwise = op.groups > 1 && w->shape()[1] == 1;
        Tensor weights = transposed(Constant{*w}, depthwise ? rotatedOrder(rank) : lastOrder(rank)).value;
        std::vector<std::string> inputs{last(node.inputs[0]), constant(node.outputs[0] + "/weights", weights)};
        if (node.inputs.size() > 2 && !node.inputs[2].empty())
            inputs.push_back(node.inputs[2]);
        Conv conv = op;
        conv.layout = Layout::ChannelsLast;
        Operation layer = conv;
        if (depthwise)
            layer = DepthwiseConv{op.window, op.activation};
        emit(node, std::move(layer), std::move(inputs), {makeLast(node.outputs[0])});
    }

    void visit(const ConvTranspose& op, const Node& node)
    {
        const Tensor* w = floatsOf(node.inputs[1]);
        if (op.layout == Layout::ChannelsLast || !w || w->rank() < 3 || op.groups != 1)
            return emit(node, op, allPlain(node), node.outputs);
        Tensor weights = transposed(Constant{*w}, rotatedOrder(w->rank())).value;
        std::vector<std::string> inputs{last(node.inputs[0]), constant(node.outputs[0] + "/weights", weights)};
        if (node.inputs.size() > 2 && !node.inputs[2].empty())
            inputs.push_back(node.inputs[2]);
        ConvTranspose conv = op;
        conv.layout = Layout::ChannelsLast;
        emit(node, conv, std::move(inputs), {makeLast(node.outputs[0])});
    }

    void visit(const Pool& op, const Node& node)
    {
        if (op.layout == Layout::ChannelsLast || node.outputs.size() != 1)
            return emit(node, op, allPlain(node), node.outputs);
        Pool pool = op;
        pool.layout = Layout::ChannelsLast;
        emit(node, pool, {last(node.inputs[0])}, {makeLast(node.outputs[0])});
    }

    // What already lies with channels last is taken as it is.
    void visit(const Transpose& op, const Node& node)
    {
        const std::string& y = node.outputs[0];
        const std::size_t rank = shapeOf(node.inputs[0]).size();
        const bool isOutput = std::any_of(m_from.outputs.begin(), m_from.outputs.end(),
                                          [&y](const ValueInfo& output) { return output.name == y; });
        if (rank < 3 || op.permutation != firstOrder(rank) || isOutput || hasLast(node.inputs[0]))
            return emit(node, op, allPlain(node), node.outputs);
        m_last[y] = plain(node.inputs[0]);
    }

    // A scale and an offset for each channel: into the layer before, where there is one that nothing else reads.
    void visit(const BatchNorm& op, const Node& node)
    {
        std::vector<const Tensor*> parts;
        for (std::size_t i = 1; i < node.inputs.size(); ++i)
            parts.push_back(floatsOf(node.inputs[i]));
        if (parts.size() != 4 || std::count(parts.begin(), parts.end(), nullptr) > 0)
            return emit(node, op, allPlain(node), node.outputs);
        std::vector<float> scale, offset;
        for (std::size_t c = 0; c < static_cast<std::size_t>(parts[0]->size()); ++c) {
            const double s = static_cast<double>(parts[0]->as<float>()[c]) /
                             std::sqrt(static_cast<double>(parts[3]->as<float>()[c]) + static_cast<double>(op.epsilon));
            scale.push_back(static_cast<float>(s));
            offset.push_back(static_cast<float>(static_cast<double>(parts[1]->as<float>()[c]) -
                                                static_cast<double>(parts[2]->as<float>()[c]) * s));
        }
        const bool flat = shapeOf(node.inputs[0]).size() == 2;
        const std::string x = flat ? plain(node.inputs[0]) : last(node.inputs[0]);
        const std::string made = flat ? node.outputs[0] : makeLast(node.outputs[0]);
        const auto maker = m_makers.find(x);
        if (m_uses.isOnlyUse(node.inputs[0]) && maker != m_makers.end() &&
            scaleLayer(m_to.nodes[maker->second], node.outputs[0], scale, offset)) {
            m_to.nodes[maker->second].outputs = {made};
            m_makers[made] = maker->second;
            return;
        }
        const auto channels = static_cast<qint64>(scale.size());
        emit(node, Binary{BinaryKind::Multiply, Activation::None},
             {x, constant(node.outputs[0] + "/scale", floats(scale, {channels}))}, {made + "/scaled"});
        emit(node, Binary{}, {made + "/scaled", constant(node.outputs[0] + "/offset", floats(offset, {channels}))},
             {made});
    }

    bool scaleLayer(Node& layer, const std::string& name, const std::vector<float>& scale,
                    const std::vector<float>& offset)
    {
        const bool depthwise = std::holds_alternative<DepthwiseConv>(layer.operation);
        if (!depthwise && !std::holds_alternative<Conv>(layer.operation) &&
            !std::holds_alternative<Dense>(layer.operation) && !std::holds_alternative<ConvTranspose>(layer.operation))
            return false;
        const Tensor* w = floatsOf(layer.inputs[1]);
        const Tensor* b = layer.inputs.size() > 2 ? floatsOf(layer.inputs[2]) : nullptr;
        if (!w || (layer.inputs.size() > 2 && !b))
            return false;
        Tensor weights = *w;
        const std::size_t channels = scale.size();
        const std::size_t all = static_cast<std::size_t>(weights.size());
        for (std::size_t i = 0; i < all; ++i)
            weights.as<float>()[i] *= scale[depthwise ? i % channels : i / (all / channels)];
        std::vector<float> bias(channels);
        for (std::size_t c = 0; c < channels; ++c)
            bias[c] = offset[c] + (b ? b->as<float>()[c] * scale[c] : 0.0f);
        layer.inputs = {layer.inputs[0], constant(name + "/weights", std::move(weights)),
                        constant(name + "/bias", floats(bias, {static_cast<qint64>(channels)}))};
        return true;
    }

    // Element by element.

    void visit(const Unary& op, const Node& node)
    {
        if (!hasLast(node.inputs[0]))
            return emit(node, op, allPlain(node), node.outputs);
        emit(node, op, {last(node.inputs[0])}, {makeLast(node.outputs[0])});
    }

    void visit(const Binary& op, const Node& node)
    {
        if (addBias(op, node))
            return;
        const std::size_t rank = shapeOf(node.outputs[0]).size();
        const bool any = hasLast(node.inputs[0]) || hasLast(node.inputs[1]);
        std::vector<std::string> inputs;
        for (const std::string& name : node.inputs) {
            if (!any)
                break;
            if (isConstant(name)) {
                if (const auto turned = constantLast(name, rank))
                    inputs.push_back(*turned);
            } else if (shapeOf(name).size() == rank) {
                inputs.push_back(last(name));
            }
        }
        if (inputs.size() != 2)
            return emit(node, op, allPlain(node), node.outputs);
        emit(node, op, std::move(inputs), {makeLast(node.outputs[0])});
    }

    // The sum behind a product of matrices.
    bool addBias(const Binary& op, const Node& node)
    {
        for (std::size_t side = 0; side < 2 && op.kind == BinaryKind::Add; ++side) {
            const auto maker = m_makers.find(node.inputs[side]);
            const Tensor* bias = floatsOf(node.inputs[1 - side]);
            if (maker == m_makers.end() || !bias || !m_uses.isOnlyUse(node.inputs[side]))
                continue;
            Node& layer = m_to.nodes[maker->second];
            if (!std::holds_alternative<Dense>(layer.operation) || layer.inputs.size() != 2 ||
                bias->size() != floatsOf(layer.inputs[1])->shape()[0] || bias->shape().back() != bias->size())
                continue;
            const auto values = bias->as<float>();
            layer.inputs.push_back(
                constant(node.outputs[0] + "/bias", floats({values.begin(), values.end()}, {bias->size()})));
            layer.outputs = node.outputs;
            m_makers[node.outputs[0]] = maker->second;
            return true;
        }
        return false;
    }

    void visit(const Concat& op, const Node& node)
    {
        const bool any = std::any_of(node.inputs.begin(), node.inputs.end(),
                                     [this](const std::string& name) { return hasLast(name); });
        const bool constants = std::any_of(node.inputs.begin(), node.inputs.end(),
                                           [this](const std::string& name) { return isConstant(name); });
        if (!any || constants)
            return emit(node, op, allPlain(node), node.outputs);
        std::vector<std::string> inputs;
        for (const std::string& name : node.inputs)
            inputs.push_back(last(name));
        emit(node, Concat{axisLast(op.axis, shapeOf(node.inputs[0]).size())}, std::move(inputs),
             {makeLast(node.outputs[0])});
    }

    static qint64 axisLast(qint64 axis, std::size_t rank)
    {
        const auto size = static_cast<qint64>(rank);
        const qint64 place = axis < 0 ? axis + size : axis;
        return place == 0 ? 0 : (place == 1 ? size - 1 : place - 1);
    }

    void visit(const Softmax& op, const Node& node)
    {
        if (!hasLast(node.inputs[0]) || op.flatten)
            return emit(node, op, allPlain(node), node.outputs);
        Softmax softmax = op;
        softmax.axis = axisLast(op.axis, shapeOf(node.inputs[0]).size());
        emit(node, softmax, {last(node.inputs[0])}, {makeLast(node.outputs[0])});
    }

    // Shapes.

    void visit(const Reduce& op, const Node& node)
    {
        const Shape from = shapeOf(node.inputs[0]);
        std::vector<qint64> axes = op.axes;
        if (node.inputs.size() > 1) {
            const auto given = m_to.constants.find(node.inputs[1]);
            if (given != m_to.constants.end())
                axes = given->second.value.toInt64();
        }
        std::string x = node.inputs[0];
        // The mean over all cells comes as one over cells that were put in a row.
        const auto rows = m_rows.find(x);
        const bool ofRows = rows != m_rows.end() && axes == std::vector<qint64>{2} && hasLast(rows->second);
        if (ofRows)
            x = rows->second;
        const std::size_t rank = shapeOf(x).size();
        const bool spatial = !axes.empty() && std::all_of(axes.begin(), axes.end(), [rank](qint64 axis) {
            const qint64 place = axis < 0 ? axis + static_cast<qint64>(rank) : axis;
            return place >= 2;
        });
        if (!ofRows && (!hasLast(x) || !spatial || axes.size() + 2 != rank))
            return emit(node, op, allPlain(node), node.outputs);
        std::vector<qint64> cells;
        for (std::size_t d = 1; d + 1 < rank; ++d)
            cells.push_back(static_cast<qint64>(d));
        if (!op.keepDimensions && !ofRows) {
            emit(node, Reduce{op.kind, cells, false, false}, {last(x)}, node.outputs);
            return;
        }
        emit(node, Reduce{op.kind, cells, true, false}, {last(x)}, {makeLast(node.outputs[0])});
    }

    void visit(const Reshape& op, const Node& node) { reshape(op, node); }
    void visit(const Flatten& op, const Node& node) { reshape(op, node); }
    void visit(const Squeeze& op, const Node& node) { reshape(op, node); }

    template <typename Op>
    void reshape(const Op& op, const Node& node)
    {
        const std::string& x = node.inputs[0];
        const std::string& y = node.outputs[0];
        const Shape from = shapeOf(x);
        const Shape to = shapeOf(y);
        if (!hasLast(x) || to.empty() || from.empty() || to[0] != from[0])
            return emit(node, op, allPlain(node), node.outputs);
        const bool single = product(from, 2) == 1;
        if (to.size() == 3 && to[1] == from[1] && from.size() > 3 && m_uses.isOnlyUse(y))
            m_rows[y] = x;
        if (!single && to.size() == 2) {
            const std::string made = y + "/last";
            emit(node, Reshape{}, {last(x), shapeConstant(y + "/shape", {-1, to[1]})}, {made});
            m_last[y] = made;
            m_flat[y] = {last(x), from};
            return;
        }
        if (single && product(to, 1) == from[1]) {
            Shape shape = to;
            shape[0] = -1;
            emit(node, Reshape{}, {last(x), shapeConstant(y + "/shape", shape)}, {y});
            return;
        }
        emit(node, op, allPlain(node), node.outputs);
    }

    static qint64 product(const Shape& shape, std::size_t begin)
    {
        qint64 result = 1;
        for (std::size_t d = begin; d < shape.size(); ++d)
            result *= shape[d];
        return result;
    }

    const Graph& m_from;
    Analysis m_analysis;
    GraphUses m_uses;
    Graph m_to;
    std::map<std::string, std::size_t> m_makers; ///< nodes of the new graph by their results
    std::map<std::string, std::string> m_last;   ///< values with channels last
    std::set<std::string> m_plain;               ///< values that exist in their own order too
    std::map<std::string, Flattened> m_flat;     ///< rows of all elements
    std::map<std::string, std::string> m_rows;   ///< cells in a row: what they are cells of
};

} // namespace

Result<Graph> layerForm(const Graph& graph)
{
    EMBER_TRY(Graph form, foldShapes(graph));
    EMBER_TRY(Analysis analysis, analyse(form));
    form = Builder(form, std::move(analysis)).build();
    fuseClamps(form);
    dropUnread(form);
    return form;
}

} // namespace ember::model
