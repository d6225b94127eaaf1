// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <QStringList>

#include <optional>
#include <vector>

namespace ember::workflow {

struct GeneratedWinners
{
    std::vector<quint16> winners; ///< of each row
    QStringList classNames;       ///< what they are indices of
};

/// The winner of each row in the generated code of a classifier, computed on this machine bit for bit as on a board.
/// `rows` are [rows, features] in the model's input type. Nothing for a model that is no classifier or has no code.
/// Errors: Usage for rows that the code does not take.
Result<std::optional<GeneratedWinners>> generatedWinners(const model::Model& model, const model::Tensor& rows);

} // namespace ember::workflow
