// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/evaluator.h"

#include "core/model/validate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

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
Real logistic(Real x)
{
    // Written for both signs so that exp() never overflows.
    const Real e = std::exp(-std::abs(x));
    return x >= 0 ? Real(1) / (Real(1) + e) : e / (Real(1) + e);
}

// The inverse error function to about 2e-3 and two steps of Newton's method on erf, which make it exact to rounding.
double inverseErf(double x)
{
    if (std::abs(x) >= 1)
        return std::copysign(std::numeric_limits<double>::infinity(), x);
    constexpr double kA = 0.147;
    const double logTerm = std::log((1 - x) * (1 + x));
    const double half = 2 / (std::numbers::pi * kA) + logTerm / 2;
    double y = std::copysign(std::sqrt(std::sqrt(half * half - logTerm / kA) - half), x);
    for (int step = 0; step < 2; ++step)
        y -= (std::erf(y) - x) / (2 / std::sqrt(std::numbers::pi) * std::exp(-y * y));
    return y;
}

template <typename Real>
void softmax(std::span<Real> scores, bool zerosStay)
{
    const Real largest = *std::max_element(scores.begin(), scores.end());
    Real sum = 0;
    for (Real& s : scores) {
        const bool stays = zerosStay && std::abs(s) < Real(1e-7);
        s = stays ? Real(0) : std::exp(s - largest);
        sum += s;
    }
    if (sum > 0) {
        for (Real& s : scores)
            s /= sum;
    }
}

template <typename Real>
void transform(PostTransform how, std::span<Real> scores)
{
    switch (how) {
    case PostTransform::None:
        return;
    case PostTransform::Softmax:
        softmax(scores, false);
        return;
    case PostTransform::SoftmaxZero:
        softmax(scores, true);
        return;
    case PostTransform::Logistic:
        for (Real& s : scores)
            s = logistic(s);
        return;
    case PostTransform::Probit:
        for (Real& s : scores)
            s = static_cast<Real>(std::numbers::sqrt2 * inverseErf(2 * static_cast<double>(s) - 1));
        return;
    }
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
        transform(e.postTransform, std::span<Real>(scores));
        for (const Real score : scores)
            result.scores.push_back(static_cast<float>(score));
    }
}

} // namespace

Result<Evaluator> Evaluator::create(const Model& model)
{
    EMBER_CHECK(validate(model));
    return Evaluator(std::make_shared<const TreeEnsemble>(std::get<TreeEnsemble>(model.graph.nodes.front().operation)));
}

std::size_t Evaluator::features() const
{
    return static_cast<std::size_t>(m_ensemble->featureCount);
}

std::size_t Evaluator::targets() const
{
    return static_cast<std::size_t>(m_ensemble->targets);
}

Result<Evaluation> Evaluator::run(std::span<const float> rows, Rounding rounding) const
{
    if (rows.size() % features() != 0)
        return Error(ErrorKind::Usage,
                     QStringLiteral("%1 numbers are not whole rows of %2 features.").arg(rows.size()).arg(features()),
                     QStringLiteral("Give the model the features it was trained with."));
    Evaluation result;
    result.targets = targets();
    result.scores.reserve(rows.size() / features() * result.targets);
    if (rounding == Rounding::Single)
        evaluateRows<float>(*m_ensemble, rows, result);
    else
        evaluateRows<double>(*m_ensemble, rows, result);
    return result;
}

Result<Evaluation> evaluate(const Model& model, std::span<const float> rows, Rounding rounding)
{
    EMBER_TRY(const Evaluator evaluator, Evaluator::create(model));
    return evaluator.run(rows, rounding);
}

} // namespace ember::model
