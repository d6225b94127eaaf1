// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <map>
#include <span>
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

/// The integers that activations become; weights are int8 with both.
enum class ActivationWidth
{
    Int8,
    Int16
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

/// The share of the elements of each value that lie outside its range on rows: what integers of that range cut off.
/// Values and errors as for calibrate().
Result<std::map<std::string, double>> shareOutside(const Graph& graph, const std::map<std::string, ValueRange>& ranges,
                                                   const std::vector<Tensor>& rows);

/// Some rows of an array (places along the first dimension). Requires places that exist.
Tensor pickRows(const Tensor& rows, std::span<const qint64> places);

/// Computes a model on many rows, in batches of the size that its inputs declare (64 where they leave it open), and
/// puts the results together along the first dimension. Errors: as the interpreter; Usage for rows that do not fit.
Result<std::vector<Tensor>> runRows(const class Interpreter& interpreter, const std::vector<Tensor>& rows);

} // namespace ember::model
