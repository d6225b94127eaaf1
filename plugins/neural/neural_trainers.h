// SPDX-License-Identifier: GPL-3.0-or-later
// The trainers around the networks: descriptions, targets, thresholds, quantisation.
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::neural {

plugin::TrainerInfo perceptronInfo();
Result<model::Model> trainPerceptron(const plugin::TrainingView& data, const QVariantMap& parameters,
                                     const plugin::TrainingContext& context);

plugin::TrainerInfo convolutionInfo();
Result<model::Model> trainConvolution(const plugin::TrainingView& data, const QVariantMap& parameters,
                                      const plugin::TrainingContext& context);

plugin::TrainerInfo gruInfo();
Result<model::Model> trainGru(const plugin::TrainingView& data, const QVariantMap& parameters,
                              const plugin::TrainingContext& context);

plugin::TrainerInfo lstmInfo();
Result<model::Model> trainLstm(const plugin::TrainingView& data, const QVariantMap& parameters,
                               const plugin::TrainingContext& context);

plugin::TrainerInfo autoencoderInfo();
Result<model::Model> trainAutoencoder(const plugin::TrainingView& data, const QVariantMap& parameters,
                                      const plugin::TrainingContext& context);

} // namespace ember::neural
