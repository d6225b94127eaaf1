// SPDX-License-Identifier: GPL-3.0-or-later
// Classical models of ai.onnx.ml: linear models, support vector machines, encoders.
#include "core/model/ops/functions.h"
#include "core/model/ops/op.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ember::model::ops {
namespace {

struct Rows
{
    qint64 count = 0;
    qint64 columns = 0;
};

Result<Rows> rowsOf(const Input& x)
{
    if (x.type == TensorType::String || x.type == TensorType::Bool || x.shape.empty() || x.shape.size() > 2)
        return cannot(QStringLiteral("rows of %1 %2").arg(shapeText(x.shape), tensorTypeName(x.type)));
    if (x.shape.size() == 1)
        return Rows{1, x.shape[0]};
    return Rows{x.shape[0], x.shape[1]};
}

Inference classified(qint64 rows, qint64 scores, qint64 macs)
{
    Inference inference = one(TensorType::Int64, {rows}, macs);
    inference.outputs.push_back({TensorType::Float32, {rows, scores}});
    return inference;
}

} // namespace

Result<Inference> infer(const LinearModel& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    EMBER_TRY(const Rows rows, rowsOf(context.at(0)));
    const auto coefficients = static_cast<qint64>(op.coefficients.size());
    if (op.targets < 1 || rows.columns < 1 || coefficients != saturatedProduct(op.targets, rows.columns) ||
        (!op.intercepts.empty() && static_cast<qint64>(op.intercepts.size()) != op.targets))
        return bad(QStringLiteral("%1 coefficients for %2 columns and %3 targets")
                       .arg(coefficients)
                       .arg(rows.columns)
                       .arg(op.targets));
    if (op.classifier && op.classes != op.targets && !(op.classes == 2 && op.targets == 1))
        return bad(QStringLiteral("%1 scores for %2 classes").arg(op.targets).arg(op.classes));
    const qint64 macs = saturatedProduct(rows.count, coefficients);
    if (op.classifier)
        return classified(rows.count, op.classes, macs);
    return one(TensorType::Float32, {rows.count, op.targets}, macs);
}

namespace {

std::vector<float> linearScores(const LinearModel& op, const float* x, qint64 columns)
{
    std::vector<float> scores(static_cast<std::size_t>(op.targets));
    for (std::size_t t = 0; t < scores.size(); ++t) {
        float sum = 0;
        for (qint64 c = 0; c < columns; ++c)
            sum += x[c] * op.coefficients[t * static_cast<std::size_t>(columns) + static_cast<std::size_t>(c)];
        scores[t] = op.intercepts.empty() ? sum : sum + op.intercepts[t];
    }
    return scores;
}

// One score for two classes becomes two, and the transform is applied.
std::vector<float> finished(std::vector<float> scores, qint64 classes, PostTransform transform)
{
    const bool both = classes == 2 && scores.size() == 1;
    if (both && transform == PostTransform::Logistic) {
        const float p = logistic(scores[0]);
        return {1.0f - p, p};
    }
    if (both)
        scores.insert(scores.begin(), transform == PostTransform::Probit ? scores[0] : -scores[0]);
    applyTransform(transform, scores.data(), static_cast<qint64>(scores.size()));
    return scores;
}

} // namespace

Status evaluate(const LinearModel& op, Call& call)
{
    const std::vector<float> x = call.in(0).toFloat();
    const qint64 columns = static_cast<qint64>(op.coefficients.size()) / op.targets;
    std::vector<float> all;
    std::vector<qint64> winners;
    for (qint64 at = 0; at < static_cast<qint64>(x.size()) && columns > 0; at += columns) {
        std::vector<float> scores = linearScores(op, x.data() + at, columns);
        if (op.classifier)
            winners.push_back(scores.size() == 1 ? (scores[0] > 0 && op.classes == 2 ? 1 : 0)
                                                 : std::max_element(scores.begin(), scores.end()) - scores.begin());
        if (op.classifier)
            scores = finished(std::move(scores), op.classes, op.transform);
        else
            applyTransform(op.transform, scores.data(), op.targets);
        all.insert(all.end(), scores.begin(), scores.end());
    }
    if (!op.classifier) {
        call.out().assign(std::span<const float>(all));
        return {};
    }
    call.out(0).assign(std::span<const qint64>(winners));
    call.out(1).assign(std::span<const float>(all));
    return {};
}

