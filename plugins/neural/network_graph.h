// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"
#include "core/model/graph_builder.h"
#include "plugins/neural/fit.h"

namespace ember::neural {

/// What a network takes: rows of `columns` numbers in `order`, scaled by `scaling`.
struct InputForm
{
    std::size_t columns = 0;
    RowOrder order = RowOrder::ChannelsFirst;
    Scaling scaling; ///< of each column, or of each channel for channels last
};

/// A network as a graph: input "features", scaling, layers as Gemm, Conv and Pool nodes. Outputs "label" (text) and
/// "scores" (shares).
model::Model classifierOf(const Network& network, const InputForm& input, const model::ModelNames& names);

/// The same with one output, times `scale`, plus `offset`.
model::Model regressorOf(const Network& network, const InputForm& input, float scale, float offset,
                         const QStringList& featureNames);

/// A network that says its scaled input again: the mean squared error over `threshold` is an anomaly.
model::Model detectorOf(const Network& network, const InputForm& input, float threshold,
                        const QStringList& featureNames);

} // namespace ember::neural
