// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/forest.h"

#include "core/model/tree_tools.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace ember::trees {
namespace {

std::vector<double> classWeights(const ForestInput& input, bool balanced)
{
    std::vector<double> weights(static_cast<std::size_t>(input.classes), 1.0);
    if (!balanced)
        return weights;
    std::vector<std::size_t> counts(weights.size(), 0);
    for (const qint32 label : input.labels)
        ++counts[static_cast<std::size_t>(label)];
    const auto present = std::count_if(counts.begin(), counts.end(), [](std::size_t n) { return n > 0; });
    for (std::size_t c = 0; c < weights.size(); ++c) {
        if (counts[c] > 0)
            weights[c] = static_cast<double>(input.labels.size()) /
                         (static_cast<double>(present) * static_cast<double>(counts[c]));
    }
    return weights;
}

double meanOf(std::span<const float> values)
{
    double sum = 0;
    for (const float value : values)
        sum += static_cast<double>(value);
    return values.empty() ? 0 : static_cast<double>(static_cast<float>(sum / static_cast<double>(values.size())));
}

std::vector<float> centred(std::span<const float> values, double centre)
{
    std::vector<float> result;
    for (const float value : values)
        result.push_back(static_cast<float>(static_cast<double>(value) - centre));
    return result;
}

class ForestGrower
{
public:
    ForestGrower(const ForestInput& input, const ForestOptions& options, const CancelToken& cancel)
        : m_input(input)
        , m_options(options)
        , m_cancel(cancel)
        , m_centre(meanOf(input.targets))
        , m_targets(centred(input.targets, m_centre))
        , m_table(binTable(input.features, input.columns, kMaxBins, cancel))
        , m_classWeights(classWeights(input, options.balancedClasses))
        , m_trees(static_cast<std::size_t>(options.trees))
    {}

    /// False when cancelled.
    bool grow(const ProgressSink& progress)
    {
        const int helpers = std::clamp(m_options.threads, 1, m_options.trees) - 1;
        std::vector<std::jthread> threads;
        for (int i = 0; i < helpers; ++i)
            threads.emplace_back([this] { work({}); });
        work(progress);
        threads.clear(); // joins
        return std::all_of(m_trees.begin(), m_trees.end(), [](const auto& tree) { return tree.has_value(); });
    }

    model::TreeEnsemble assemble() const
    {
        model::TreeEnsemble ensemble;
        ensemble.classifier = m_targets.empty();
        ensemble.featureCount = static_cast<qint32>(m_input.columns);
        ensemble.targets = ensemble.classifier ? m_input.classes : 1;
        if (!ensemble.classifier)
            ensemble.baseValues = {static_cast<float>(m_centre)};
        for (const std::optional<GrownTree>& tree : m_trees)
            append(*tree, ensemble);
        model::shareEqualLeaves(ensemble);
        return ensemble;
    }

private:
    // Whoever is free takes the next tree; a tree's random numbers depend on its index only.
    void work(const ProgressSink& progress)
    {
        for (int index = m_next++; index < m_options.trees && !m_cancel.isCancelled(); index = m_next++) {
            m_trees[static_cast<std::size_t>(index)] = growTree(index);
            const int done = ++m_done;
            report(progress, QStringLiteral("Growing trees"), static_cast<double>(done) / m_options.trees,
                   QStringLiteral("%1 of %2").arg(done).arg(m_options.trees));
        }
    }

    std::optional<GrownTree> growTree(int index) const
    {
        Random random = Random::forItem(m_options.seed, static_cast<quint64>(index));
        const std::vector<double> weights = rowWeights(random);
        const TreeInput input{m_table, m_input.labels, weights, m_input.classes, m_targets};
        return TreeBuilder(input, m_options.tree, random, m_cancel).grow();
    }

    std::vector<double> rowWeights(Random& random) const
    {
        const std::size_t rows = m_table.rows;
        std::vector<double> weights(rows, m_options.bootstrap ? 0.0 : 1.0);
        if (m_options.bootstrap) {
            for (std::size_t i = 0; i < rows; ++i)
                weights[static_cast<std::size_t>(random.below(rows))] += 1.0;
        }
        for (std::size_t row = 0; row < rows && m_targets.empty(); ++row)
            weights[row] *= m_classWeights[static_cast<std::size_t>(m_input.labels[row])];
        return weights;
    }

    void append(const GrownTree& tree, model::TreeEnsemble& ensemble) const
    {
        const auto firstNode = static_cast<qint32>(ensemble.nodes.size());
        const auto firstLeaf =
            static_cast<qint32>(ensemble.leafValues.size() / static_cast<std::size_t>(ensemble.targets));
        ensemble.roots.push_back(firstNode);
        for (model::TreeNode node : tree.nodes) {
            if (node.leaf >= 0) {
                node.leaf += firstLeaf;
            } else {
                node.whenTrue += firstNode;
                node.whenFalse += firstNode;
            }
            ensemble.nodes.push_back(node);
        }
        const double trees = m_options.trees;
        for (const double share : tree.shares)
            ensemble.leafValues.push_back(static_cast<float>(share / trees));
        if (ensemble.targets == 2)
            settlePairs(static_cast<std::size_t>(firstLeaf) * 2, ensemble);
    }

    // Of two shares the first follows from the second, exactly, so that a file that stores only one loses nothing.
    void settlePairs(std::size_t from, model::TreeEnsemble& ensemble) const
    {
        const float whole = 1.0f / static_cast<float>(m_options.trees);
        for (std::size_t i = from; i < ensemble.leafValues.size(); i += 2) {
            ensemble.leafValues[i + 1] = std::min(ensemble.leafValues[i + 1], whole);
            ensemble.leafValues[i] = whole - ensemble.leafValues[i + 1];
        }
    }

    const ForestInput& m_input;
    const ForestOptions& m_options;
    const CancelToken& m_cancel;
    double m_centre;
    std::vector<float> m_targets; ///< less their mean, so that sums of squares lose no digits
    BinnedTable m_table;
    std::vector<double> m_classWeights;
    std::vector<std::optional<GrownTree>> m_trees;
    std::atomic_int m_next{0};
    std::atomic_int m_done{0};
};

} // namespace

Result<model::TreeEnsemble> growForest(const ForestInput& input, const ForestOptions& options,
                                       const ProgressSink& progress, const CancelToken& cancel)
{
    ForestGrower grower(input, options, cancel);
    if (!grower.grow(progress))
        return Error(ErrorKind::Cancelled, QStringLiteral("Training was cancelled."));
    return grower.assemble();
}

} // namespace ember::trees
