// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/emit_plan.h"

#include "core/features/block.h"
#include "core/features/plan_builder.h"

namespace ember::features {

KernelInfo kernelInfo(Kernel kernel)
{
    switch (kernel) {
    case Kernel::LoadChannel:
        return {"loadChannel", "rows.hpp"};
    case Kernel::ClearSignal:
        return {"clearSignal", "norm.hpp"};
    case Kernel::AddSquares:
        return {"addSquares", "norm.hpp"};
    case Kernel::AddAbsolutes:
        return {"addAbsolutes", "norm.hpp"};
    case Kernel::SquareRoots:
        return {"squareRoots", "norm.hpp"};
    case Kernel::Statistics:
        return {"statistics", "statistics.hpp"};
    case Kernel::Correlation:
        return {"correlation", "correlation.hpp"};
    case Kernel::PowerSpectrum:
        return {"powerSpectrum", "spectrum.hpp"};
    case Kernel::BandPowers:
        return {"bandPowers", "spectrum.hpp"};
    case Kernel::SpectrumPeaks:
        return {"spectrumPeaks", "spectrum.hpp"};
    case Kernel::SpectrumShape:
        return {"spectrumShape", "spectrum.hpp"};
    case Kernel::RawSamples:
        return {"rawSamples", "raw.hpp"};
    case Kernel::CanonicalNans:
        return {"canonicalNans", "real.hpp"};
    }
    return {"", ""};
}

int ExtractionPlan::constantBytes() const
{
    std::size_t bytes = 0;
    for (const ConstantTable& table : tables)
        std::visit([&bytes](const auto& values) { bytes += values.size() * sizeof values[0]; }, table.values);
    return static_cast<int>(bytes);
}

Result<ExtractionPlan> planFor(const Pipeline& pipeline)
{
    EMBER_CHECK(validate(pipeline));
    PlanBuilder builder(pipeline);
    int features = 0;
    for (const BlockUse& use : pipeline.blocks) {
        const Block* block = findBlock(use.block);
        block->plan(use, pipeline, features, builder);
        features += static_cast<int>(block->names(use, pipeline).size());
    }
    return builder.finish(features);
}

} // namespace ember::features
