// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/network_kind.h"

#include "core/codegen/network/emit_network.h"
#include "core/codegen/network/lower_layers.h"
#include "core/codegen/network/lower_network.h"

#include <algorithm>

namespace ember::codegen {
namespace {

const LoweredNetwork& networkOf(const LoweredModel& model)
{
    return std::get<LoweredNetwork>(model.body);
}

/// Networks here have layers in int8.
WhyNot otherKind(const model::Graph& graph)
{
    bool integers = false;
    for (const model::Node& node : graph.nodes) {
        if (std::holds_alternative<model::TreeEnsemble>(node.operation))
            return QStringLiteral("trees among other operators");
        for (const std::string& name : node.outputs) {
            const auto value = graph.values.find(name);
            integers = integers || (value != graph.values.end() && isStoredInt8(value->second));
        }
    }
    for (const auto* ends : {&graph.inputs, &graph.outputs})
        integers = integers || std::any_of(ends->begin(), ends->end(), isStoredInt8);
    if (!integers)
        return QStringLiteral(
                   "the operator %1 on %2; 'emberlab quantise' makes networks of 8 bits, which can be generated")
            .arg(graph.nodes.empty() ? QString() : model::operationName(graph.nodes.front().operation),
                 graph.inputs.empty() ? QString() : model::tensorTypeName(graph.inputs.front().type));
    return {};
}

/// Of a network that says no class, the largest output is one where there are names or probabilities.
bool endsInClasses(const LoweredNetwork& network, const model::Model& model)
{
    const qint64 outputs = network.values.back().bytes;
    return network.compared >= 0 || (outputs > 1 && (std::holds_alternative<SoftmaxStep>(network.steps.back().kind) ||
                                                     model.classNames.size() == outputs));
}

/// Features in the type of the code as the value that the interpreter takes.
Result<model::Tensor> inputTensor(const LoweredNetwork& network, const QByteArray& features)
{
    EMBER_TRY(model::Tensor input, model::Tensor::zeros(network.input.type, network.input.shape));
    const auto fill = [&](auto type) -> Result<model::Tensor> {
        std::vector<decltype(type)> values(static_cast<std::size_t>(input.size()));
        const auto bytes = static_cast<qsizetype>(values.size() * sizeof type);
        if (features.size() != bytes)
            return Error(ErrorKind::BadData,
                         QStringLiteral("The network takes %1 bytes, not %2.").arg(bytes).arg(features.size()));
        std::memcpy(values.data(), features.constData(), static_cast<std::size_t>(bytes));
        const std::vector<double> wide(values.begin(), values.end());
        input.assign(std::span<const double>(wide));
        return std::move(input);
    };
    switch (network.featureType) {
    case FeatureType::Int8:
        return fill(qint8());
    case FeatureType::Int16:
        return fill(qint16());
    case FeatureType::Int32:
        return fill(qint32());
    default:
        return fill(float());
    }
}

class NetworkKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model& model, const Options&, LoweredModel& lowered) const override
    {
        if (const WhyNot why = otherKind(model.graph); !why.isEmpty())
            return why;
        if (isStoredInt8(model.graph.inputs.front()) && lowered.featureType != FeatureType::Int8)
            return Error(ErrorKind::Usage, QStringLiteral("An int8 network takes int8."),
                         QStringLiteral("Leave out --feature-type."));
        EMBER_TRY(LoweredNetwork network, lowerNetwork(model, lowered.featureType));
        lowered.classifier = endsInClasses(network, model);
        if (lowered.classifier && network.compared < 0)
            network.compared = network.steps.back().output;
        lowered.featureCount = static_cast<quint16>(elementsOf(network.input.shape));
        lowered.outputType = signal::SampleType::Int8;
        lowered.outputCount = static_cast<quint16>(network.values.back().bytes);
        lowered.outputScale = 1.0 / static_cast<double>(network.outputQuantisation.scale());
        lowered.outputZeroPoint = network.outputQuantisation.zeroPoint();
        lowered.body = std::move(network);
        return WhyNot();
    }

