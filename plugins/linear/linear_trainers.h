// SPDX-License-Identifier: GPL-3.0-or-later
// The trainers around the fits: descriptions, parameters, scaling.
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::linear {

plugin::TrainerInfo logisticInfo();
Result<model::Model> trainLogistic(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext& context);

plugin::TrainerInfo ridgeInfo();
Result<model::Model> trainRidge(const plugin::TrainingView& data, const QVariantMap& parameters,
                                const plugin::TrainingContext& context);

plugin::TrainerInfo sefrInfo();
Result<model::Model> trainSefr(const plugin::TrainingView& data, const QVariantMap& parameters,
                               const plugin::TrainingContext& context);

} // namespace ember::linear
