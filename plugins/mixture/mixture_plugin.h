// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/function_trainer.h"
#include "plugins/mixture/mixture_trainers.h"

#include <QObject>

namespace ember::mixture {

class MixturePlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "mixture.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override { return {&m_gmm, &m_kMeans, &m_elliptic}; }

private:
    common::FunctionTrainer m_gmm{gmmInfo(), trainGmm};
    common::FunctionTrainer m_kMeans{kMeansInfo(), trainKMeans};
    common::FunctionTrainer m_elliptic{ellipticInfo(), trainElliptic};
};

} // namespace ember::mixture
