// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/function_trainer.h"
#include "plugins/neural/neural_trainers.h"

#include <QObject>

namespace ember::neural {

class NeuralPlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "neural.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override
    {
        return {&m_perceptron, &m_convolution, &m_gru, &m_lstm, &m_autoencoder};
    }

private:
    common::FunctionTrainer m_perceptron{perceptronInfo(), trainPerceptron};
    common::FunctionTrainer m_convolution{convolutionInfo(), trainConvolution};
    common::FunctionTrainer m_gru{gruInfo(), trainGru};
    common::FunctionTrainer m_lstm{lstmInfo(), trainLstm};
    common::FunctionTrainer m_autoencoder{autoencoderInfo(), trainAutoencoder};
};

} // namespace ember::neural
