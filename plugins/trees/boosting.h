// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::trees {

/// Gradient boosting with XGBoost's library, on one thread with exact splits, so that the same data give the same
/// trees. The model is an ensemble of margins: two classes as mirror images, several with softmax, numbers as they are.
plugin::TrainerInfo boostingInfo();
Result<model::Model> trainBoosting(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext& context);

} // namespace ember::trees
