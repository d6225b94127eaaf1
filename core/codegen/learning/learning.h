// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/options.h"

#include <vector>

namespace ember::codegen {

/// What a model that learns on the board has beside its trained tables, for device-agent/runtime/learn_*.hpp. Which
/// fields are used depends on the model's kind.
struct LoweredLearning
{
    // Nearest neighbours.
    quint16 rows = 0;  ///< that the store holds
    quint16 votes = 0; ///< of learned rows among the k

    // Naive Bayes, centroids and mixtures.
    quint16 prior = 0;
    quint16 memory = 0;
    quint8 driftBits = 0;
    std::vector<quint16> limits; ///< of each mean's drift, in units of 2^-driftBits of the kernel's

    // Linear classifiers, in units of the weights.
    qint32 weightLimit = 0;
    qint32 weightStep = 0;
    quint8 marginBits = 0;
};

struct LoweredModel;

/// Whether the numbers are such that code can be made for them. Errors: Usage, naming the number and its range.
Status checkLearningOptions(const LearningOptions& options);

/// Fills the model's `learning` for its body, which is lowered already. Errors: Usage for numbers that do not fit the
/// model, or with which learnedBytes() is beyond 65535; Unsupported for a model that cannot learn, with what to do
/// about it.
Status addLearning(const LearningOptions& options, LoweredModel& model);

/// Bytes of what is learned: the struct that the generated code keeps in RAM, without padding that differs by compiler.
qint64 learnedBytes(const LoweredModel& model);

} // namespace ember::codegen