namespace {

qint64 vectorCount(const SvmModel& op)
{
    return op.features > 0 ? static_cast<qint64>(op.vectors.size()) / op.features : 0;
}

bool isLinearSvm(const SvmModel& op)
{
    return op.vectors.empty();
}

Status checkSvm(const SvmModel& op, const Rows& rows)
{
    if (op.features != rows.columns || op.features < 1)
        return bad(QStringLiteral("support vectors of %1 columns for rows of %2").arg(op.features).arg(rows.columns));
    const qint64 vectors = vectorCount(op);
    const auto coefficients = static_cast<qint64>(op.coefficients.size());
    if (isLinearSvm(op)) {
        const qint64 sets = op.classifier ? op.classes : 1;
        if (coefficients != sets * op.features || op.rho.empty())
            return bad(QStringLiteral("%1 coefficients for %2 columns").arg(coefficients).arg(op.features));
        return {};
    }
    if (static_cast<qint64>(op.vectors.size()) != vectors * op.features)
        return bad(QStringLiteral("support vectors that are not whole rows"));
    if (!op.classifier)
        return coefficients == vectors && !op.rho.empty()
                   ? Status()
                   : bad(QStringLiteral("%1 coefficients for %2 support vectors").arg(coefficients).arg(vectors));
    const qint64 pairs = op.classes * (op.classes - 1) / 2;
    qint64 sum = 0;
    for (const qint64 count : op.vectorsPerClass) {
        if (count < 0 || count > vectors)
            return bad(QStringLiteral("%1 support vectors of a class").arg(count));
        sum += count;
    }
    const bool proba = !op.probA.empty();
    if (op.classes < 2 || op.classes > 1'000 || static_cast<qint64>(op.vectorsPerClass.size()) != op.classes ||
        sum != vectors || coefficients != vectors * (op.classes - 1) || static_cast<qint64>(op.rho.size()) != pairs ||
        (proba && (static_cast<qint64>(op.probA.size()) != pairs || op.probB.size() != op.probA.size())))
        return bad(QStringLiteral("the parts of its support vector machine do not agree"));
    return {};
}

// Scores per pair of classes when there are support vectors, or per class.
qint64 svmScores(const SvmModel& op)
{
    if (!op.classifier)
        return 1;
    if (isLinearSvm(op) || !op.probA.empty() || op.classes == 2)
        return op.classes;
    return op.classes * (op.classes - 1) / 2;
}

double kernelOf(const SvmModel& op, const float* a, const float* b)
{
    double sum = 0;
    for (qint64 i = 0; i < op.features; ++i) {
        const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        sum += op.kernel == KernelKind::Rbf ? difference * difference
                                            : static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    const auto gamma = static_cast<double>(op.gamma);
    const auto coef0 = static_cast<double>(op.coef0);
    switch (op.kernel) {
    case KernelKind::Linear:
        return sum;
    case KernelKind::Polynomial:
        return std::pow(gamma * sum + coef0, static_cast<double>(op.degree));
    case KernelKind::Rbf:
        return std::exp(-gamma * sum);
    case KernelKind::Sigmoid:
        return std::tanh(gamma * sum + coef0);
    }
    return sum;
}

// Decision of each pair of classes i < j; positive votes for i. The layout is libsvm's.
std::vector<double> pairDecisions(const SvmModel& op, const std::vector<double>& kernels)
{
    const qint64 vectors = vectorCount(op);
    std::vector<qint64> first(static_cast<std::size_t>(op.classes), 0);
    for (std::size_t c = 1; c < first.size(); ++c)
        first[c] = first[c - 1] + op.vectorsPerClass[c - 1];
    std::vector<double> decisions;
    for (qint64 i = 0; i < op.classes; ++i) {
        for (qint64 j = i + 1; j < op.classes; ++j) {
            double sum = static_cast<double>(op.rho[decisions.size()]);
            const auto add = [&](qint64 row, qint64 of) {
                const qint64 begin = first[static_cast<std::size_t>(of)];
                for (qint64 v = begin; v < begin + op.vectorsPerClass[static_cast<std::size_t>(of)]; ++v)
                    sum += static_cast<double>(op.coefficients[static_cast<std::size_t>(row * vectors + v)]) *
                           kernels[static_cast<std::size_t>(v)];
            };
            add(j - 1, i);
            add(i, j);
            decisions.push_back(sum);
        }
    }
    return decisions;
}

// Class probabilities from those of pairs: Wu, Lin and Weng, "Probability Estimates for Multi-class Classification by
// Pairwise Coupling" (JMLR 2004), the second method, as libsvm iterates it.
std::vector<double> coupled(const std::vector<double>& pairs, qint64 classes)
{
    const auto k = static_cast<std::size_t>(classes);
    std::vector<double> q(k * k, 0), p(k, 1.0 / static_cast<double>(k)), qp(k);
    const auto r = [&pairs, k](std::size_t i, std::size_t j) { return pairs[i * k + j]; };
    for (std::size_t t = 0; t < k; ++t) {
        for (std::size_t j = 0; j < k; ++j) {
            if (j == t)
                continue;
            q[t * k + t] += r(j, t) * r(j, t);
            q[t * k + j] = -r(j, t) * r(t, j);
        }
    }
    for (std::size_t iteration = 0; iteration < std::max<std::size_t>(100, k); ++iteration) {
        double pqp = 0;
        for (std::size_t t = 0; t < k; ++t) {
            qp[t] = 0;
            for (std::size_t j = 0; j < k; ++j)
                qp[t] += q[t * k + j] * p[j];
            pqp += p[t] * qp[t];
        }
        double error = 0;
        for (std::size_t t = 0; t < k; ++t)
            error = std::max(error, std::abs(qp[t] - pqp));
        if (error < 0.005 / static_cast<double>(k))
            break;
        for (std::size_t t = 0; t < k; ++t) {
            const double step = (-qp[t] + pqp) / q[t * k + t];
            p[t] += step;
            pqp = (pqp + step * (step * q[t * k + t] + 2 * qp[t])) / (1 + step) / (1 + step);
            for (std::size_t j = 0; j < k; ++j) {
                qp[j] = (qp[j] + step * q[t * k + j]) / (1 + step);
                p[j] /= 1 + step;
            }
        }
    }
    return p;
}

std::vector<double> probabilities(const SvmModel& op, const std::vector<double>& decisions)
{
    const auto k = static_cast<std::size_t>(op.classes);
    std::vector<double> pairs(k * k, 0);
    std::size_t next = 0;
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = i + 1; j < k; ++j, ++next) {
            const double x =
                decisions[next] * static_cast<double>(op.probA[next]) + static_cast<double>(op.probB[next]);
            const double p = std::clamp(1.0 - logistic(x), 1e-7, 1 - 1e-7);
            pairs[i * k + j] = p;
            pairs[j * k + i] = 1 - p;
        }
    }
    return op.classes == 2 ? std::vector<double>{pairs[1], pairs[2]} : coupled(pairs, op.classes);
}

