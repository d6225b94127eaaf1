// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/evaluator.h"

#include "core/model/graph_rows.h"
#include "core/model/ops/functions.h"
#include "core/model/ops/trees.h"
#include "core/model/validate.h"

#include <algorithm>
#include <cmath>

namespace ember::model {
namespace {

bool takesTrueBranch(const TreeNode& node, float value)
{
    if (node.missingGoesTrue && std::isnan(value))
        return true;
    switch (node.mode) {
    case BranchMode::LessOrEqual:
        return value <= node.threshold;
    case BranchMode::Less:
        return value < node.threshold;
    case BranchMode::GreaterOrEqual:
        return value >= node.threshold;
    case BranchMode::Greater:
        return value > node.threshold;
    case BranchMode::Equal:
        return value == node.threshold;
    case BranchMode::NotEqual:
        return value != node.threshold;
    }
    return false;
}

const float* leafFor(const TreeEnsemble& e, qint32 root, std::span<const float> row)
{
    const TreeNode* node = &e.nodes[static_cast<std::size_t>(root)];
    while (node->leaf < 0) {
        const float value = row[static_cast<std::size_t>(node->feature)];
        node = &e.nodes[static_cast<std::size_t>(takesTrueBranch(*node, value) ? node->whenTrue : node->whenFalse)];
    }
    return e.leafValues.data() + static_cast<std::size_t>(node->leaf) * static_cast<std::size_t>(e.targets);
}

template <typename Real>
Real combine(Aggregate how, Real sum, Real next, bool first)
{
    if (first)
        return next;
    switch (how) {
    case Aggregate::Sum:
    case Aggregate::Average:
        return sum + next;
    case Aggregate::Minimum:
        return std::min(sum, next);
    case Aggregate::Maximum:
        return std::max(sum, next);
    }
    return sum;
}

template <typename Real>
void scoreRow(const TreeEnsemble& e, std::span<const float> row, std::vector<Real>& scores)
{
    std::fill(scores.begin(), scores.end(), Real(0));
    for (std::size_t tree = 0; tree < e.roots.size(); ++tree) {
        const float* leaf = leafFor(e, e.roots[tree], row);
        for (std::size_t t = 0; t < scores.size(); ++t)
            scores[t] = combine(e.aggregate, scores[t], static_cast<Real>(leaf[t]), tree == 0);
    }
    for (std::size_t t = 0; t < scores.size(); ++t) {
        if (e.aggregate == Aggregate::Average)
            scores[t] /= static_cast<Real>(e.roots.size());
        if (!e.baseValues.empty())
            scores[t] += static_cast<Real>(e.baseValues[t]);
    }
}

// The winner is chosen before the transform: it is monotonic where it matters, and rounding in it could make ties.
template <typename Real>
void evaluateRows(const TreeEnsemble& e, std::span<const float> features, Evaluation& result)
{
    const auto columns = static_cast<std::size_t>(e.featureCount);
    std::vector<Real> scores(static_cast<std::size_t>(e.targets));
    for (std::size_t at = 0; at < features.size(); at += columns) {
        scoreRow(e, features.subspan(at, columns), scores);
        if (e.classifier) {
            const auto best = std::max_element(scores.begin(), scores.end());
            result.winners.push_back(static_cast<qint32>(best - scores.begin()));
        }
        ops::applyTransform(e.postTransform, scores.data(), e.targets);
        for (const Real score : scores)
            result.scores.push_back(static_cast<float>(score));
    }
}

} // namespace

void ops::evaluateTrees(const TreeEnsemble& ensemble, std::span<const float> rows, Rounding rounding,
                        Evaluation& result)
{
    if (rounding == Rounding::Single)
        evaluateRows<float>(ensemble, rows, result);
    else
        evaluateRows<double>(ensemble, rows, result);
}

Result<Evaluator> Evaluator::create(const Model& model)
{
    EMBER_CHECK(validate(model));
    if (!isTreeModel(model)) {
        EMBER_TRY(detail::GraphRows graph, detail::GraphRows::create(model));
        return Evaluator(std::make_shared<const detail::GraphRows>(std::move(graph)));
    }
    return Evaluator(std::make_shared<const TreeEnsemble>(std::get<TreeEnsemble>(model.graph.nodes.front().operation)));
}

std::size_t Evaluator::features() const
{
    return m_graph ? m_graph->features() : static_cast<std::size_t>(m_ensemble->featureCount);
}

std::size_t Evaluator::targets() const
{
    return m_graph ? m_graph->targets() : static_cast<std::size_t>(m_ensemble->targets);
}

bool Evaluator::isClassifier() const
{
    return m_graph ? m_graph->isClassifier() : m_ensemble->classifier;
}

Result<Evaluation> Evaluator::run(std::span<const float> rows, Rounding rounding) const
{
    if (rows.size() % features() != 0)
        return Error(ErrorKind::Usage,
                     QStringLiteral("%1 numbers are not whole rows of %2 features.").arg(rows.size()).arg(features()),
                     QStringLiteral("Give the model the features it was trained with."));
    if (m_graph)
        return m_graph->run(rows);
    Evaluation result;
    result.targets = targets();
    result.scores.reserve(rows.size() / features() * result.targets);
    ops::evaluateTrees(*m_ensemble, rows, rounding, result);
    return result;
}

Result<Evaluation> evaluate(const Model& model, std::span<const float> rows, Rounding rounding)
{
    EMBER_TRY(const Evaluator evaluator, Evaluator::create(model));
    return evaluator.run(rows, rounding);
}

} // namespace ember::model
