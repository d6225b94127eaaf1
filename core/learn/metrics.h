// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <optional>
#include <span>
#include <vector>

namespace ember::learn {

/// Counts of (true class, predicted class).
class Confusion
{
public:
    Confusion() = default;
    explicit Confusion(int classes)
        : m_classes(classes)
        , m_counts(std::size_t(classes) * std::size_t(classes), 0)
    {}

    /// Counts every row; both spans have one entry per row, below `classes`.
    static Confusion of(std::span<const qint32> truth, std::span<const qint32> predicted, int classes);

    int classes() const { return m_classes; }
    void add(qint32 truth, qint32 predicted, qint64 count = 1) { m_counts[at(truth, predicted)] += count; }
    qint64 count(qint32 truth, qint32 predicted) const { return m_counts[at(truth, predicted)]; }
    qint64 total() const;
    qint64 trueTotal(qint32 klass) const;      ///< rows of this class
    qint64 predictedTotal(qint32 klass) const; ///< rows given this class

private:
    std::size_t at(qint32 truth, qint32 predicted) const
    {
        return std::size_t(truth) * std::size_t(m_classes) + std::size_t(predicted);
    }

    int m_classes = 0;
    std::vector<qint64> m_counts;
};

/// Zero where a quotient has no denominator, as scikit-learn does.
struct ClassScores
{
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    qint64 support = 0;
};

struct Metrics
{
    double accuracy = 0;
    double balancedAccuracy = 0; ///< mean recall of the classes that occur
    double macroF1 = 0;          ///< mean F1 of the classes that occur or were predicted
    double mcc = 0;              ///< Matthews correlation coefficient, multi-class; 0 when it is undefined
    std::vector<ClassScores> perClass;
    Confusion confusion;
};

Metrics metricsOf(const Confusion& confusion);

struct RegressionMetrics
{
    double r2 = 0; ///< 1 - squared errors / squared deviations from the mean; 0 when the truth does not vary
    double rmse = 0;
    double mae = 0;
};

/// Both spans have one entry per row.
RegressionMetrics regressionMetricsOf(std::span<const float> truth, std::span<const float> predicted);

/// Area under the receiver operating characteristic: the probability that a positive row scores higher than a negative
/// one, ties counted half (Mann and Whitney). Nothing when one kind does not occur. One entry per row each.
std::optional<double> rocAuc(const std::vector<double>& scores, const std::vector<bool>& positive);

} // namespace ember::learn
