// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/network/network_kind.h"

#include "core/codegen/network/emit_network.h"
#include "core/codegen/network/lower_network.h"

namespace ember::codegen {
namespace {

const LoweredNetwork& networkOf(const LoweredModel& model)
{
    return std::get<LoweredNetwork>(model.body);
}

/// Networks here compute in int8 from end to end.
WhyNot otherKind(const model::Graph& graph)
{
    for (const model::Node& node : graph.nodes) {
        if (std::holds_alternative<model::TreeEnsemble>(node.operation))
            return QStringLiteral("trees among other operators");
    }
    for (const auto* ends : {&graph.inputs, &graph.outputs}) {
        for (const model::ValueInfo& value : *ends) {
            if (value.type != model::TensorType::Int8 || !value.quantisation)
                return QStringLiteral("a network from or to %1; int8 networks can be generated")
                    .arg(model::tensorTypeName(value.type));
        }
    }
    return {};
}

bool endsInClasses(const LoweredNetwork& network, const model::Model& model, qint64 outputs)
{
    return outputs > 1 &&
           (std::holds_alternative<SoftmaxStep>(network.steps.back().kind) || model.classNames.size() == outputs);
}

class NetworkKind : public ModelKind
{
public:
    Result<WhyNot> lower(const model::Model& model, const Options&, LoweredModel& lowered) const override
    {
        if (const WhyNot why = otherKind(model.graph); !why.isEmpty())
            return why;
        if (lowered.featureType != FeatureType::Int8)
            return Error(ErrorKind::Usage, QStringLiteral("An int8 network takes int8."),
                         QStringLiteral("Leave out --feature-type."));
        EMBER_TRY(LoweredNetwork network, lowerNetwork(model));
        qint64 inputs = 1;
        for (const qint64 size : network.inputShape)
            inputs *= size;
        const qint64 outputs = network.values.back().bytes;
        if (inputs > 65535 || outputs > 65535)
            return Error(ErrorKind::Unsupported,
                         QStringLiteral("The network takes %1 values and gives %2; 65535 are possible.")
                             .arg(inputs)
                             .arg(outputs));
        const model::Quantisation quantisation = *model.graph.outputs.front().quantisation;
        lowered.classifier = endsInClasses(network, model, outputs);
        lowered.featureCount = static_cast<quint16>(inputs);
        lowered.outputType = signal::SampleType::Int8;
        lowered.outputCount = static_cast<quint16>(outputs);
        lowered.outputScale = 1.0 / static_cast<double>(quantisation.scale());
        lowered.outputZeroPoint = quantisation.zeroPoint();
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
        return networkIncludes(networkOf(model)) + QStringList{QStringLiteral("flash_data.hpp"),
                                                               QStringLiteral("nn/scale.hpp"),
                                                               QStringLiteral("nn/lanes.hpp")};
    }

    QString printTables(const EmitContext& context) const override { return printNetwork(networkOf(context.model)); }

    QString printInfer(const EmitContext& context) const override
    {
        return printNetworkCalls(networkOf(context.model), context.model.name) +
               (context.model.classifier ? QStringLiteral("    return ember::runtime::nn::winnerOf(outputs, %1);\n")
                                               .arg(context.outputCountMacro())
                                         : QStringLiteral("    return 0;\n"));
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
        EMBER_TRY(model::Tensor input, model::Tensor::zeros(model::TensorType::Int8, network.inputShape));
        if (features.size() != input.size())
            return Error(ErrorKind::BadData,
                         QStringLiteral("The network takes %1 bytes, not %2.").arg(input.size()).arg(features.size()));
        std::memcpy(input.bytes().data(), features.constData(), static_cast<std::size_t>(features.size()));
        std::vector<model::Tensor> inputs;
        inputs.push_back(std::move(input));
        EMBER_TRY(const std::vector<model::Tensor> outputs, network.interpreter->run(std::move(inputs)));
        const std::span<const qint8> values = outputs.front().as<qint8>();
        const auto winner = std::max_element(values.begin(), values.end()) - values.begin();
        return InferenceOutput{signal::ElementValues::of(signal::SampleType::Int8, values),
                               model.classifier ? static_cast<quint16>(winner) : quint16{0}};
    }
};

} // namespace

const ModelKind& networkKind()
{
    static const NetworkKind kind;
    return kind;
}

qint64 LoweredNetwork::constantBytes() const
{
    qint64 bytes = 0;
    for (const NetworkStep& step : steps) {
        std::visit(
            [&bytes](const auto& kind) {
                if constexpr (requires { kind.tables; })
                    bytes += kind.tables.weights.size() + static_cast<qint64>(kind.tables.bias.size() + 3) / 4 * 4 * 12;
                if constexpr (requires { kind.table; })
                    bytes += kind.table.size();
                if constexpr (requires { kind.exponentials; })
                    bytes += static_cast<qint64>(kind.exponentials.size()) * 4;
            },
            step.kind);
    }
    return bytes;
}

} // namespace ember::codegen
