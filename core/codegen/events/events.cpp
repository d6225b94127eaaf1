// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/events/events.h"

#include "core/base/content_hash.h"
#include "core/codegen/host_program.h"
#include "core/codegen/lower.h"
#include "device-agent/runtime/events.hpp"
#include "device-agent/runtime/forest.hpp"

#include <cmath>

namespace ember::codegen {
namespace {

constexpr quint32 kMostWhole = 0xFFFF; // behind the shift

ShareRule scaledRule(double whole, double zero = 0)
{
    ShareRule rule{ShareRule::Kind::Scaled, static_cast<qint32>(zero), static_cast<quint32>(std::llround(whole)), 0, 0};
    while (rule.whole >> rule.shift > kMostWhole)
        ++rule.shift;
    const quint32 shifted = rule.whole >> rule.shift;
    rule.factor = ((quint32{1} << 24) + shifted - 1) / shifted;
    return rule;
}

ShareRule ruleOf(const LoweredForest& forest, const LoweredModel&)
{
    const auto trees = static_cast<double>(forest.roots.size());
    const bool plain = forest.baseVotes.empty() && trees > 0;
    if (plain && forest.leafKind == LeafKind::Hard)
        return scaledRule(trees);
    return plain && forest.leafKind == LeafKind::Shares ? scaledRule(trees * runtime::kFullVote) : ShareRule();
}

ShareRule ruleOf(const LoweredLinear& linear, const LoweredModel& model)
{
    return linear.transform == ScoreTransform::None ? ShareRule() : scaledRule(model.outputScale);
}

ShareRule ruleOf(const LoweredNeighbours&, const LoweredModel& model)
{
    return scaledRule(model.outputScale);
}

ShareRule ruleOf(const LoweredNetwork& network, const LoweredModel& model)
{
    const bool shares = !network.steps.empty() && std::holds_alternative<SoftmaxStep>(network.steps.back().kind);
    return shares && model.outputScale >= 1 ? scaledRule(model.outputScale, model.outputZeroPoint) : ShareRule();
}

ShareRule ruleOf(const LoweredProgram& program, const LoweredModel&)
{
    for (const ProgramStep& step : program.steps) {
        if (step.result == StepOperand{Place::Output, 0})
            return {step.kind == ProgramKernel::Softmax ? ShareRule::Kind::Real : ShareRule::Kind::Winner};
    }
    return {};
}

/// Distances and likelihoods are no shares.
template <typename Body>
ShareRule ruleOf(const Body&, const LoweredModel&)
{
    return {};
}

template <typename Shares>
std::vector<quint8> sharesOf(std::size_t classes, const Shares& shares)
{
    std::vector<quint8> result;
    for (std::size_t label = 0; label < classes; ++label)
        result.push_back(shares.of(static_cast<uint16_t>(label)));
    return result;
}

} // namespace

ShareRule shareRuleOf(const LoweredModel& model)
{
    if (!model.classifier || model.classNames.size() != model.outputCount)
        return {};
    const ShareRule rule = std::visit([&](const auto& body) { return ruleOf(body, model); }, model.body);
    const bool real = model.outputType == signal::SampleType::Float32;
    return rule.kind == ShareRule::Kind::Winner || (rule.kind == ShareRule::Kind::Real) == real ? rule : ShareRule();
}

std::vector<quint8> eventShares(const LoweredModel& model, const HostOutput& output)
{
    const auto classes = static_cast<std::size_t>(model.classNames.size());
    const ShareRule rule = shareRuleOf(model);
    if (rule.kind == ShareRule::Kind::Winner)
        return sharesOf(classes, runtime::WinnerShares{output.winner});
    if (rule.kind == ShareRule::Kind::Real) {
        const std::vector<double> wide = output.outputs.numbers();
        const std::vector<float> outputs(wide.begin(), wide.end());
        return sharesOf(classes, runtime::RealShares{outputs.data()});
    }
    const std::vector<qint32> outputs = output.outputs.integers();
    const runtime::ShareScale scale{rule.zero, rule.whole, rule.factor, rule.shift};
    return sharesOf(classes, runtime::ScaledShares<runtime::ShareScale, qint32>{scale, outputs.data()});
}

Status addEvents(const EventOptions& options, LoweredModel& model)
{
    if (!model.classifier || model.classNames.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("The model has no classes, so there are no events to tell."),
                     QStringLiteral("Leave out the settings of events."));
    if (options.smoothing == 0 || options.patience == 0 || options.off > options.on)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Events need one window at least to average and one to begin with, and a share to "
                                    "end at that is no larger than the one to begin at."));
    LoweredEvents events{options.smoothing, options.patience,  options.deadTime,  options.on,
                         options.off,       runtime::kNoEvent, shareRuleOf(model)};
    if (!options.background.isEmpty()) {
        const qsizetype at = model.classNames.indexOf(options.background);
        if (at < 0)
            return Error(
                ErrorKind::Usage,
                QStringLiteral("The model has no class '%1' that could be the background.").arg(options.background),
                QStringLiteral("It has %1.").arg(model.classNames.join(QStringLiteral(", "))));
        events.background = static_cast<quint16>(at);
    }
    model.events = events;
    return {};
}

qint64 eventBytes(const LoweredModel& model)
{
    if (!model.events)
        return 0;
    // Sums of two bytes; runs, rests and phases; the ring; its place and how full it is.
    const qint64 bytes = (2 + 3 + qint64{model.events->smoothing}) * model.classNames.size() + 2;
    return bytes + bytes % 2;
}

bool isEventMemoryOdd(const LoweredModel& model)
{
    return model.classNames.size() % 2 != 0 && model.events->smoothing % 2 == 0;
}

void addTo(ContentHash& hash, const LoweredEvents& events)
{
    hash.add(QStringLiteral("events")).add(events.smoothing).add(events.patience).add(events.deadTime);
    hash.add(events.on).add(events.off).add(events.background).add(static_cast<int>(events.shares.kind));
    hash.add(events.shares.zero).add(events.shares.whole).add(events.shares.factor).add(events.shares.shift);
}

} // namespace ember::codegen
