// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/rejection.h"

#include "core/learn/curves.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

namespace ember::learn {
namespace {

constexpr double kLeastAnswers = 10; ///< fewer say nothing about how often answers are right
constexpr double kNothing = std::numeric_limits<double>::infinity();

/// Rows of one side: how sure the winner was, and whether rightly.
struct Judged
{
    std::vector<double> confidence;
    std::vector<bool> right;

    void add(double share, bool isRight)
    {
        confidence.push_back(share);
        right.push_back(isRight);
    }
    double thresholdFor(double wanted) const
    {
        std::vector<RejectionPoint> curve = rejectionCurve(confidence, right);
        const auto rows = static_cast<double>(right.size());
        std::erase_if(curve, [rows](const auto& each) { return std::round(each.coverage * rows) < kLeastAnswers; });
        const auto point = pointForAccuracy(curve, wanted);
        if (!point)
            return kNothing;
        return point->coverage < 1 ? point->threshold : 0; // all answered: also what is less sure than these rows
    }
};

Status checkShares(const ValidationReport& report, const Matrix& matrix)
{
    const auto classes = static_cast<std::size_t>(matrix.classNames.size());
    const bool isLabelled =
        !report.rows.empty() && matrix.labels.size() > static_cast<std::size_t>(report.rows.back()); // ascending
    if (isLabelled && report.predicted.size() == report.rows.size() && report.targets == classes) {
        std::vector<qint32> truth;
        for (const qsizetype row : report.rows)
            truth.push_back(matrix.labels[static_cast<std::size_t>(row)]);
        if (calibrationOf(report.scores, classes, truth))
            return {};
    }
    return Error(ErrorKind::Usage,
                 QStringLiteral("The model's scores are no shares of the classes, so nothing says how sure it is."),
                 QStringLiteral("Take a trainer whose scores are, such as trees.random-forest, linear.logistic or a "
                                "network."));
}

/// Which half each tested row is of. Groups take turns. Without groups, the first and the last rows: neighbours
/// overlap.
Result<std::vector<std::size_t>> halvesOf(const Matrix& matrix, const std::vector<qsizetype>& rows)
{
    std::vector<std::size_t> halves;
    std::map<qint32, std::size_t> turn;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (matrix.groups.empty()) {
            halves.push_back(i * 2 / rows.size());
            continue;
        }
        const qint32 group = matrix.groups[static_cast<std::size_t>(rows[i])];
        halves.push_back(turn.try_emplace(group, turn.size() % 2).first->second);
    }
    if (halves.empty() || std::adjacent_find(halves.begin(), halves.end(), std::not_equal_to<>()) == halves.end())
        return Error(
            ErrorKind::Usage,
            QStringLiteral("An accuracy of answers needs at least two tested groups: one to find the threshold "
                           "and one to judge it."),
            QStringLiteral("Validate over several groups, such as with --validation group-kfold:5."));
    return halves;
}

} // namespace

std::vector<RejectionPoint> rejectionCurve(std::span<const double> confidence, const std::vector<bool>& right)
{
    std::vector<std::size_t> order(confidence.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&confidence](std::size_t a, std::size_t b) { return confidence[a] > confidence[b]; });
    std::vector<RejectionPoint> points;
    double hits = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        hits += right[order[i]] ? 1 : 0;
        if (i + 1 < order.size() && !(confidence[order[i + 1]] < confidence[order[i]]))
            continue; // rows of one share cannot be told apart
        const auto answered = static_cast<double>(i + 1);
        points.push_back({confidence[order[i]], answered / static_cast<double>(order.size()), hits / answered});
    }
    return points;
}

std::optional<RejectionPoint> pointForAccuracy(const std::vector<RejectionPoint>& curve, double wanted)
{
    const auto last =
        std::find_if(curve.rbegin(), curve.rend(), [wanted](const auto& point) { return point.accuracy >= wanted; });
    return last == curve.rend() ? std::nullopt : std::optional(*last);
}

Result<Rejection> chooseRejection(const ValidationReport& report, const Matrix& matrix, double wanted)
{
    if (!(wanted > 0 && wanted <= 1))
        return Error(ErrorKind::Usage, QStringLiteral("%1 is not an accuracy of answers.").arg(wanted),
                     QStringLiteral("Give a share above 0 and up to 1, such as 0.95."));
    EMBER_CHECK(checkShares(report, matrix));
    EMBER_TRY(const std::vector<std::size_t> halfOf, halvesOf(matrix, report.rows));
    Judged all, halves[2];
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        const auto shares = std::span(report.scores).subspan(i * report.targets, report.targets);
        const auto share = static_cast<double>(*std::max_element(shares.begin(), shares.end()));
        const bool right = report.predicted[i] == matrix.labels[static_cast<std::size_t>(report.rows[i])];
        all.add(share, right);
        halves[halfOf[i]].add(share, right);
    }
    Rejection chosen;
    chosen.wanted = wanted;
    chosen.threshold = all.thresholdFor(wanted);
    if (chosen.threshold == kNothing)
        return Error(ErrorKind::Usage,
                     QStringLiteral("No threshold makes the answers right in %1 % of the cases: not even the %2 surest "
                                    "ones are.")
                         .arg(wanted * 100)
                         .arg(kLeastAnswers),
                     QStringLiteral("Ask for less, or train a better model first."));
    double answered = 0, hits = 0;
    for (const std::size_t half : {0u, 1u}) {
        const double threshold = halves[1 - half].thresholdFor(wanted);
        for (std::size_t i = 0; i < halves[half].right.size(); ++i) {
            chosen.accuracyOfAll += halves[half].right[i] ? 1 : 0;
            if (halves[half].confidence[i] < threshold)
                continue;
            answered += 1;
            hits += halves[half].right[i] ? 1 : 0;
        }
    }
    const auto rows = static_cast<double>(report.rows.size());
    chosen.accuracyOfAll /= rows;
    chosen.coverage = answered / rows;
    chosen.accuracy = answered > 0 ? hits / answered : 1;
    return chosen;
}

} // namespace ember::learn
