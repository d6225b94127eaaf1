// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/quantise.h"

#include "core/model/graph_edit.h"
#include "core/model/interpreter.h"
#include "core/model/layer_form.h"
#include "core/model/quantise_bias.h"
#include "core/model/quantise_equalise.h"
#include "core/model/quantise_plan.h"
#include "core/model/quantise_weights.h"

#include <algorithm>
#include <set>

namespace ember::model {
namespace {

using namespace detail;

// Builds the graph of integers from the graph in layer form and its plan.
class Builder
{
public:
    Builder(const Graph& from, const QuantisationPlan& plan, const std::map<std::string, ValueRange>& ranges,
            ActivationWidth width)
        : m_from(from)
        , m_plan(plan)
        , m_ranges(ranges)
        , m_width(width)
        , m_suffix(width == ActivationWidth::Int16 ? "/int16" : "/int8")
    {
        m_to.name = from.name;
        m_to.inputs = from.inputs;
        m_to.outputs = from.outputs;
        m_to.constants = from.constants;
        m_to.values = from.values;
        for (const ValueInfo& output : from.outputs)
            m_ends.insert(output.name);
    }

    Result<Graph> build()
    {
        m_scales = scalesOf(m_plan, m_ranges, m_width);
        for (std::size_t i = 0; i < m_from.nodes.size(); ++i) {
            const Node& node = m_from.nodes[i];
            if (m_plan.isInteger[i])
                EMBER_CHECK(addInteger(node));
            else
                addReal(node);
        }
        for (const ValueInfo& output : m_from.outputs) {
            if (m_plan.integers.contains(output.name))
                addRequantise(stored(output.name), output.name, {output.name, TensorType::Float32, {}});
        }
        dropUnread(m_to);
        return std::move(m_to);
    }

    const std::map<std::string, Quantisation>& scales() const { return m_scales; }
    const std::vector<LayerPair>& layers() const { return m_layers; }

private:
    // The integers of a value; an output of the graph keeps its own name for the reals.
    std::string stored(const std::string& name) const { return m_ends.contains(name) ? name + m_suffix : name; }

    void addRequantise(const std::string& from, const std::string& to, ValueInfo info)
    {
        if (!m_made.insert(to).second)
            return;
        info.name = to;
        m_to.values[to] = std::move(info);
        m_to.nodes.push_back({to, Requantise{}, {from}, {to}});
    }

    void declare(const std::string& name, const Quantisation& q) { m_to.values[name] = {name, typeOf(m_width), {}, q}; }

    // What reads integers where there are reals needs them first.
    std::string asInteger(const std::string& name, const Quantisation& q)
    {
        if (m_plan.integers.contains(name))
            return stored(name);
        if (m_from.constants.contains(name)) {
            const std::string made = name + m_suffix;
            m_to.constants.insert_or_assign(made,
                                            quantisedConstant(m_from.constants.at(name).value, q, typeOf(m_width)));
            return made;
        }
        const std::string made = name + m_suffix;
        addRequantise(name, made, {made, typeOf(m_width), {}, q});
        return made;
    }

    std::string asReal(const std::string& name)
    {
        if (!m_plan.integers.contains(name))
            return name;
        const std::string made = m_ends.contains(name) ? name : name + "/float";
        addRequantise(stored(name), made, {made, TensorType::Float32, {}});
        return made;
    }

    void addReal(const Node& node)
    {
        Node copy = node;
        if (std::holds_alternative<ArgExtreme>(node.operation)) {
            // Stored numbers are in the order of the reals.
            const std::string& x = m_plan.source(node.inputs[0]);
            copy.inputs[0] = m_plan.integers.contains(x) ? stored(x) : x;
        } else {
            for (std::string& name : copy.inputs)
                name = name.empty() ? name : asReal(name);
        }
        m_to.nodes.push_back(std::move(copy));
    }

    Quantisation scaleOf(const std::string& name) const
    {
        if (const auto found = m_scales.find(name); found != m_scales.end())
            return found->second;
        if (const auto constant = m_from.constants.find(name); constant != m_from.constants.end())
            return scaleFor(rangeOf(constant->second.value), m_width);
        return scaleFor(m_ranges.at(name), m_width);
    }

    Status addInteger(const Node& node)
    {
        Node copy = node;
        for (std::string& name : copy.outputs) {
            const Quantisation q = m_scales.at(name);
            name = stored(name);
            declare(name, q);
        }
        if (isLayer(node.operation)) {
            EMBER_CHECK(addLayerInputs(node, copy));
        } else {
            const bool together = std::holds_alternative<Concat>(node.operation);
            const auto* pair = std::get_if<Binary>(&node.operation);
            const bool compares = pair && (pair->kind == BinaryKind::Maximum || pair->kind == BinaryKind::Minimum);
            for (std::size_t i = 0; i < node.inputs.size(); ++i) {
                if (node.inputs[i].empty() || !m_plan.isData(node, i))
                    continue;
                const bool isConstant = m_from.constants.contains(node.inputs[i]);
                const Quantisation q = scaleOf(compares && isConstant ? node.outputs[0] : node.inputs[i]);
                copy.inputs[i] = asInteger(node.inputs[i], q);
                if (together)
                    copy.inputs[i] = rescaled(copy.inputs[i], q, m_scales.at(node.outputs[0]));
            }
        }
        m_to.nodes.push_back(std::move(copy));
        return {};
    }

