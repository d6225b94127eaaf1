// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/function_trainer.h"
#include "plugins/neighbours/neighbours_trainers.h"

#include <QObject>

namespace ember::neighbours {

class NeighboursPlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "neighbours.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override { return {&m_knn, &m_protoNn}; }

private:
    common::FunctionTrainer m_knn{knnInfo(), trainKnn};
    common::FunctionTrainer m_protoNn{protoNnInfo(), trainProtoNn};
};

} // namespace ember::neighbours
