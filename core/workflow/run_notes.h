// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/learn/matrix.h"
#include "core/workflow/validation_choice.h"

namespace ember::workflow {

/// What a reader of a classifier's scores should know about the data and how it was divided, one sentence each: rows of
/// one group on both sides, features that tell whose a window is, labels of a single group, recordings without a group.
QStringList runNotes(const learn::Matrix& matrix, const Folds& folds, quint64 seed);

} // namespace ember::workflow
