// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/function_trainer.h"
#include "plugins/kernel/kernel_trainers.h"

#include <QObject>

namespace ember::kernel {

class KernelPlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "kernel.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override { return {&m_svm, &m_oneClass, &m_rvm}; }

private:
    common::FunctionTrainer m_svm{svmInfo(), trainSvm};
    common::FunctionTrainer m_oneClass{oneClassInfo(), trainOneClass};
    common::FunctionTrainer m_rvm{rvmInfo(), trainRvm};
};

} // namespace ember::kernel
