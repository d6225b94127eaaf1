// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"
#include "plugins/neural/network_graph.h"

namespace ember::neural {

enum class Kind
{
    Perceptron,
    Convolution,
    Gru,
    Lstm,
    Autoencoder
};

QList<plugin::ParameterSpec> parametersOf(Kind kind);

/// What a complete set of parameters asks for; nothing for networks on features without an order.
Augmentation augmentationOf(Kind kind, const QVariantMap& parameters);

/// A network that has learnt nothing yet, and how its rows lie.
struct NetworkPlan
{
    Network network;
    InputForm input;
    Volume volume; ///< of a row

    /// Rows as the network takes them: scaled, the numbers of a channel together.
    std::vector<float> prepared(std::span<const float> rows) const;
};

/// A network of `outputs` for the data and a complete set of parameters. Errors: Usage naming the parameter.
Result<NetworkPlan> planNetwork(Kind kind, const plugin::TrainingView& data, const QVariantMap& parameters,
                                qint64 outputs, quint64 seed);

} // namespace ember::neural
