// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "plugins/common/rows.h"

namespace ember::neighbours {

/// ProtoNN (Gupta et al., "ProtoNN: Compressed and Accurate kNN for Resource-scarce Devices", ICML 2017): rows are
/// projected to few dimensions, and prototypes there speak for the classes the more the nearer they are:
///     scores = sum over j of scores_j exp(-|prototype_j - projection x|^2)
/// The width of the kernel is part of the projection's scale.
struct ProtoNn
{
    common::Matrix projection; ///< dimensions x columns
    common::Matrix prototypes; ///< prototypes x dimensions
    common::Matrix scores;     ///< prototypes x classes

    static ProtoNn of(const common::Vector& parameters, const ProtoNn& shape);
    common::Vector parameters() const;                         ///< projection, prototypes, scores, each row by row
    common::Matrix evaluate(const common::Matrix& rows) const; ///< rows x classes
};

struct ProtoNnProblem
{
    const common::Matrix& rows;
    const std::vector<int>& labels; ///< one per row, below classes
    int classes = 2;
    double penalty = 1e-4; ///< of half the squared parameters
};

/// Mean of -log softmax at the labels plus penalty; fills the gradient in the order of ProtoNn::parameters().
double protoNnLoss(const ProtoNnProblem& problem, const ProtoNn& at, common::Vector& gradient);

struct ProtoNnOptions
{
    int dimensions = 10; ///< at most one per column
    int perClass = 3;    ///< prototypes of a class, at most one per row
    int maxIterations = 300;
    quint64 seed = 1;
};

/// Begins with the principal components and the clusters of each class, and descends with all parameters at once
/// (L-BFGS). Errors: Cancelled.
Result<ProtoNn> fitProtoNn(const ProtoNnProblem& problem, const ProtoNnOptions& options,
                           const ProgressSink& progress = {}, const CancelToken& cancel = {});

} // namespace ember::neighbours
