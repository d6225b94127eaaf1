// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/bayes/gaussian.h"
#include "plugins/common/function_trainer.h"

#include <QObject>

namespace ember::bayes {

class BayesPlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "bayes.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override { return {&m_gaussian}; }

private:
    common::FunctionTrainer m_gaussian{gaussianInfo(), trainGaussian};
};

} // namespace ember::bayes
