// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/memory_plan.h"

#include "core/codegen/kind.h"
#include "core/codegen/learning/emit_learning.h"
#include "core/features/emit_plan.h"

#include <algorithm>

namespace ember::codegen {
namespace {

qint64 elementBytes(FeatureType type)
{
    return type == FeatureType::Int8 ? 1 : type == FeatureType::Int16 ? 2 : 4;
}

/// What follows in the state struct is aligned to four bytes.
qint64 aligned(qint64 bytes)
{
    return (bytes + 3) / 4 * 4;
}

void addLearned(const LoweredModel& model, MemoryPlan& plan)
{
    if (!model.learning)
        return;
    const auto* neighbours = std::get_if<LoweredNeighbours>(&model.body);
    const qint64 small = model.featureCount * elementBytes(model.rowType());
    const qint64 voters = neighbours ? 2 * qint64{neighbours->k} : 0;
    const qint64 allVoters = neighbours ? voters + 2 * qint64{model.learning->votes} : 0;
    const qint64 learned = learnedBytes(model);
    plan.learned = aligned(learned) + aligned(allVoters) - aligned(voters);
    plan.padding = aligned(small) + aligned(allVoters) + aligned(learned) - small - allVoters - learned;
}

} // namespace

Result<MemoryPlan> planMemory(const LoweredModel& model)
{
    MemoryPlan plan;
    plan.features = aligned(model.featureCount * elementBytes(model.featureType));
    plan.outputs = aligned(model.outputCount * static_cast<qint64>(wire::elementSize(model.outputType)));
    plan.model = aligned(kindOf(model).scratchBytes(model)) + learningScratchBytes(model);
    if (model.codes)
        plan.model += aligned(model.featureCount * elementBytes(model.codes->type));
    addLearned(model, plan);
    plan.events = aligned(eventBytes(model));
    plan.padding += plan.events - eventBytes(model);
    if (!model.pipeline)
        return plan;
    EMBER_TRY(const features::ExtractionPlan extraction, features::planFor(*model.pipeline));
    const auto sample = static_cast<qint64>(wire::elementSize(extraction.sampleType));
    plan.window = aligned(qint64{extraction.windowRows} * extraction.channels * sample);
    plan.scratch = qint64{std::max(extraction.scratchFloats, 1)} * 4;
    plan.counters = 4; // u16 rows in the window, u16 rows to skip
    return plan;
}

} // namespace ember::codegen
