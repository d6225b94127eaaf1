// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workflow/deploy.h"

#include <vector>

namespace ember::workflow {

/// What the caller of a verification says the answers should be. Either may be empty.
struct ExpectedAnswers
{
    std::vector<qint32> labels; ///< class index per row
    std::vector<float> scores;  ///< rows x outputs of the model
};

/// Reads an .npy file. Of a classifier: a column of whole numbers is labels, given as the model's class names where all
/// of these are whole numbers ("0", "7"), and as indices of its classes otherwise; a table with a column per class is
/// scores. Of a regressor: its outputs. Errors: as readNpy; Usage for a shape or a label that the model does not have.
Result<ExpectedAnswers> readExpected(const Deployment& deployment, const QString& npyPath);

} // namespace ember::workflow
