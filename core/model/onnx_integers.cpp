// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_integers.h"

#include "core/model/graph_edit.h"

#include <algorithm>
#include <set>

namespace ember::model::detail {
namespace {

constexpr qint64 kMaxWeights = 8'000'000;

class Fuser
{
public:
    explicit Fuser(Graph& graph)
        : m_graph(graph)
        , m_uses(graph)
        , m_replaced(graph.nodes.size())
    {}

    Status annotate(const pb::GraphProto& proto)
    {
        for (const pb::TensorAnnotation& annotation : proto.quantization_annotation()) {
            std::string scale, zero;
            for (const pb::StringStringEntryProto& entry : annotation.quant_parameter_tensor_names()) {
                if (entry.key() == "SCALE_TENSOR")
                    scale = entry.value();
                else if (entry.key() == "ZERO_POINT_TENSOR")
                    zero = entry.value();
            }
            EMBER_TRY(const Stored stored, storedAs(scale, zero, 0));
            declare(annotation.tensor_name(), stored);
        }
        return {};
    }

    Status run()
    {
        for (const Node& node : m_graph.nodes)
            EMBER_CHECK(check(node));
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            if (std::holds_alternative<DequantizeLinear>(m_graph.nodes[i].operation))
                EMBER_CHECK(readDequantised(m_graph.nodes[i]));
        }
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            if (std::holds_alternative<QuantizeLinear>(m_graph.nodes[i].operation))
                EMBER_CHECK(fuseInto(i));
            else if (const auto* pair = std::get_if<Binary>(&m_graph.nodes[i].operation))
                fuseComparison(*pair, m_graph.nodes[i]);
        }
        foldMoves();
        finish();
        return {};
    }

private:
    struct Stored
    {
        TensorType type = TensorType::Int8;
        Quantisation quantisation;
    };

    /// What a dequantised value is made of.
    struct Real
    {
        std::string name;
        std::optional<Quantisation> constant; ///< of a constant
        bool isWide = false;                  ///< a bias of 64 bits
    };

    // What the patterns below rely on.
    Status check(const Node& node) const
    {
        const bool two = std::visit(
            [](const auto& op) {
                using Op = std::decay_t<decltype(op)>;
                return std::is_same_v<Op, Binary> || std::is_same_v<Op, Gemm> || std::is_same_v<Op, MatMul> ||
                       std::is_same_v<Op, Conv> || std::is_same_v<Op, ConvTranspose> ||
                       std::is_same_v<Op, DequantizeLinear>;
            },
            node.operation);
        if (node.outputs.empty() || (two && node.inputs.size() < 2))
            return damaged(QStringLiteral("an operator with %1 inputs").arg(node.inputs.size()));
        for (const std::string& name : node.inputs) {
            const auto found = m_graph.constants.find(name);
            if (found != m_graph.constants.end() && found->second.value.size() > kMaxWeights)
                return unsupported(QStringLiteral("weights of more than %1 million").arg(kMaxWeights / 1'000'000));
        }
        return {};
    }

    Result<Stored> storedAs(const std::string& scale, const std::string& zero, qint64 axis) const
    {
        const auto s = m_graph.constants.find(scale);
        const auto z = m_graph.constants.find(zero);
        if (s == m_graph.constants.end() || s->second.value.type() != TensorType::Float32 || s->second.value.size() < 1)
            return damaged(QStringLiteral("the scale '%1' is missing").arg(QString::fromStdString(scale).left(80)));
        Stored stored;
        const auto scales = s->second.value.as<float>();
        stored.quantisation.scales.assign(scales.begin(), scales.end());
        stored.quantisation.zeroPoints.assign(scales.size(), 0);
        stored.quantisation.axis = static_cast<qint32>(std::clamp<qint64>(axis, 0, 7));
        stored.type = TensorType::Int32; // a bias, which has no zero point
        if (z != m_graph.constants.end()) {
            stored.type = z->second.value.type();
            const std::vector<qint64> zeros = z->second.value.toInt64();
            if (zeros.size() != scales.size() || isFloat(stored.type))
                return damaged(QStringLiteral("%1 scales and %2 zero points").arg(scales.size()).arg(zeros.size()));
            for (std::size_t i = 0; i < zeros.size(); ++i)
                stored.quantisation.zeroPoints[i] = static_cast<qint32>(std::clamp<qint64>(zeros[i], -65'536, 65'536));
        }
        return stored;
    }

    void declare(const std::string& name, const Stored& stored)
    {
        for (auto* ends : {&m_graph.inputs, &m_graph.outputs}) {
            for (ValueInfo& info : *ends) {
                if (info.name == name)
                    info.quantisation = stored.quantisation;
            }
        }
        if (const auto constant = m_graph.constants.find(name); constant != m_graph.constants.end())
            constant->second.quantisation = stored.quantisation;
        else if (maker(name))
            m_graph.values[name] = ValueInfo{name, stored.type, {}, stored.quantisation};
    }

