// SPDX-License-Identifier: GPL-3.0-or-later
// Features as whole numbers in front of a classic model: what decision trees, and the integer kernels of linear models,
// neighbours, mixtures and support vector machines work on.
#pragma once

#include "core/base/result.h"
#include "core/model/calibrate.h"
#include "core/model/graph.h"

#include <QString>

#include <optional>
#include <vector>

namespace ember::model {

/// A feature x becomes the whole number nearest to (x - offset) / scale (the even one of two), cut to the range of the
/// type, and stands for offset + number * scale. All in float32.
struct FeatureCodes
{
    TensorType type = TensorType::Int16; ///< Int8 or Int16
    std::vector<float> offsets;          ///< one for each feature
    std::vector<float> scales;

    std::size_t size() const { return scales.size(); }
    qint32 most() const { return type == TensorType::Int8 ? 127 : 32'767; } ///< the least is one more below zero
    float realOf(std::size_t feature, qint64 code) const;
    /// Whether a code is the feature itself, which is a whole number.
    bool isWhole(std::size_t feature) const
    {
        return !(offsets[feature] < 0) && !(offsets[feature] > 0) && scales[feature] == 1.0f;
    }
};

struct CodedModel
{
    Model model;
    FeatureCodes codes;
    std::vector<ValueRange> ranges; ///< that each feature's codes hold
    int thresholds = 0;             ///< of trees: different ones of all features together
    int movedPoints = 0;            ///< numbers of stored rows that were not codes
    int mergedThresholds = 0;       ///< of these, such that became the same code as another, but of whole features
};

/// Puts codes of `rows` (calibration rows, [rows, features]) in front of a model of one row of float32 features. Where
/// all rows of a feature are whole numbers that fit the type, they stay as they are; a feature of trees is coded where
/// its thresholds lie, for nothing else of it matters. Stored rows of neighbours and support vectors of the kernel
/// e^(-gamma d) move to the nearest codes. The graph is ordinary ONNX: Sub, QuantizeLinear,
/// DequantizeLinear, Add. Errors: Unsupported for another model, for trees that do not read the features themselves or
/// not alone, for trees that ask for missing values, which whole numbers have not, and for tests of equality that codes
/// would change; BadData for rows that are not finite.
Result<CodedModel> codeFeatures(const Model& model, const Tensor& rows, TensorType type);

/// The codes that a graph begins with, and the graph behind them, whose input is what codes stand for; nothing for
/// another graph.
struct SplitCodes
{
    FeatureCodes codes;
    Graph rest;
};
std::optional<SplitCodes> splitCodes(const Graph& graph);

} // namespace ember::model
