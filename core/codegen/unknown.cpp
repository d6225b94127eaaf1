// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/unknown.h"

#include <cmath>

namespace ember::codegen {
namespace {

bool decides(const EmitContext& context)
{
    return context.model.leastShare > 0 && context.model.givesShares;
}

/// In the unit of the outputs. Whole ones reach a share that lies between two with the larger.
QString leastOutput(const EmitContext& context)
{
    const LoweredModel& model = context.model;
    if (model.outputType == signal::SampleType::Float32)
        return features::floatLiteral(static_cast<float>(model.leastShare));
    // The product carries rounding of its own, which must not make a whole number the next one.
    const double exact = model.leastShare * model.outputScale + model.outputZeroPoint;
    return QString::number(static_cast<qint64>(std::ceil(exact - 1e-6)));
}

QString signature(const EmitContext& context)
{
    return QStringLiteral("uint16_t %1_decide(uint16_t winner, const %2* %3)")
        .arg(context.model.name, context.outputCType(), context.outputsName());
}

} // namespace

bool givesShares(const model::Graph& graph, const LoweredModel& lowered)
{
    if (!lowered.classifier || lowered.outputCount != lowered.classNames.size() ||
        (lowered.classCount != 0 && lowered.classCount != lowered.outputCount))
        return false;
    if (std::holds_alternative<LoweredProgram>(lowered.body))
        return true;
    if (const auto* network = std::get_if<LoweredNetwork>(&lowered.body))
        return std::holds_alternative<SoftmaxStep>(network->steps.back().kind);
    if (const auto* linear = std::get_if<LoweredLinear>(&lowered.body))
        return linear->transform != ScoreTransform::None;
    if (!lowered.forest() || lowered.vote != Vote::Soft)
        return false;
    for (const model::Node& node : graph.nodes) {
        const auto* ensemble = std::get_if<model::TreeEnsemble>(&node.operation);
        if (ensemble && ensemble->postTransform != model::PostTransform::None)
            return false;
    }
    return true;
}

QString unknownComment(const EmitContext& context)
{
    const double share = context.model.leastShare;
    if (share <= 0)
        return {};
    return decides(context)
               ? QStringLiteral("below a share of %1; see %2_decide()").arg(share).arg(context.model.name)
               : QStringLiteral("below a share of %1, which this code cannot tell: its outputs are no shares")
                     .arg(share);
}

QString unknownDefines(const EmitContext& context)
{
    if (!decides(context))
        return {};
    return QStringLiteral("/* A winner with less than this is not to be believed: %1_decide() says so. */\n"
                          "#define %2_LEAST_SHARE %3\n#define %2_UNKNOWN 65535u\n")
        .arg(context.model.name, context.macro, leastOutput(context));
}

QString unknownDeclaration(const EmitContext& context)
{
    if (!decides(context))
        return {};
    return QStringLiteral(
               "\n/* The winner that %1_infer() returned, or %2_UNKNOWN where it has too small a share. */\n")
               .arg(context.model.name, context.macro) +
           signature(context) + QStringLiteral(";\n");
}

QString unknownWrapper(const EmitContext& context)
{
    if (!decides(context))
        return {};
    return QStringLiteral("constexpr uint16_t kUnknown = %1_UNKNOWN;\n"
                          "inline uint16_t decide(uint16_t winner, const %2* %3) { return ::%4_decide(winner, %3); }\n")
        .arg(context.macro, context.outputCType(), context.outputsName(), context.model.name);
}

QString unknownFunction(const EmitContext& context)
{
    if (!decides(context))
        return {};
    return QStringLiteral("\n%1\n{\n"
                          "    if (winner < %2_CLASS_COUNT && %3[winner] >= %2_LEAST_SHARE)\n"
                          "        return winner;\n    return %2_UNKNOWN;\n}\n")
        .arg(signature(context), context.macro, context.outputsName());
}

} // namespace ember::codegen
