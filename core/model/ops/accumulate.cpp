// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ops/accumulate.h"

namespace ember::model::ops {

Requantiser::Requantiser(const Call& call, qint64 channels, Activation activation, bool floatProduct, bool wide)
    : m_zeroPoint(call.outputQuantisation[0]->zeroPoint())
    , m_range(quantisedRange(activation, *call.outputQuantisation[0], call.outputs[0].type()))
    , m_rounding(call.rounding)
    , m_wide(wide)
{
    const Quantisation& weights = *call.inputQuantisation[1];
    const float in = call.inputQuantisation[0]->scale();
    const auto out = static_cast<double>(call.outputQuantisation[0]->scale());
    m_multipliers.reserve(static_cast<std::size_t>(channels));
    for (qint64 c = 0; c < channels; ++c) {
        const float scale = weights.perChannel() ? weights.scales[static_cast<std::size_t>(c)] : weights.scale();
        const double numerator = floatProduct && !weights.perChannel()
                                     ? static_cast<double>(in * scale)
                                     : static_cast<double>(in) * static_cast<double>(scale);
        m_multipliers.push_back(makeMultiplier(numerator / out, m_rounding));
    }
    if (call.has(2))
        m_bias = call.in(2).toInt64();
}

Status checkQuantisedLayer(const InferContext& context, qint64 channels, qint32 axis, qint64 sumLength)
{
    EMBER_CHECK(needType(context.at(0), {TensorType::Int8, TensorType::Int16}, "input"));
    EMBER_CHECK(needType(context.at(1), {TensorType::Int8}, "weights"));
    const Quantisation* weights = context.at(1).quantisation;
    if (!weights || context.declared.empty() || !context.declared[0] || !context.declared[0]->quantisation)
        return bad(QStringLiteral("an integer layer without scales for its weights and result"));
    if (context.declared[0]->type != context.at(0).type)
        return cannot(QStringLiteral("a layer from %1 to %2")
                          .arg(tensorTypeName(context.at(0).type), tensorTypeName(context.declared[0]->type)));
    if (weights->perChannel() && (weights->axis != axis || static_cast<qint64>(weights->scales.size()) != channels))
        return bad(QStringLiteral("%1 scales along axis %2 for %3 channels")
                       .arg(weights->scales.size())
                       .arg(weights->axis)
                       .arg(channels));
    if (weights->perChannel() &&
        std::any_of(weights->zeroPoints.begin(), weights->zeroPoints.end(), [](qint32 zero) { return zero != 0; }))
        return cannot(QStringLiteral("weights with a zero point for each channel"));
    if (context.has(2)) {
        EMBER_CHECK(needType(context.at(2), {TensorType::Int32, TensorType::Int64}, "bias"));
        if (context.at(2).size() != channels)
            return bad(QStringLiteral("a bias of %1 for %2 channels").arg(context.at(2).size()).arg(channels));
    }
    if (context.at(0).type == TensorType::Int16 && context.at(0).quantisation->zeroPoint() != 0)
        return cannot(QStringLiteral("16-bit values with a zero point"));
    if (sumLength > kMaxInt8Sum)
        return cannot(QStringLiteral("sums of %1 products").arg(sumLength));
    return {};
}

bool isQuantisedLayer(const InferContext& context)
{
    return isQuantised(context.at(0).type, context.at(0).quantisation);
}

bool isQuantisedLayer(const Call& call)
{
    return isQuantised(call.in(0).type(), call.inputQuantisation[0]);
}

} // namespace ember::model::ops