    Status readDequantised(const Node& node)
    {
        const auto& op = std::get<DequantizeLinear>(node.operation);
        if (node.inputs.size() < 2)
            return damaged(QStringLiteral("a value without a scale"));
        EMBER_TRY(const Stored stored,
                  storedAs(node.inputs[1], node.inputs.size() > 2 ? node.inputs[2] : std::string(), op.axis));
        Real real{node.inputs[0], {}};
        if (m_graph.constants.contains(real.name))
            real.constant = stored.quantisation;
        // Only the writer of such biases gives 32 bits a zero point.
        real.isWide = stored.type == TensorType::Int32 && node.inputs.size() > 2 && !node.inputs[2].empty();
        m_reals[node.outputs[0]] = std::move(real);
        return {};
    }

    const Node* maker(const std::string& name) const { return m_uses.maker(name); }
    bool isOnlyUse(const std::string& name) const { return m_uses.isOnlyUse(name); }

    template <typename Kind>
    const Kind* made(const std::string& name) const
    {
        const Node* node = maker(name);
        return node && isOnlyUse(name) ? std::get_if<Kind>(&node->operation) : nullptr;
    }

    std::optional<float> number(const std::string& name) const
    {
        const auto found = m_graph.constants.find(name);
        if (found == m_graph.constants.end() || found->second.value.type() != TensorType::Float32 ||
            found->second.value.size() != 1)
            return std::nullopt;
        return found->second.value.as<float>()[0];
    }

    // The value in front of a Transpose into or out of channels first.
    std::optional<std::string> turned(const std::string& name, bool first) const
    {
        const auto* transpose = made<Transpose>(name);
        if (!transpose || maker(name)->inputs.empty())
            return std::nullopt;
        const std::vector<qint64>& order = transpose->permutation;
        const bool fits = first ? order.size() > 2 && order[1] == static_cast<qint64>(order.size()) - 1
                                : order == lastOrder(order.size());
        return fits ? std::optional(maker(name)->inputs[0]) : std::nullopt;
    }

    const Real* real(const std::string& name) const
    {
        const auto found = m_reals.find(name);
        return found == m_reals.end() ? nullptr : &found->second;
    }

    /// A constant of integers, with its dimensions in another order.
    std::string constant(const Real& from, const std::vector<qint64>& order)
    {
        Constant& own = m_graph.constants.at(from.name);
        const auto rank = own.value.rank();
        own.quantisation = from.constant;
        if (!order.empty() && order.size() == rank && !m_reordered.contains(from.name)) {
            own = transposed(own, order);
            m_reordered.insert(from.name);
        }
        return from.name;
    }

    Status fuseInto(std::size_t place)
    {
        const Node node = m_graph.nodes[place];
        if (node.inputs.size() < 3)
            return damaged(QStringLiteral("integers without a zero point"));
        EMBER_TRY(const Stored stored, storedAs(node.inputs[1], node.inputs[2], 0));
        declare(node.outputs[0], stored);
        Node fused{node.name, Requantise{}, {node.inputs[0]}, node.outputs};
        const std::string& value = node.inputs[0];
        if (const Real* same = real(value))
            fused.inputs = {same->name};
        else
            fuseBehind(clampOf(m_graph, m_uses, value, true), fused);
        m_replaced[place] = std::move(fused);
        return {};
    }

    void fuseBehind(const Clamped& clamp, Node& fused)
    {
        if (clamp.activation == Activation::None || !fuseAlone(clamp, fused))
            fuseLayer(clamp.activation, clamp.of, fused);
    }

    // The activation is the operation itself.
    bool fuseAlone(const Clamped& clamp, Node& fused)
    {
        const Real* x = real(clamp.of);
        if (!x)
            return false;
        static constexpr UnaryKind kKinds[] = {UnaryKind::Identity, UnaryKind::Relu, UnaryKind::ReluMinus1To1,
                                               UnaryKind::Relu6, UnaryKind::Tanh};
        fused.operation = Unary{kKinds[static_cast<int>(clamp.activation)]};
        fused.inputs = {x->name};
        return true;
    }

    // Leaves the node as it is when it is none of these.
    void fuseLayer(Activation activation, const std::string& value, Node& fused)
    {
        const std::string core = turned(value, false).value_or(value);
        const Node* node = maker(core);
        if (!node || node->inputs.empty() || !isOnlyUse(core))
            return;
        std::visit([&](const auto& op) { fuseCore(op, *node, activation, fused); }, node->operation);
    }

    template <typename Any>
    void fuseCore(const Any&, const Node&, Activation, Node&)
    {}

