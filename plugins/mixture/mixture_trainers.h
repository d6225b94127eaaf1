// SPDX-License-Identifier: GPL-3.0-or-later
// The trainers around the fits: descriptions, parameters, scaling, thresholds.
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::mixture {

plugin::TrainerInfo gmmInfo();
Result<model::Model> trainGmm(const plugin::TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context);

plugin::TrainerInfo kMeansInfo();
Result<model::Model> trainKMeans(const plugin::TrainingView& data, const QVariantMap& parameters,
                                 const plugin::TrainingContext& context);

plugin::TrainerInfo ellipticInfo();
Result<model::Model> trainElliptic(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext& context);

} // namespace ember::mixture
