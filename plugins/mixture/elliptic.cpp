// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/mixture/elliptic.h"

#include "plugins/common/function_trainer.h"
#include "plugins/common/random.h"

#include <algorithm>
#include <numeric>

namespace ember::mixture {

using common::Matrix;
using common::Random;
using common::Vector;

namespace {

using Rows = std::vector<Eigen::Index>;
constexpr int kFirstSteps = 2; // of every start
constexpr int kBest = 5;       // that are followed to the end
constexpr int kMostSteps = 100;

Result<Component> ellipseOf(const Matrix& rows, double regularisation)
{
    Component ellipse;
    ellipse.mean = rows.colwise().mean();
    const Matrix centred = rows.rowwise() - ellipse.mean;
    Matrix covariance = centred.transpose() * centred / static_cast<double>(rows.rows());
    covariance.diagonal().array() += regularisation;
    EMBER_TRY(ellipse.factor, whitening(covariance));
    return ellipse;
}

Matrix chosenRows(const Matrix& rows, const Rows& chosen)
{
    Matrix part(static_cast<Eigen::Index>(chosen.size()), rows.cols());
    for (std::size_t i = 0; i < chosen.size(); ++i)
        part.row(static_cast<Eigen::Index>(i)) = rows.row(chosen[i]);
    return part;
}

// The rows nearest to an ellipse; equal distances in the order of the rows, so that every machine chooses the same.
Rows nearest(const Matrix& rows, const Component& ellipse, Eigen::Index count)
{
    const Vector distances = ellipse.distances(rows);
    Rows order(static_cast<std::size_t>(rows.rows()));
    std::iota(order.begin(), order.end(), Eigen::Index(0));
    std::sort(order.begin(), order.end(), [&distances](Eigen::Index a, Eigen::Index b) {
        return distances[a] != distances[b] ? distances[a] < distances[b] : a < b;
    });
    order.resize(static_cast<std::size_t>(count));
    return order;
}

// A smaller determinant is a larger constant.
struct Candidate
{
    Component ellipse;
    double tightness() const { return ellipse.logConstant(); }
};

Status concentrate(const Matrix& rows, const EllipticOptions& options, Eigen::Index half, int steps, Candidate& at)
{
    for (int i = 0; i < steps; ++i) {
        EMBER_TRY(Component next, ellipseOf(chosenRows(rows, nearest(rows, at.ellipse, half)), options.regularisation));
        const bool ended = i > 0 && next.logConstant() <= at.tightness() + 1e-9;
        at.ellipse = std::move(next);
        if (ended)
            break;
    }
    return {};
}

Rows drawRows(Eigen::Index rows, Eigen::Index count, Random random)
{
    Rows order(static_cast<std::size_t>(rows));
    std::iota(order.begin(), order.end(), Eigen::Index(0));
    random.shuffle(order);
    order.resize(static_cast<std::size_t>(std::min(count, rows)));
    return order;
}

} // namespace

Result<Component> fitEllipse(const Matrix& rows, const EllipticOptions& options, const CancelToken& cancel)
{
    const Eigen::Index half = std::min(rows.rows(), (rows.rows() + rows.cols() + 1) / 2);
    if (!options.robust || half == rows.rows())
        return ellipseOf(rows, options.regularisation);
    std::vector<Candidate> candidates;
    for (int start = 0; start < options.starts; ++start) {
        if (cancel.isCancelled())
            return common::cancelled();
        const Random random = Random::forItem(options.seed, static_cast<quint64>(start));
        const Matrix few = chosenRows(rows, drawRows(rows.rows(), rows.cols() + 1, random));
        Candidate candidate;
        EMBER_TRY(candidate.ellipse, ellipseOf(few, std::max(options.regularisation, 1e-6)));
        EMBER_CHECK(concentrate(rows, options, half, kFirstSteps, candidate));
        candidates.push_back(std::move(candidate));
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.tightness() > b.tightness(); });
    candidates.resize(std::min<std::size_t>(candidates.size(), kBest));
    for (Candidate& candidate : candidates) {
        if (cancel.isCancelled())
            return common::cancelled();
        EMBER_CHECK(concentrate(rows, options, half, kMostSteps, candidate));
    }
    return std::max_element(candidates.begin(), candidates.end(),
                            [](const Candidate& a, const Candidate& b) { return a.tightness() < b.tightness(); })
        ->ellipse;
}

} // namespace ember::mixture
