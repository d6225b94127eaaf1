// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/emit_plan.h"

#include "core/features/block.h"
#include "core/features/plan_builder.h"
#include "core/features/stage.h"

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
    case Kernel::FilterSignal:
        return {"filterSignal", "filter.hpp"};
    case Kernel::SubtractMean:
        return {"subtractMean", "filter.hpp"};
    case Kernel::FirFilter:
        return {"firFilter", "filter.hpp"};
    case Kernel::MovingMedian:
        return {"movingMedian", "filter.hpp"};
    case Kernel::AverageGroups:
        return {"averageGroups", "filter.hpp"};
    case Kernel::PreEmphasis:
        return {"preEmphasis", "audio.hpp"};
    case Kernel::FramePower:
        return {"framePower", "audio.hpp"};
    case Kernel::MelEnergies:
        return {"melEnergies", "audio.hpp"};
    case Kernel::SubtractNoise:
        return {"subtractNoise", "audio.hpp"};
    case Kernel::Pcen:
        return {"pcen", "audio.hpp"};
    case Kernel::Decibels:
        return {"decibels", "audio.hpp"};
    case Kernel::MatrixProduct:
        return {"matrixProduct", "audio.hpp"};
    case Kernel::PoolFrames:
        return {"poolFrames", "audio.hpp"};
    case Kernel::FixedMelFrame:
        return {"fixedMelFrame", "fixed_audio.hpp"};
    case Kernel::FixedLevels:
        return {"fixedLevels", "fixed_audio.hpp"};
    case Kernel::FixedProduct:
        return {"fixedProduct", "fixed_audio.hpp"};
    case Kernel::SortedCopy:
        return {"sortedCopy", "order.hpp"};
    case Kernel::Quantile:
        return {"quantile", "order.hpp"};
    case Kernel::QuantileRange:
        return {"quantileRange", "order.hpp"};
    case Kernel::Histogram:
        return {"histogram", "order.hpp"};
    case Kernel::Autocorrelation:
        return {"autocorrelation", "periodicity.hpp"};
    case Kernel::StrongestPeriod:
        return {"strongestPeriod", "periodicity.hpp"};
    case Kernel::EveryNth:
        return {"everyNth", "periodicity.hpp"};
    case Kernel::Goertzel:
        return {"goertzel", "periodicity.hpp"};
    case Kernel::WaveletLevel:
        return {"waveletLevel", "wavelet.hpp"};
    case Kernel::ScaledEnergy:
        return {"scaledEnergy", "wavelet.hpp"};
    case Kernel::Tilt:
        return {"tilt", "tilt.hpp"};
    case Kernel::ScaleValues:
        return {"scaleValues", "rows.hpp"};
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
    const StagedPipeline staged = applyStages(pipeline);
    PlanBuilder builder(pipeline, staged);
    int features = 0;
    for (const BlockUse& use : pipeline.blocks) {
        const Block* block = findBlock(use.block);
        block->plan(use, staged.seen, features, builder);
        features += static_cast<int>(block->names(use, staged.seen).size());
    }
    return builder.finish(features, pipeline.projection);
}

} // namespace ember::features
