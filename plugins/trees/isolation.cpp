// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/isolation.h"

#include "core/model/evaluator.h"
#include "core/model/graph_builder.h"
#include "core/model/tree_tools.h"
#include "plugins/common/function_trainer.h"
#include "plugins/common/parameters.h"
#include "plugins/common/random.h"
#include "plugins/common/rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::trees {

using common::Random;

namespace {

constexpr double kEulerGamma = 0.57721566490153286;

// Grows one tree after the other into an ensemble.
class Grower
{
public:
    Grower(std::span<const float> features, std::size_t columns, const IsolationOptions& options)
        : m_features(features)
        , m_columns(columns)
        , m_options(options)
        , m_perTree(std::min<std::size_t>(static_cast<std::size_t>(options.rowsPerTree), features.size() / columns))
        , m_limit(static_cast<int>(std::ceil(std::log2(std::max<double>(static_cast<double>(m_perTree), 2)))))
        , m_unit(1 / (meanPathLength(static_cast<double>(m_perTree)) * options.trees))
    {
        m_ensemble.classifier = true;
        m_ensemble.featureCount = static_cast<qint32>(columns);
        m_ensemble.targets = 2;
    }

    void growTree(int index)
    {
        Random random = Random::forItem(m_options.seed, static_cast<quint64>(index));
        m_rows.resize(m_features.size() / m_columns);
        std::iota(m_rows.begin(), m_rows.end(), std::size_t(0));
        for (std::size_t i = 0; i < m_perTree; ++i) // the first rows of a shuffle
            std::swap(m_rows[i], m_rows[i + static_cast<std::size_t>(random.below(m_rows.size() - i))]);
        m_ensemble.roots.push_back(static_cast<qint32>(m_ensemble.nodes.size()));
        grow(0, m_perTree, 0, random);
    }

    model::TreeEnsemble take() { return std::move(m_ensemble); }

private:
    // As deep as the limit at most, which is a logarithm.
    qint32 grow(std::size_t begin, std::size_t end, int depth, Random& random)
    {
        const auto index = static_cast<qint32>(m_ensemble.nodes.size());
        m_ensemble.nodes.emplace_back();
        const std::size_t column = depth < m_limit ? drawColumn(begin, end, random) : m_columns;
        if (column == m_columns) {
            addLeaf(index, depth + meanPathLength(static_cast<double>(end - begin)));
            return index;
        }
        const auto [low, high] = range(column, begin, end);
        const auto drawn = static_cast<float>(low + random.unit() * (static_cast<double>(high) - low));
        const float threshold = std::min(drawn, std::nextafter(high, low)); // both sides have rows
        const auto middle = std::partition(
            m_rows.begin() + static_cast<std::ptrdiff_t>(begin), m_rows.begin() + static_cast<std::ptrdiff_t>(end),
            [this, column, threshold](std::size_t row) { return value(row, column) <= threshold; });
        const auto cut = static_cast<std::size_t>(middle - m_rows.begin());
        const qint32 whenTrue = grow(begin, cut, depth + 1, random);
        const qint32 whenFalse = grow(cut, end, depth + 1, random);
        model::TreeNode& node = m_ensemble.nodes[static_cast<std::size_t>(index)];
        node.feature = static_cast<qint32>(column);
        node.threshold = threshold;
        node.whenTrue = whenTrue;
        node.whenFalse = whenFalse;
        return index;
    }

    float value(std::size_t row, std::size_t column) const { return m_features[row * m_columns + column]; }

    std::pair<float, float> range(std::size_t column, std::size_t begin, std::size_t end) const
    {
        float low = value(m_rows[begin], column), high = low;
        for (std::size_t i = begin + 1; i < end; ++i) {
            low = std::min(low, value(m_rows[i], column));
            high = std::max(high, value(m_rows[i], column));
        }
        return {low, high};
    }

    // One of the columns that tell these rows apart, or the number of columns when none does.
    std::size_t drawColumn(std::size_t begin, std::size_t end, Random& random)
    {
        if (end - begin < 2)
            return m_columns;
        m_order.resize(m_columns);
        std::iota(m_order.begin(), m_order.end(), std::size_t(0));
        for (std::size_t i = 0; i < m_columns; ++i) {
            std::swap(m_order[i], m_order[i + static_cast<std::size_t>(random.below(m_columns - i))]);
            const auto [low, high] = range(m_order[i], begin, end);
            if (low < high)
                return m_order[i];
        }
        return m_columns;
    }

