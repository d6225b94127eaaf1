// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/deploy.h"
#include "core/workflow/hooks.h"

namespace ember::workflow {

/// A model made ready to learn on a board.
struct LearningDeployment
{
    Deployment deployment;
    bool coded = false; ///< float features become whole numbers of 8 bits first, because learning is in integers
    qint64 rows = 0;    ///< windows on which that was compared
    qint64 flips = 0;   ///< of them, those with another class than without it
};

/// As prepareDeployment() with `options.learning`. A model of windows with float features is given whole numbers, in
/// ranges that the windows of its project have, as 'emberlab quantise --features int8' would; its `source.model` is
/// then that one. Errors: as prepareDeployment(), addLearning() and codeFeatures(); NotFound for a project without
/// windows.
Result<LearningDeployment> prepareLearning(const QString& modelRef, const QString& boardId,
                                           const codegen::Options& options, const Hooks& hooks = {});

} // namespace ember::workflow
