// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/staged_signals.h"

#include "core/features/block.h"
#include "core/features/plan_builder.h"
#include "core/features/stage.h"

#include <algorithm>
#include <cstring>

namespace ember::features {
namespace {

constexpr qint64 kMostValues = 1 << 24; ///< of all signals together

/// The values of each signal as features: a plan that only copies.
Result<ExtractionPlan> copyPlan(const Pipeline& pipeline, const StagedPipeline& staged)
{
    const int rows = staged.seen.windowRows;
    const auto signalCount = static_cast<int>(staged.origins.size());
    if (rows < 1 || qint64(rows) * signalCount > kMostValues)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("A window behind these stages has %1 rows of %2 signals.").arg(rows).arg(signalCount));
    PlanBuilder builder(pipeline, staged);
    for (int i = 0; i < signalCount; ++i)
        builder.onChannel(i, {{Kernel::LoadChannel,
                               {},
                               {PlanBuilder::signal(), PlanBuilder::count(rows), PlanBuilder::count(1),
                                PlanBuilder::real(1), PlanBuilder::real(0), PlanBuilder::output(i * rows)}}});
    return builder.finish(signalCount * rows, {});
}

} // namespace

Result<StagedSignals> signalsAfter(const Pipeline& pipeline, std::size_t stages, QByteArrayView window)
{
    Pipeline upTo = pipeline;
    upTo.stages.resize(std::min(stages, upTo.stages.size()));
    // Blocks may read what a later stage adds; that is none of their business here.
    EMBER_TRY(BlockUse anything, makeUse(QStringLiteral("statistics"), {0}));
    upTo.blocks = {std::move(anything)};
    EMBER_CHECK(validate(upTo));
    const qsizetype bytes = static_cast<qsizetype>(upTo.stream.bytesPerRow()) * upTo.windowRows;
    if (window.size() != bytes)
        return Error(ErrorKind::BadData,
                     QStringLiteral("A window of this pipeline has %1 bytes, not %2.").arg(bytes).arg(window.size()));
    const StagedPipeline staged = applyStages(upTo);
    EMBER_TRY(const ExtractionPlan plan, copyPlan(upTo, staged));
    std::vector<double> aligned(static_cast<std::size_t>(bytes) / sizeof(double) + 1); // for any sample type
    std::memcpy(aligned.data(), window.data(), static_cast<std::size_t>(bytes));
    std::vector<float> copied(static_cast<std::size_t>(plan.features));
    std::vector<float> scratch(static_cast<std::size_t>(plan.scratchFloats));
    runPlan(plan, aligned.data(), copied, scratch);

    StagedSignals made;
    made.rows = staged.seen.windowRows;
    made.rateHz = staged.seen.stream.rateHz;
    for (std::size_t i = 0; i < staged.origins.size(); ++i) {
        made.names << staged.seen.stream.channels[i].name;
        const auto first = copied.begin() + static_cast<std::ptrdiff_t>(i) * made.rows;
        made.values.emplace_back(first, first + made.rows);
    }
    return made;
}

} // namespace ember::features
