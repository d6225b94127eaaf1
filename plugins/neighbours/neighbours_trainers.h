// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::neighbours {

plugin::TrainerInfo knnInfo();
Result<model::Model> trainKnn(const plugin::TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context);

plugin::TrainerInfo protoNnInfo();
Result<model::Model> trainProtoNn(const plugin::TrainingView& data, const QVariantMap& parameters,
                                  const plugin::TrainingContext& context);

} // namespace ember::neighbours
