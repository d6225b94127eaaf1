// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/lbfgs.h"

#include <cmath>
#include <deque>
#include <limits>

namespace ember::common {
namespace {

constexpr double kDecrease = 1e-4;
constexpr double kCurvature = 0.9;
constexpr int kMaxTrials = 50;

struct Pair
{
    Vector step, change;
    double scale; // 1 / step'change
};

// The gradient times the approximate inverse of the Hessian: the two loops.
Vector direction(const std::deque<Pair>& pairs, const Vector& gradient)
{
    Vector q = gradient;
    std::vector<double> a(pairs.size());
    for (std::size_t i = pairs.size(); i-- > 0;) {
        a[i] = pairs[i].scale * pairs[i].step.dot(q);
        q -= a[i] * pairs[i].change;
    }
    if (!pairs.empty())
        q *= pairs.back().step.dot(pairs.back().change) / pairs.back().change.squaredNorm();
    for (std::size_t i = 0; i < pairs.size(); ++i)
        q += pairs[i].step * (a[i] - pairs[i].scale * pairs[i].change.dot(q));
    return -q;
}

struct Point
{
    Vector x, gradient;
    double value = 0;
};

// False when no step along the direction is good enough: the end, as far as doubles can tell.
bool search(const Objective& objective, const Point& from, const Vector& along, double first, Point& to)
{
    const double slope = from.gradient.dot(along);
    double low = 0, high = std::numeric_limits<double>::infinity(), length = first;
    for (int trial = 0; trial < kMaxTrials; ++trial) {
        to.x = from.x + length * along;
        to.value = objective(to.x, to.gradient);
        if (!(to.value <= from.value + kDecrease * length * slope))
            high = length;
        else if (to.gradient.dot(along) < kCurvature * slope)
            low = length;
        else
            return true;
        length = std::isfinite(high) ? (low + high) / 2 : 2 * low;
    }
    return to.value < from.value;
}

} // namespace

LbfgsReport minimise(const Objective& objective, Vector& x, const LbfgsOptions& options,
                     const std::function<bool(const LbfgsReport&)>& step)
{
    Point at{x, Vector::Zero(x.size()), 0};
    at.value = objective(at.x, at.gradient);
    std::deque<Pair> pairs;
    LbfgsReport report{at.value, 0, false};
    while (report.iterations < options.maxIterations) {
        const double largest = at.gradient.size() == 0 ? 0 : at.gradient.cwiseAbs().maxCoeff();
        report.converged = largest <= options.tolerance;
        if (report.converged)
            break;
        Vector along = direction(pairs, at.gradient);
        if (!(along.dot(at.gradient) < 0)) { // rounding has spoilt the history
            pairs.clear();
            along = -at.gradient;
        }
        const double first = pairs.empty() ? 1.0 / std::max(1.0, at.gradient.norm()) : 1.0;
        Point next{at.x, at.gradient, 0};
        if (!search(objective, at, along, first, next))
            break;
        Pair pair{next.x - at.x, next.gradient - at.gradient, 0};
        const double curvature = pair.step.dot(pair.change);
        if (curvature > 1e-12 * pair.change.squaredNorm()) {
            pair.scale = 1 / curvature;
            pairs.push_back(std::move(pair));
            if (pairs.size() > static_cast<std::size_t>(options.history))
                pairs.pop_front();
        }
        at = std::move(next);
        report.value = at.value;
        ++report.iterations;
        if (step && !step(report))
            break;
    }
    x = at.x;
    return report;
}

} // namespace ember::common
