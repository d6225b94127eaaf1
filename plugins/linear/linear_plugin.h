// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/function_trainer.h"
#include "plugins/linear/linear_trainers.h"

#include <QObject>

namespace ember::linear {

class LinearPlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "linear.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override { return {&m_logistic, &m_ridge, &m_sefr}; }

private:
    common::FunctionTrainer m_logistic{logisticInfo(), trainLogistic};
    common::FunctionTrainer m_ridge{ridgeInfo(), trainRidge};
    common::FunctionTrainer m_sefr{sefrInfo(), trainSefr};
};

} // namespace ember::linear
