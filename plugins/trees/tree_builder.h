// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancel.h"
#include "core/model/graph.h"
#include "plugins/common/random.h"
#include "plugins/trees/binning.h"

#include <optional>
#include <span>
#include <vector>

namespace ember::trees {

using common::Random;

/// What a single tree learns from. Rows with weight zero are not there.
struct TreeInput
{
    const BinnedTable& table;
    std::span<const qint32> labels;
    std::span<const double> weights; ///< one per row
    int classes = 0;
    std::span<const float> targets = {}; ///< one per row instead of labels: a tree of numbers

    bool isRegression() const { return !targets.empty(); }
    /// Sums that a set of rows is judged by: the weight of each class; or the weight, and that of the targets.
    std::size_t sums() const { return isRegression() ? 2 : static_cast<std::size_t>(classes); }
    /// Values in a leaf.
    std::size_t outputs() const { return isRegression() ? 1 : static_cast<std::size_t>(classes); }
};

struct TreeOptions
{
    int maxDepth = 0;       ///< 0: no limit
    int minSamplesLeaf = 1; ///< rows, not weights
    int minSamplesSplit = 2;
    std::size_t maxFeatures = 0; ///< features looked at for each split; 0: all
    bool randomCuts = false;     ///< one random cut per feature instead of the best one (extra-trees)
};

/// A place to divide rows: bins up to `bin` go left.
struct Cut
{
    std::size_t column = 0;
    int bin = 0;
    float threshold = 0;
    double score = -1; ///< purityOf() both sides; larger is purer

    bool isBetterThan(const Cut& other) const { return score > other.score; }
};

/// Nodes in walking order (the true branch follows its parent); leaf i has `classes` shares that add up to one, or the
/// mean of its targets.
struct GrownTree
{
    std::vector<model::TreeNode> nodes;
    std::vector<double> shares;
};

/// Grows one CART tree over bins, with the Gini criterion for classes and squared errors for numbers. Not thread-safe;
/// one builder per thread.
class TreeBuilder
{
public:
    TreeBuilder(const TreeInput& input, const TreeOptions& options, Random random, CancelToken cancel);

    /// Empty when cancelled.
    std::optional<GrownTree> grow();

    /// The best cut of all rows over every column, whatever maxFeatures says; for tests against an oracle.
    std::optional<Cut> bestCutOfRoot();

private:
    struct Pending
    {
        std::size_t begin, end; ///< rows of m_rows
        int depth;
        qint32 parent;
        bool whenTrue;
    };

    void addNode(const Pending& pending);
    bool isFinal(const Pending& pending);
    void addLeaf(model::TreeNode& node);
    void sumUp(std::size_t begin, std::size_t end);
    void addRow(quint32 row, double* sums) const;
    double purityOf(const std::vector<double>& sums) const;
    std::optional<Cut> findCut(std::size_t begin, std::size_t end);
    bool tryColumn(std::size_t column, std::size_t begin, std::size_t end, std::optional<Cut>& best);
    void fillHistogram(std::size_t column, std::size_t begin, std::size_t end);
    void clearHistogram();
    std::optional<Cut> sweep(std::size_t column, std::size_t rows);
    std::optional<Cut> randomCut(std::size_t column, std::size_t rows);
    int nextFilledBin(int bin) const;
    std::size_t divide(std::size_t begin, std::size_t end, const Cut& cut);

    TreeInput m_input;
    TreeOptions m_options;
    Random m_random;
    CancelToken m_cancel;

    std::vector<quint32> m_rows;        ///< indices, permuted so that each node's rows lie together
    std::vector<quint32> m_rightRows;   ///< scratch of divide()
    std::vector<std::size_t> m_columns; ///< in the order in which they are drawn
    std::vector<double> m_sums;         ///< of the node at hand
    bool m_isPure = false;              ///< all of its rows are alike
    std::vector<double> m_left, m_right;
    std::vector<double> m_histogram;   ///< bins x sums
    std::vector<std::size_t> m_counts; ///< rows per bin
    int m_lowBin = 0;
    int m_highBin = 0;
    std::vector<Pending> m_pending;
    GrownTree m_tree;
};

} // namespace ember::trees
