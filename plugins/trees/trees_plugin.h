// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"
#include "plugins/common/function_trainer.h"
#include "plugins/trees/bonsai_trainer.h"
#include "plugins/trees/boosting.h"
#include "plugins/trees/isolation.h"
#include "plugins/trees/parameters.h"

#include <QObject>

namespace ember::trees {

class TreesTrainer final : public plugin::Trainer
{
public:
    explicit TreesTrainer(Kind kind)
        : m_kind(kind)
    {}

    plugin::TrainerInfo info() const noexcept override;
    Result<model::Model> train(const plugin::TrainingView& data, const QVariantMap& parameters,
                               const plugin::TrainingContext& context) noexcept override;

private:
    Kind m_kind;
};

class TreesPlugin final : public QObject, public plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "trees.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<plugin::Trainer*> trainers() noexcept override
    {
        return {&m_tree, &m_forest, &m_extra, &m_boosting, &m_isolation, &m_bonsai};
    }

private:
    TreesTrainer m_tree{Kind::DecisionTree};
    TreesTrainer m_forest{Kind::RandomForest};
    TreesTrainer m_extra{Kind::ExtraTrees};
    common::FunctionTrainer m_boosting{boostingInfo(), trainBoosting};
    common::FunctionTrainer m_isolation{isolationInfo(), trainIsolation};
    common::FunctionTrainer m_bonsai{bonsaiInfo(), trainBonsai};
};

} // namespace ember::trees