    void fuseCore(const Gemm& op, const Node& node, Activation activation, Node& fused)
    {
        if (op.alpha != 1.0f || op.beta != 1.0f || op.transposeA || !op.transposeB)
            return;
        std::string x = node.inputs[0];
        if (made<Reshape>(x) && !maker(x)->inputs.empty())
            x = maker(x)->inputs[0];
        fuseWeights(Dense{activation, false}, x, node, {}, fused);
    }

    void fuseCore(const MatMul&, const Node& node, Activation activation, Node& fused)
    {
        if (const Real* weights = real(node.inputs[1]); weights && weights->constant) {
            fuseWeights(Dense{activation, true}, node.inputs[0], node, {1, 0}, fused);
            return;
        }
        MatMul product;
        const auto side = [this](const std::string& name, bool& turnedRound) -> const Real* {
            turnedRound = made<Transpose>(name) != nullptr && !maker(name)->inputs.empty();
            return real(turnedRound ? maker(name)->inputs[0] : name);
        };
        const Real* a = side(node.inputs[0], product.transposeA);
        const Real* b = side(node.inputs[1], product.transposeB);
        if (a && b && activation == Activation::None)
            fuse(product, {a->name, b->name}, fused);
    }

    void fuseCore(const Conv& op, const Node& node, Activation activation, Node& fused)
    {
        const auto x = turned(node.inputs[0], true);
        const Real* weights = real(node.inputs[1]);
        const auto w = weights ? m_graph.constants.find(weights->name) : m_graph.constants.end();
        if (!x || w == m_graph.constants.end())
            return;
        const Shape shape = w->second.value.shape();
        if (op.groups > 1 && shape.size() > 2 && shape[1] == 1) {
            fuseWeights(DepthwiseConv{op.window, activation}, *x, node, rotatedOrder(shape.size()), fused);
            return;
        }
        Conv conv = op;
        conv.layout = Layout::ChannelsLast;
        conv.activation = activation;
        fuseWeights(conv, *x, node, lastOrder(shape.size()), fused);
    }

    void fuseCore(const ConvTranspose& op, const Node& node, Activation activation, Node& fused)
    {
        const auto x = turned(node.inputs[0], true);
        const Real* weights = real(node.inputs[1]);
        const auto w = weights ? m_graph.constants.find(weights->name) : m_graph.constants.end();
        if (!x || w == m_graph.constants.end())
            return;
        ConvTranspose conv = op;
        conv.layout = Layout::ChannelsLast;
        conv.activation = activation;
        fuseWeights(conv, *x, node, rotatedOrder(w->second.value.rank()), fused);
    }

    void fuseCore(const Pool& op, const Node& node, Activation activation, Node& fused)
    {
        const auto x = turned(node.inputs[0], true);
        const Real* from = x ? real(*x) : nullptr;
        if (!from || node.outputs.size() != 1)
            return;
        Pool pool = op;
        pool.layout = Layout::ChannelsLast;
        pool.activation = activation;
        fuse(pool, {from->name}, fused);
    }

    void fuseCore(const Binary& op, const Node& node, Activation activation, Node& fused)
    {
        // What looks like a sum may be the bias of a product that keeps its leading dimensions.
        if (op.kind == BinaryKind::Add && made<MatMul>(node.inputs[0])) {
            const Node* product = maker(node.inputs[0]);
            Node both = *product;
            both.inputs.push_back(node.inputs[1]);
            fuseWeights(Dense{activation, true}, product->inputs[0], both, {1, 0}, fused);
            return;
        }
        const Real* a = real(node.inputs[0]);
        const Real* b = real(node.inputs[1]);
        if (a && b)
            fuse(Binary{op.kind, activation}, {plain(*a), plain(*b)}, fused);
    }

    void fuseCore(const Softmax& op, const Node& node, Activation activation, Node& fused)
    {
        Softmax softmax = op;
        std::string x = node.inputs[0];
        if (const auto* scaled = made<Binary>(x); scaled && scaled->kind == BinaryKind::Multiply) {
            softmax.beta = number(maker(x)->inputs[1]).value_or(1.0f);
            x = maker(x)->inputs[0];
        }
        if (const Real* from = real(x); from && activation == Activation::None)
            fuse(softmax, {from->name}, fused);
    }

    void fuseCore(const Reduce& op, const Node& node, Activation activation, Node& fused)
    {
        const Real* from = real(node.inputs[0]);
        if (!from || activation != Activation::None)
            return;
        std::vector<std::string> inputs = node.inputs;
        inputs[0] = from->name;
        Reduce reduce = op;
        // From operator set 18 on the writer has to put the axes into a constant.
        const auto axes = inputs.size() == 2 ? m_graph.constants.find(inputs[1]) : m_graph.constants.end();
        if (reduce.axes.empty() && axes != m_graph.constants.end() && axes->second.value.type() == TensorType::Int64 &&
            axes->second.value.size() <= static_cast<qint64>(kMaxRank) && axes->second.value.size() > 0) {
            reduce.axes = axes->second.value.toInt64();
            inputs.resize(1);
        }
        fuse(std::move(reduce), std::move(inputs), fused);
    }