    void addTo(ContentHash& hash, const LoweredModel& model) const override
    {
        const LoweredNetwork& network = networkOf(model);
        hash.add(printNetwork(network)).add(printNetworkCalls(network, model.name));
    }

    QString title() const override { return QStringLiteral("network"); }

    QString description(const LoweredModel& model) const override
    {
        const LoweredNetwork& network = networkOf(model);
        return QStringLiteral("%1 steps in int8; working memory %2 bytes, lower bound of its plan %3")
            .arg(network.steps.size())
            .arg(network.arena.bytes)
            .arg(network.arena.lowerBound);
    }

    QStringList includes(const LoweredModel& model) const override { return networkIncludes(networkOf(model)); }

    QStringList runtimeHeaders(const LoweredModel& model) const override
    {
        QStringList names = networkIncludes(networkOf(model));
        if (names.contains(QStringLiteral("nn/conv_fused.hpp")))
            names << QStringLiteral("nn/conv.hpp") << QStringLiteral("nn/dense.hpp")
                  << QStringLiteral("nn/elementwise.hpp");
        return names << QStringLiteral("flash_data.hpp") << QStringLiteral("nn/scale.hpp")
                     << QStringLiteral("nn/lanes.hpp");
    }

    QString printTables(const EmitContext& context) const override { return printNetwork(networkOf(context.model)); }

    QString printInfer(const EmitContext& context) const override
    {
        const LoweredNetwork& network = networkOf(context.model);
        const QString winner =
            context.model.classifier ? printWinner(network, context.model.name) : QStringLiteral("0");
        return printNetworkCalls(network, context.model.name) + QStringLiteral("    return %1;\n").arg(winner);
    }

    qint64 constantBytes(const LoweredModel& model) const override { return networkOf(model).constantBytes(); }

    qint64 scratchBytes(const LoweredModel& model) const override
    {
        return std::max<qint64>(networkOf(model).arena.bytes, 8);
    }

    bool wantsSpeedFlags(const LoweredModel&) const override { return true; }

    Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const override
    {
        const LoweredNetwork& network = networkOf(model);
        std::vector<model::Tensor> inputs(1);
        EMBER_TRY(inputs.front(), inputTensor(network, features));
        EMBER_TRY(const std::vector<model::Tensor> outputs, network.interpreter->run(std::move(inputs)));
        InferenceOutput output{signal::ElementValues::of(signal::SampleType::Int8, outputs.front().as<qint8>()), 0};
        const std::span<const qint8> compared = outputs.back().as<qint8>();
        if (model.classifier)
            output.winner = static_cast<quint16>(std::max_element(compared.begin(), compared.end()) - compared.begin());
        return output;
    }
};

} // namespace

const ModelKind& networkKind()
{
    static const NetworkKind kind;
    return kind;
}

namespace {

qint64 tableBytes(const LayerTables& tables)
{
    return tables.weights.size() + static_cast<qint64>(tables.bias.size() + 3) / 4 * 4 * 12;
}

} // namespace

qint64 LoweredNetwork::constantBytes() const
{
    qint64 bytes = 0;
    for (const NetworkStep& step : steps) {
        std::visit(
            [&bytes](const auto& kind) {
                if constexpr (requires { kind.tables; })
                    bytes += tableBytes(kind.tables);
                if constexpr (requires { kind.dense; })
                    bytes += kind.dense ? tableBytes(kind.dense->tables) : 0;
                if constexpr (requires { kind.table; })
                    bytes += kind.table.size();
                if constexpr (requires { kind.exponentials; })
                    bytes += static_cast<qint64>(kind.exponentials.size()) * 4;
                if constexpr (requires { kind.source; }) {
                    bytes += static_cast<qint64>(kind.source.size()) * 2;
                    for (const RealStep& real : kind.arithmetic)
                        bytes += real.isUniform() ? 0 : static_cast<qint64>(real.operands.size()) * 4;
                }
            },
            step.kind);
    }
    return bytes;
}

} // namespace ember::codegen
