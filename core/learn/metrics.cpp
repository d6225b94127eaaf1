// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::learn {
namespace {

double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0.0;
}

// The multi-class coefficient of Gorodkin, which for two classes is the one of Matthews.
double mccOf(const Confusion& confusion, double hits)
{
    const auto total = static_cast<double>(confusion.total());
    double products = 0, trueSquares = 0, predictedSquares = 0;
    for (qint32 k = 0; k < confusion.classes(); ++k) {
        const auto t = static_cast<double>(confusion.trueTotal(k));
        const auto p = static_cast<double>(confusion.predictedTotal(k));
        products += t * p;
        trueSquares += t * t;
        predictedSquares += p * p;
    }
    const double scale = std::sqrt((total * total - predictedSquares) * (total * total - trueSquares));
    return scale > 0 ? (hits * total - products) / scale : 0.0;
}

ClassScores classScores(const Confusion& confusion, qint32 k)
{
    ClassScores scores;
    const auto hits = static_cast<double>(confusion.count(k, k));
    scores.support = confusion.trueTotal(k);
    scores.precision = ratio(hits, static_cast<double>(confusion.predictedTotal(k)));
    scores.recall = ratio(hits, static_cast<double>(scores.support));
    scores.f1 = ratio(2 * hits, static_cast<double>(scores.support + confusion.predictedTotal(k)));
    return scores;
}

} // namespace

Confusion Confusion::of(std::span<const qint32> truth, std::span<const qint32> predicted, int classes)
{
    Confusion confusion(classes);
    // One answer per row is the caller's promise; without it nothing is counted that was not answered.
    const std::size_t rows = std::min(truth.size(), predicted.size());
    Q_ASSERT(rows == truth.size());
    for (std::size_t i = 0; i < rows; ++i)
        confusion.add(truth[i], predicted[i]);
    return confusion;
}

qint64 Confusion::total() const
{
    return std::accumulate(m_counts.begin(), m_counts.end(), qint64(0));
}

qint64 Confusion::trueTotal(qint32 klass) const
{
    qint64 sum = 0;
    for (qint32 p = 0; p < m_classes; ++p)
        sum += count(klass, p);
    return sum;
}

qint64 Confusion::predictedTotal(qint32 klass) const
{
    qint64 sum = 0;
    for (qint32 t = 0; t < m_classes; ++t)
        sum += count(t, klass);
    return sum;
}

Metrics metricsOf(const Confusion& confusion)
{
    Metrics metrics;
    metrics.confusion = confusion;
    double hits = 0, recalls = 0, f1s = 0;
    int occurring = 0, involved = 0;
    for (qint32 k = 0; k < confusion.classes(); ++k) {
        const ClassScores scores = classScores(confusion, k);
        metrics.perClass.push_back(scores);
        hits += static_cast<double>(confusion.count(k, k));
        if (scores.support > 0) {
            ++occurring;
            recalls += scores.recall;
        }
        if (scores.support > 0 || confusion.predictedTotal(k) > 0) {
            ++involved;
            f1s += scores.f1;
        }
    }
    metrics.accuracy = ratio(hits, static_cast<double>(confusion.total()));
    metrics.balancedAccuracy = ratio(recalls, occurring);
    metrics.macroF1 = ratio(f1s, involved);
    metrics.mcc = mccOf(confusion, hits);
    return metrics;
}

RegressionMetrics regressionMetricsOf(std::span<const float> truth, std::span<const float> predicted)
{
    RegressionMetrics metrics;
    if (truth.empty())
        return metrics;
    const auto rows = static_cast<double>(truth.size());
    double mean = 0;
    for (const float value : truth)
        mean += static_cast<double>(value) / rows;
    double squares = 0, absolute = 0, spread = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const double error = static_cast<double>(predicted[i]) - static_cast<double>(truth[i]);
        squares += error * error;
        absolute += std::abs(error);
        spread += (static_cast<double>(truth[i]) - mean) * (static_cast<double>(truth[i]) - mean);
    }
    metrics.r2 = spread > 0 ? 1 - squares / spread : 0;
    metrics.rmse = std::sqrt(squares / rows);
    metrics.mae = absolute / rows;
    return metrics;
}

std::optional<double> rocAuc(const std::vector<double>& scores, const std::vector<bool>& positive)
{
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::sort(order.begin(), order.end(), [&scores](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    double negatives = 0, pairs = 0, won = 0; // negatives: those below the scores at hand
    const auto positives = static_cast<double>(std::count(positive.begin(), positive.end(), true));
    for (std::size_t i = 0; i < order.size();) {
        double tiedPositives = 0, tiedNegatives = 0;
        const double score = scores[order[i]];
        for (; i < order.size() && scores[order[i]] == score; ++i)
            (positive[order[i]] ? tiedPositives : tiedNegatives) += 1;
        won += tiedPositives * (negatives + 0.5 * tiedNegatives);
        negatives += tiedNegatives;
    }
    pairs = positives * negatives;
    if (pairs == 0)
        return std::nullopt;
    return won / pairs;
}

} // namespace ember::learn
