// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "plugins/neural/augment.h"
#include "plugins/neural/layers.h"

#include <span>
#include <vector>

namespace ember::neural {

/// What the network shall say to a row: a class, or numbers.
struct Truth
{
    qint32 label = -1;
    std::span<const float> targets; ///< one per output, where there is no class
    qint32 other = -1;              ///< class that was mixed in
    float otherShare = 0;           ///< how much of it
};

/// Rows to learn from, already scaled. Either classes or targets are there.
struct Examples
{
    std::span<const float> rows;
    std::size_t columns = 0;
    std::span<const qint32> labels;
    std::span<const float> targets; ///< `outputs` per row
    std::size_t outputs = 0;

    std::size_t count() const { return rows.size() / columns; }
    std::span<const float> row(std::size_t index) const { return rows.subspan(index * columns, columns); }
    Truth truth(std::size_t index) const
    {
        return labels.empty() ? Truth{-1, targets.subspan(index * outputs, outputs)} : Truth{labels[index], {}};
    }
};

struct FitOptions
{
    int epochs = 60;
    int batch = 32;
    double learningRate = 0.003;
    double weightDecay = 1e-4; ///< decoupled from the gradient (Loshchilov and Hutter, "AdamW")
    double mix = 0;            ///< most of another row that is mixed in ("mixup", Zhang et al. 2018); classes only
    double clip = 0;           ///< longest gradient of a step, over all weights; 0: any
    double roundedShare = 0;   ///< of the epochs, the last ones: with weights and rounding layers as integers
    const Augmenter* augmenter = nullptr; ///< what changes rows before they are seen; not owned
    quint64 seed = 1;
};

/// Scores of the network for one row; `values` holds the results of all layers.
std::span<const float> forwardAll(const Network& network, std::span<const float> row,
                                  std::vector<std::vector<float>>& values);

/// Adds the gradients of one example to the layers; returns its loss: cross-entropy of a class, mean squared error of
/// numbers.
double learnFrom(Network& network, std::span<const float> row, const Truth& truth,
                 std::vector<std::vector<float>>& values);

/// Least loss by Adam (Kingma and Ba, 2015) over shuffled batches, with a learning rate that falls to zero
/// along a half cosine. Weights come back as reals, also where they were rounded on the way. Deterministic for a seed.
/// Errors: Cancelled; Failed when the loss is no number any more.
Status fit(Network& network, const Examples& examples, const FitOptions& options, const ProgressSink& progress,
           const CancelToken& cancel);

/// Mean and one over the standard deviation of each column, or of each of fewer channels that take turns in a row; 1
/// where nothing varies.
struct Scaling
{
    std::vector<float> mean;
    std::vector<float> factor;
};
Scaling scalingOf(std::span<const float> rows, std::size_t channels);
std::vector<float> scaled(std::span<const float> rows, const Scaling& scaling);

/// How the numbers of a row lie. Most layers want all of one channel together; recurrent ones take a row as it lies,
/// the channels of a step together.
enum class RowOrder
{
    ChannelsFirst,
    ChannelsLast,
    Steps
};
/// Rows of a volume, channels last, as layers want them.
std::vector<float> channelsFirst(std::span<const float> rows, Volume volume);

} // namespace ember::neural
