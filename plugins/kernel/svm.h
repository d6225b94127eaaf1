// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/common/rows.h"

namespace ember::kernel {

enum class SvmTask
{
    Classification,
    Regression,
    OneClass
};

struct SvmOptions
{
    SvmTask task = SvmTask::Classification;
    model::KernelKind kernel = model::KernelKind::Rbf;
    double c = 1;     ///< what a row beyond the margin costs; classification and regression
    double gamma = 0; ///< 0: 1 / (columns x variance of all values)
    double coef0 = 0; ///< of the polynomial
    int degree = 3;
    double epsilon = 0.1;  ///< regression: errors below cost nothing
    double nu = 0.05;      ///< one class: the most rows that lie outside, as a share
    bool balanced = false; ///< classification: c of a class by its rarity
};

/// Trains with libsvm (which cannot be interrupted) and returns what it found in the form of the graph's operation.
/// `targets` for regression, `classes` for classification; a class without rows never wins. Errors: Failed with
/// libsvm's reason.
Result<model::SvmModel> fitSvm(const common::Matrix& rows, const common::PresentClasses& classes,
                               const common::Vector& targets, const SvmOptions& options);

} // namespace ember::kernel