    void addLeaf(qint32 index, double length)
    {
        m_ensemble.nodes[static_cast<std::size_t>(index)].leaf = static_cast<qint32>(m_ensemble.leafValues.size() / 2);
        const auto share = static_cast<float>(length * m_unit);
        m_ensemble.leafValues.insert(m_ensemble.leafValues.end(), {share, -share});
    }

    std::span<const float> m_features;
    std::size_t m_columns;
    IsolationOptions m_options;
    std::size_t m_perTree;
    int m_limit;
    double m_unit; ///< of a leaf: so that a usual row's sum over all trees is 1
    std::vector<std::size_t> m_rows, m_order;
    model::TreeEnsemble m_ensemble;
};

// The threshold is a base value, so that the sign decides.
Status setThreshold(model::TreeEnsemble& ensemble, std::span<const float> features, double contamination)
{
    const model::Model model = model::makeClassifier(ensemble, model::anomalyClasses(), {});
    EMBER_TRY(const model::Evaluation evaluation, model::evaluate(model, features));
    std::vector<double> lengths;
    for (std::size_t row = 0; row < evaluation.rows(); ++row)
        lengths.push_back(evaluation.row(row)[0]);
    const auto threshold = static_cast<float>(common::quantile(std::move(lengths), contamination));
    ensemble.baseValues = {-threshold, threshold};
    return {};
}

} // namespace

double meanPathLength(double n)
{
    if (n <= 1)
        return 0;
    if (n <= 2)
        return 1;
    return 2 * (std::log(n - 1) + kEulerGamma) - 2 * (n - 1) / n;
}

Result<model::TreeEnsemble> growIsolationForest(std::span<const float> features, std::size_t columns,
                                                const IsolationOptions& options, const ProgressSink& progress,
                                                const CancelToken& cancel)
{
    Grower grower(features, columns, options);
    for (int i = 0; i < options.trees; ++i) {
        if (cancel.isCancelled())
            return common::cancelled();
        grower.growTree(i);
        report(progress, QStringLiteral("Growing trees"), static_cast<double>(i + 1) / options.trees,
               QStringLiteral("%1 of %2").arg(i + 1).arg(options.trees));
    }
    model::TreeEnsemble ensemble = grower.take();
    EMBER_CHECK(setThreshold(ensemble, features, options.contamination));
    model::shareEqualLeaves(ensemble);
    return ensemble;
}

plugin::TrainerInfo isolationInfo()
{
    plugin::TrainerInfo info;
    info.id = QStringLiteral("trees.isolation-forest");
    info.name = QStringLiteral("Isolation forest");
    info.summary = QStringLiteral("Rows that random questions set apart early are anomalies.");
    info.whenToUse = QStringLiteral("The first detector to try: no assumptions, no scaling, only comparisons on the "
                                    "board.");
    info.tasks = {plugin::Task::Anomaly};
    info.parameters = {
        common::integerParameter("trees", 100, 1, 2000, "Trees", "More make steadier scores and cost flash and time."),
        common::integerParameter("rows-per-tree", 256, 2, 100'000, "Rows per tree",
                                 "Rows drawn for each tree; trees grow with them."),
        common::contaminationParameter()};
    return info;
}

Result<model::Model> trainIsolation(const plugin::TrainingView& data, const QVariantMap& parameters,
                                    const plugin::TrainingContext& context)
{
    IsolationOptions options;
    options.trees = common::integer(parameters, "trees");
    options.rowsPerTree = common::integer(parameters, "rows-per-tree");
    options.contamination = common::real(parameters, "contamination");
    options.seed = context.seed;
    EMBER_TRY(model::TreeEnsemble ensemble,
              growIsolationForest(data.features, data.columns, options, context.progress, context.cancel));
    return model::makeClassifier(std::move(ensemble), model::anomalyClasses(), data.featureNames);
}

} // namespace ember::trees
