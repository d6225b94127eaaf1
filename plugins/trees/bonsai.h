// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "plugins/common/rows.h"

namespace ember::trees {

/// Bonsai (Kumar, Goyal, Varma, "Resource-efficient Machine Learning in 2 KB RAM for the Internet of Things", ICML
/// 2017): one shallow tree whose every node, not only the leaf, says something, on few dimensions that are learnt with
/// it. With z = [projection x, 1]:
///     scores = sum over nodes k on the path of (weights_k z) * tanh(sigma gates_k z)
/// and node k goes right where branches_k z > 0. Nodes are numbered by level: the children of k are 2k + 1 and 2k + 2.
struct Bonsai
{
    common::Matrix projection; ///< dimensions x columns
    common::Matrix branches;   ///< inner nodes x (dimensions + 1)
    common::Matrix weights;    ///< (nodes * classes) x (dimensions + 1), a node's classes together
    common::Matrix gates;      ///< as weights
    double sigma = 1;

    Eigen::Index innerNodes() const { return branches.rows(); }
    Eigen::Index nodes() const { return 2 * branches.rows() + 1; }
    Eigen::Index classes() const { return weights.rows() / nodes(); }

    static Bonsai of(const common::Vector& parameters, const Bonsai& shape);
    common::Vector parameters() const; ///< projection, branches, weights, gates, each row by row
    common::Matrix evaluate(const common::Matrix& rows) const; ///< rows x classes
};

struct BonsaiProblem
{
    const common::Matrix& rows;
    const std::vector<int>& labels; ///< one per row, below classes
    int classes = 2;
    double penalty = 1e-4; ///< of half the squared parameters
};

/// Mean of -log softmax at the labels plus penalty; fills the gradient in the order of Bonsai::parameters(). A row goes
/// both ways at a node, to the right by (1 + tanh(sharpness branches z)) / 2.
double bonsaiLoss(const BonsaiProblem& problem, const Bonsai& at, double sharpness, common::Vector& gradient);

/// The same with the paths that the tree takes in the end; projection and branches, which paths hang on, have no slope.
double settledBonsaiLoss(const BonsaiProblem& problem, const Bonsai& at, common::Vector& gradient);

struct BonsaiOptions
{
    int depth = 3;       ///< of the leaves
    int dimensions = 10; ///< at most one per column
    double sigma = 1;
    int maxIterations = 400; ///< over all stages
    quint64 seed = 1;
};

/// Descends with all parameters at once (L-BFGS) while paths get sharper, then settles the nodes for the paths that are
/// there. Errors: Cancelled.
Result<Bonsai> fitBonsai(const BonsaiProblem& problem, const BonsaiOptions& options, const ProgressSink& progress = {},
                         const CancelToken& cancel = {});

} // namespace ember::trees
