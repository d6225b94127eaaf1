// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

#include <QObject>

namespace ember::neural {

enum class Kind
{
    Perceptron,
    Convolution
};

class NeuralTrainer final : public plugin::Trainer
{
public:
    explicit NeuralTrainer(Kind kind)
        : m_kind(kind)
    {}

    plugin::TrainerInfo info() const noexcept override;
    Result<model::Model> train(const plugin::TrainingView& data, const QVariantMap& parameters,
                               const plugin::TrainingContext& context) noexcept override;

private:
    Kind m_kind;
};

class NeuralPlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "neural.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override { return {&m_perceptron, &m_convolution}; }

private:
    NeuralTrainer m_perceptron{Kind::Perceptron};
    NeuralTrainer m_convolution{Kind::Convolution};
};

} // namespace ember::neural
