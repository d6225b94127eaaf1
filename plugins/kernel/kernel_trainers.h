// SPDX-License-Identifier: GPL-3.0-or-later
// The trainers around the fits: descriptions, parameters, scaling, graphs.
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::kernel {

plugin::TrainerInfo svmInfo();
Result<model::Model> trainSvm(const plugin::TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context);

plugin::TrainerInfo oneClassInfo();
Result<model::Model> trainOneClass(const plugin::TrainingView& data, const QVariantMap& parameters,
                                   const plugin::TrainingContext& context);

plugin::TrainerInfo rvmInfo();
Result<model::Model> trainRvm(const plugin::TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context);

} // namespace ember::kernel
