// SPDX-License-Identifier: GPL-3.0-or-later
// The smallest complete trainer: it asks one question about one feature. Copy, rename, replace train().
#pragma once

#include "core/plugin-api/trainer.h"

#include <QObject>

/// Divides the rows at the mean of the feature that makes the fewest mistakes.
class OneRuleTrainer final : public ember::plugin::Trainer
{
public:
    ember::plugin::TrainerInfo info() const noexcept override;
    ember::Result<ember::model::Model> train(const ember::plugin::TrainingView& data, const QVariantMap& parameters,
                                             const ember::plugin::TrainingContext& context) noexcept override;
};

/// The root object. The JSON file is read before any of this code runs; its ids must be those of the trainers.
class TemplatePlugin final : public QObject, public ember::plugin::TrainerPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID EmberTrainerPlugin_iid FILE "template.json")
    Q_INTERFACES(ember::plugin::TrainerPlugin)

public:
    QList<ember::plugin::Trainer*> trainers() noexcept override { return {&m_oneRule}; }

private:
    OneRuleTrainer m_oneRule;
};
