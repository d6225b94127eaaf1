// SPDX-License-Identifier: GPL-3.0-or-later
// Models of ai.onnx.ml beside trees, and what is done to their features. Part of operations.h.
#pragma once

#include "core/model/tensor.h"
#include "core/model/tree_ensemble.h"

#include <string>
#include <vector>

namespace ember::model {

/// x. Scores are x * coefficients' + intercepts, then the transform. A classifier makes the index of the winner first.
struct LinearModel
{
    bool classifier = false;
    qint64 targets = 1; ///< rows of coefficients
    qint64 classes = 1; ///< of a classifier: 2 with one row means that the sign decides
    std::vector<float> coefficients;
    std::vector<float> intercepts;
    PostTransform transform = PostTransform::None;
};

enum class KernelKind : quint8
{
    Linear,
    Polynomial,
    Rbf,
    Sigmoid
};

/// x. Support vector machines of ai.onnx.ml. A classifier makes the index of the winner first.
struct SvmModel
{
    bool classifier = false;
    bool oneClass = false;
    KernelKind kernel = KernelKind::Linear;
    float gamma = 0.0f;
    float coef0 = 0.0f;
    float degree = 0.0f;
    qint64 features = 0;
    qint64 classes = 1;
    std::vector<float> vectors; ///< vectors x features; empty for a linear model of coefficients alone
    std::vector<float> coefficients;
    std::vector<qint64> vectorsPerClass;
    std::vector<float> rho;
    std::vector<float> probA;
    std::vector<float> probB;
    PostTransform transform = PostTransform::None;
};

/// x: `replaced` (or not-a-number) becomes the value of its column.
struct Imputer
{
    std::vector<double> values; ///< one, or one per column
    double replaced = 0;
    bool replaceNaN = true;
};

/// x, keys to values. Keys and values are text or numbers; what is no key becomes the default.
struct LabelEncoder
{
    bool textKeys = false;
    bool textValues = false;
    TensorType valueType = TensorType::Int64; ///< of numbers
    std::vector<std::string> keyTexts;
    std::vector<double> keyNumbers;
    std::vector<std::string> valueTexts;
    std::vector<double> valueNumbers;
    std::string defaultText;
    double defaultNumber = 0;
};

/// x to one more dimension: 1 where the category is.
struct CategoryOneHot
{
    std::vector<qint64> numbers;
    std::vector<std::string> texts;
    bool zeros = true; ///< what is no category is zeros, not an error
};

} // namespace ember::model
