// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/model/graph.h"
#include "plugins/neural/layers.h"

#include <QStringList>

namespace ember::neural {

/// Rows to learn from, already scaled.
struct Examples
{
    std::span<const float> rows;
    std::size_t columns = 0;
    std::span<const qint32> labels;

    std::size_t count() const { return labels.size(); }
    std::span<const float> row(std::size_t index) const { return rows.subspan(index * columns, columns); }
};

struct FitOptions
{
    int epochs = 60;
    int batch = 32;
    double learningRate = 0.003;
    double weightDecay = 1e-4; ///< decoupled from the gradient (Loshchilov and Hutter, "AdamW")
    quint64 seed = 1;
};

/// Scores of the network for one row; `values` holds the results of all layers.
std::span<const float> forwardAll(const Network& network, std::span<const float> row,
                                  std::vector<std::vector<float>>& values);

/// Adds the gradients of one example to the layers; returns its loss.
double learnFrom(Network& network, std::span<const float> row, qint32 label, std::vector<std::vector<float>>& values);

/// Least cross-entropy by Adam (Kingma and Ba, 2015) over shuffled batches, with a learning rate that falls to zero
/// along a half cosine. Deterministic for a seed. Errors: Cancelled; Failed when the loss is no number any more.
Status fit(Network& network, const Examples& examples, const FitOptions& options, const ProgressSink& progress,
           const CancelToken& cancel);

/// Mean and one over the standard deviation of each column; 1 where nothing varies.
struct Scaling
{
    std::vector<float> mean;
    std::vector<float> factor;
};
Scaling scalingOf(std::span<const float> rows, std::size_t columns);
std::vector<float> scaled(std::span<const float> rows, const Scaling& scaling);

/// The network as a graph: input "features", scaling, layers as Gemm and Conv nodes, outputs "label" (text) and
/// "scores" (shares).
model::Model modelOf(const Network& network, const Scaling& scaling, const QStringList& classNames,
                     const QStringList& featureNames);

} // namespace ember::neural