    // Parts of one value have one scale.
    std::string rescaled(const std::string& name, const Quantisation& from, const Quantisation& to)
    {
        if (from.scales == to.scales && from.zeroPoints == to.zeroPoints)
            return name;
        const std::string made = name + "/rescaled-" + std::to_string(m_to.nodes.size());
        addRequantise(name, made, {made, typeOf(m_width), {}, to});
        return made;
    }

    Status addLayerInputs(const Node& node, Node& copy)
    {
        const Quantisation x = scaleOf(node.inputs[0]);
        copy.inputs[0] = asInteger(node.inputs[0], x);
        const bool hasBias = node.inputs.size() > 2 && !node.inputs[2].empty();
        const Tensor* bias = hasBias ? &m_from.constants.at(node.inputs[2]).value : nullptr;
        const std::string made = stored(node.outputs[0]);
        const bool wide = m_width == ActivationWidth::Int16;
        auto weights = quantiseWeights(m_from.constants.at(node.inputs[1]).value, bias, x.scale(),
                                       channelAxis(node.operation), wide);
        if (!weights)
            return weights.error().context(
                QStringLiteral("quantising %1 '%2'")
                    .arg(operationName(node.operation), QString::fromStdString(node.name).left(80)));
        m_layers.push_back({node.outputs[0], made});
        copy.inputs[1] = made + "/weights-int8";
        m_to.constants.insert_or_assign(copy.inputs[1], std::move(weights->weights));
        copy.inputs.resize(hasBias || wide ? 3 : 2);
        if (copy.inputs.size() == 3) {
            copy.inputs[2] = made + (wide ? "/bias-int64" : "/bias-int32");
            m_to.constants.insert_or_assign(copy.inputs[2], std::move(weights->bias));
        }
        return {};
    }

    const Graph& m_from;
    const QuantisationPlan& m_plan;
    const std::map<std::string, ValueRange>& m_ranges;
    ActivationWidth m_width;
    std::string m_suffix;
    std::vector<LayerPair> m_layers;
    Graph m_to;
    std::set<std::string> m_ends;
    std::set<std::string> m_made;
    std::map<std::string, Quantisation> m_scales;
};

QString methodName(RangeMethod method)
{
    switch (method) {
    case RangeMethod::MinMax:
        return QStringLiteral("minmax");
    case RangeMethod::Percentile:
        return QStringLiteral("percentile");
    case RangeMethod::Kl:
        return QStringLiteral("kl");
    }
    return {};
}

// What integers with a scale stand for, and what rounds to them.
ValueRange heldBy(const Quantisation& q, ActivationWidth width)
{
    const float least = width == ActivationWidth::Int16 ? -32'768.0f : -128.0f;
    const auto zero = static_cast<float>(q.zeroPoint());
    return {q.scale() * (least - 0.5f - zero), q.scale() * (-least - 0.5f - zero)};
}

QString descriptionOf(const QuantiseOptions& options)
{
    QStringList parts{options.width == ActivationWidth::Int16 ? QStringLiteral("int16x8") : QStringLiteral("int8"),
                      methodName(options.calibration.method)};
    if (options.equalise)
        parts << QStringLiteral("equalised");
    if (options.correctBias)
        parts << QStringLiteral("biases corrected");
    return parts.join(QStringLiteral(", "));
}

} // namespace

Result<QuantisedModel> quantise(const Model& model, const std::vector<Tensor>& rows, const QuantiseOptions& options)
{
    QuantisedModel result;
    EMBER_TRY(result.reals, layerForm(model.graph));
    const Graph& form = result.reals;
    if (options.equalise)
        result.equalisedPairs = equaliseLayers(result.reals);
    EMBER_TRY(const QuantisationPlan plan, planQuantisation(form, options.width));
    const std::vector<std::string> wanted(plan.calibrated.begin(), plan.calibrated.end());
    EMBER_TRY(const auto ranges, calibrate(form, wanted, rows, options.calibration));
    Builder builder(form, plan, ranges, options.width);
    result.model = model;
    EMBER_TRY(result.model.graph, builder.build());
    if (options.correctBias)
        EMBER_CHECK(correctBiases(form, result.model.graph, builder.layers(), rows));
    result.model.properties.insert(QLatin1String(kQuantisationKey), descriptionOf(options));
    for (const Node& node : form.nodes) {
        for (const std::string& name : node.outputs) {
            const auto scale = builder.scales().find(name);
            if (scale == builder.scales().end())
                continue;
            result.values.push_back(
                {QString::fromStdString(name), operationName(node.operation), ranges.at(name), scale->second});
            result.ranges[name] = heldBy(scale->second, options.width);
        }
    }
    // What the integer kernels do not know is found here, not on the board.
    EMBER_TRY(const Analysis analysis, analyse(result.model.graph));
    Q_UNUSED(analysis)
    return result;
}

} // namespace ember::model
