// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"
#include "plugins/trees/bonsai.h"

namespace ember::trees {

/// A tree as a graph of standard operators: every node says its scores, and those on the path are added up. `scaling`
/// becomes part of the projection.
model::Model bonsaiModel(const Bonsai& tree, const common::Scaling& scaling, const common::PresentClasses& classes,
                         const plugin::TrainingView& data);

plugin::TrainerInfo bonsaiInfo();
Result<model::Model> trainBonsai(const plugin::TrainingView& data, const QVariantMap& parameters,
                                 const plugin::TrainingContext& context);

} // namespace ember::trees