    void fuseCore(const Unary& op, const Node& node, Activation activation, Node& fused)
    {
        const Real* from = real(node.inputs[0]);
        if (from && activation == Activation::None)
            fuse(op, {from->name}, fused);
    }

    void fuseCore(const Concat& op, const Node& node, Activation activation, Node& fused)
    {
        std::vector<std::string> parts;
        for (const std::string& name : node.inputs) {
            const Real* part = real(name);
            if (!part || activation != Activation::None)
                return;
            parts.push_back(plain(*part));
        }
        fuse(op, std::move(parts), fused);
    }

    // x, weights and bias of a layer; the weights go back to their order.
    template <typename Layer>
    void fuseWeights(Layer layer, const std::string& x, const Node& node, const std::vector<qint64>& order, Node& fused)
    {
        const Real* from = real(x);
        const Real* weights = real(node.inputs[1]);
        if (!from || !weights || !weights->constant)
            return;
        std::vector<std::string> inputs{from->name, constant(*weights, order)};
        if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
            const Real* bias = real(node.inputs[2]);
            if (!bias)
                return;
            inputs.push_back(plain(*bias));
            const auto stored = m_graph.constants.find(inputs.back());
            if (bias->isWide && stored != m_graph.constants.end() && stored->second.value.type() == TensorType::Int32)
                stored->second.value = Tensor::of(stored->second.value.toInt64(), stored->second.value.shape());
        }
        fuse(std::move(layer), std::move(inputs), fused);
    }

    std::string plain(const Real& value) { return value.constant ? constant(value, {}) : value.name; }

    static void fuse(Operation operation, std::vector<std::string> inputs, Node& fused)
    {
        fused.operation = std::move(operation);
        fused.inputs = std::move(inputs);
    }

    // Comparisons have no quantised result.
    void fuseComparison(const Binary& op, Node& node)
    {
        if (op.kind < BinaryKind::Equal || op.kind > BinaryKind::GreaterOrEqual || node.inputs.size() != 2)
            return;
        const Real* a = real(node.inputs[0]);
        const Real* b = real(node.inputs[1]);
        if (a && b)
            node.inputs = {plain(*a), plain(*b)};
    }

    // Stored numbers that only move go through Transpose nodes too.
    void foldMoves()
    {
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            Node& back = m_graph.nodes[i];
            if (m_replaced[i] || !m_graph.values.contains(back.outputs[0]))
                continue;
            const auto* transpose = std::get_if<Transpose>(&back.operation);
            if (!transpose || back.inputs.empty() || transpose->permutation != lastOrder(transpose->permutation.size()))
                continue;
            const std::string& from = back.inputs[0];
            const Node* node = maker(from);
            if (!node || !isOnlyUse(from) || node->inputs.empty())
                continue;
            const auto x = turned(node->inputs[0], true);
            if (!x)
                continue;
            Node folded{node->name, node->operation, {*x}, back.outputs};
            if (auto* pool = std::get_if<Pool>(&folded.operation))
                pool->layout = Layout::ChannelsLast;
            else if (auto* space = std::get_if<DepthSpace>(&folded.operation))
                space->layout = Layout::ChannelsLast;
            else
                continue;
            m_replaced[i] = std::move(folded);
        }
    }

    void makeReal(Node& node)
    {
        node.operation = Requantise{};
        const std::string& name = node.outputs[0];
        m_graph.values[name] = ValueInfo{name, TensorType::Float32, {}};
    }

    // Takes the new nodes, and drops what nothing reads any more.
    void finish()
    {
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            if (m_replaced[i])
                m_graph.nodes[i] = std::move(*m_replaced[i]);
            else if (std::holds_alternative<DequantizeLinear>(m_graph.nodes[i].operation))
                makeReal(m_graph.nodes[i]);
            if (std::holds_alternative<Requantise>(m_graph.nodes[i].operation))
                m_graph.nodes[i].inputs.resize(1); // without scale and zero point
        }
        dropUnread(m_graph);
    }

    Graph& m_graph;
    GraphUses m_uses;
    std::map<std::string, Real> m_reals;
    std::set<std::string> m_reordered;
    std::vector<std::optional<Node>> m_replaced;
};

} // namespace

Status fuseIntegers(const pb::GraphProto& proto, Graph& graph)
{
    Fuser fuser(graph);
    EMBER_CHECK(fuser.annotate(proto));
    return fuser.run();
}

} // namespace ember::model::detail