struct SvmRow
{
    qint64 winner = 0;
    std::vector<float> scores;
};

SvmRow classifyWithVectors(const SvmModel& op, const float* x)
{
    std::vector<double> kernels(static_cast<std::size_t>(vectorCount(op)));
    for (std::size_t v = 0; v < kernels.size(); ++v)
        kernels[v] = kernelOf(op, op.vectors.data() + v * static_cast<std::size_t>(op.features), x);
    const std::vector<double> decisions = pairDecisions(op, kernels);
    SvmRow row;
    std::vector<qint64> votes(static_cast<std::size_t>(op.classes), 0);
    std::size_t next = 0;
    for (qint64 i = 0; i < op.classes; ++i) {
        for (qint64 j = i + 1; j < op.classes; ++j)
            ++votes[static_cast<std::size_t>(decisions[next++] > 0 ? i : j)];
    }
    row.winner = std::max_element(votes.begin(), votes.end()) - votes.begin();
    if (!op.probA.empty()) {
        const std::vector<double> p = probabilities(op, decisions);
        row.winner = std::max_element(p.begin(), p.end()) - p.begin();
        row.scores.assign(p.begin(), p.end());
    } else if (op.classes == 2) {
        row.scores = {static_cast<float>(decisions[0]), static_cast<float>(-decisions[0])};
    } else {
        row.scores.assign(decisions.begin(), decisions.end());
    }
    applyTransform(op.transform, row.scores.data(), static_cast<qint64>(row.scores.size()));
    return row;
}

SvmRow classifyLinear(const SvmModel& op, const float* x)
{
    SvmRow row;
    for (qint64 c = 0; c < op.classes; ++c)
        row.scores.push_back(static_cast<float>(kernelOf(op, op.coefficients.data() + c * op.features, x)) + op.rho[0]);
    row.winner = std::max_element(row.scores.begin(), row.scores.end()) - row.scores.begin();
    applyTransform(op.transform, row.scores.data(), op.classes);
    return row;
}

float regress(const SvmModel& op, const float* x)
{
    double sum = static_cast<double>(op.rho[0]);
    if (isLinearSvm(op))
        sum += kernelOf(op, op.coefficients.data(), x);
    for (qint64 v = 0; v < vectorCount(op); ++v)
        sum += static_cast<double>(op.coefficients[static_cast<std::size_t>(v)]) *
               kernelOf(op, op.vectors.data() + v * op.features, x);
    float score = static_cast<float>(sum);
    if (op.oneClass)
        return score > 0 ? 1.0f : -1.0f;
    applyTransform(op.transform, &score, 1);
    return score;
}

} // namespace

Result<Inference> infer(const SvmModel& op, const InferContext& context)
{
    EMBER_CHECK(needInputs(context, 1));
    EMBER_TRY(const Rows rows, rowsOf(context.at(0)));
    EMBER_CHECK(checkSvm(op, rows));
    const qint64 macs = saturatedProduct(rows.count, static_cast<qint64>(op.vectors.size() + op.coefficients.size()));
    if (op.classifier)
        return classified(rows.count, svmScores(op), macs);
    return one(TensorType::Float32, {rows.count, 1}, macs);
}

Status evaluate(const SvmModel& op, Call& call)
{
    const std::vector<float> x = call.in(0).toFloat();
    std::vector<float> all;
    std::vector<qint64> winners;
    for (std::size_t at = 0; at < x.size(); at += static_cast<std::size_t>(op.features)) {
        if (!op.classifier) {
            all.push_back(regress(op, x.data() + at));
            continue;
        }
        const SvmRow row = isLinearSvm(op) ? classifyLinear(op, x.data() + at) : classifyWithVectors(op, x.data() + at);
        winners.push_back(row.winner);
        all.insert(all.end(), row.scores.begin(), row.scores.end());
    }
    if (op.classifier)
        call.out(0).assign(std::span<const qint64>(winners));
    call.out(op.classifier ? 1 : 0).assign(std::span<const float>(all));
    return {};
}

} // namespace ember::model::ops
