// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/features/cost.h"
#include "core/workflow/feature_set.h"

namespace ember::device {
struct Board;
}

namespace ember::workflow {

struct FeatureTableRequest
{
    QString project; ///< path
    FeatureRequest features;
    QString target;       ///< board id whose class of processor the prices are for; empty: one with an FPU
    QString scaler;       ///< fitted to the windows and put behind the blocks; empty: none
    int components = 0;   ///< principal components behind the scaler; 0: none
    QString pipelinePath; ///< where the pipeline is written, as --pipeline reads it; empty: nowhere
    QString matrixPath;   ///< .npy, float32, windows x features; empty: not written
    QString labelsPath;   ///< .csv with label, group, recording and first row of each window; empty: not written
};

/// Whose prices are nearest to the board's: its own, or those of a core that computes floats in the same way.
features::CpuClass priceClassOf(const device::Board& board);

/// What one block of the pipeline gives, and its price when it is alone. Estimated.
struct FeatureBlockPrice
{
    QString block;
    QStringList channels;
    features::ExtractionCost cost;
};

struct FeatureTable
{
    FeatureSet set;
    std::vector<FeatureBlockPrice> blocks;
    features::CpuClass cpu = features::CpuClass::FloatHardware; ///< of the prices; work is cycles on an AVR
    features::ExtractionCost whole; ///< less than the sum: blocks share loads, kernels and scratch
};

/// Cuts the project into windows, computes their features, prices the pipeline, and writes the files asked for. Errors:
/// as computeFeatures; NotFound (board), Io.
Result<FeatureTable> makeFeatureTable(const FeatureTableRequest& request, const Hooks& hooks = {});

} // namespace ember::workflow
