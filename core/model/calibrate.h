// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <map>
#include <string>
#include <vector>

namespace ember::model {

/// How the range of a value is taken from what it was on the calibration rows.
enum class RangeMethod
{
    MinMax,     ///< all that occurred
    Percentile, ///< without a share of the values at either end
    Kl          ///< the clip that keeps the distribution: least Kullback-Leibler divergence, 128 steps (Migacz, 2017)
};

struct ValueRange
{
    float low = 0;
    float high = 0;
};

struct CalibrationOptions
{
    RangeMethod method = RangeMethod::MinMax;
    double percentile = 99.99; ///< of the values that stay inside
};

/// Computes the graph on rows (one tensor for each input, rows along the first dimension) and returns the ranges of the
/// named float32 values. Two passes when the method needs a histogram. Errors: Usage for rows that do not fit the
/// inputs; BadData for a value that is not finite, by name; those of the interpreter.
Result<std::map<std::string, ValueRange>> calibrate(const Graph& graph, const std::vector<std::string>& values,
                                                    const std::vector<Tensor>& rows, const CalibrationOptions& options);

/// Computes a model on many rows, in batches of the size that its inputs declare (64 where they leave it open), and
/// puts the results together along the first dimension. Errors: as the interpreter; Usage for rows that do not fit.
Result<std::vector<Tensor>> runRows(const class Interpreter& interpreter, const std::vector<Tensor>& rows);

} // namespace ember::model
