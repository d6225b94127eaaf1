// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/umap.h"

#include "core/base/random.h"
#include "core/explore/neighbours.h"
#include "core/explore/pca.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace ember::explore {
namespace {

constexpr Eigen::Index kUmapDimensions = 50;
constexpr Eigen::Index kManyRows = 10'000;
constexpr int kBisections = 64;
constexpr double kLeastSigma = 1e-3; ///< of the mean distance to the neighbours
constexpr int kNegativeSamples = 5;
constexpr double kStartHalfWidth = 10;
constexpr double kMostStep = 4;
constexpr double kSpread = 1;

/// An edge of the fuzzy graph, once in each direction.
struct Edge
{
    int from = 0;
    int to = 0;
    double strength = 0;
};

/// Strengths of both directions are joined as probabilities are: a + b - ab.
std::vector<Edge> fuzzyGraph(const Neighbours& neighbours, Eigen::Index rows)
{
    std::vector<Edge> directed;
    directed.reserve(2 * neighbours.index.size());
    for (Eigen::Index row = 0; row < rows; ++row) {
        const LocalScale scale = localScale(neighbours.squaredDistanceOf(row));
        const auto index = neighbours.indexOf(row);
        const auto squared = neighbours.squaredDistanceOf(row);
        for (std::size_t i = 0; i < index.size(); ++i) {
            const double strength = scale.strength(std::sqrt(static_cast<double>(squared[i])));
            directed.push_back({static_cast<int>(row), static_cast<int>(index[i]), strength});
            directed.push_back({static_cast<int>(index[i]), static_cast<int>(row), strength});
        }
    }
    std::sort(directed.begin(), directed.end(), [](const Edge& a, const Edge& b) {
        return std::tie(a.from, a.to, a.strength) < std::tie(b.from, b.to, b.strength);
    });
    std::vector<Edge> joined;
    for (const Edge& edge : directed) {
        if (!joined.empty() && joined.back().from == edge.from && joined.back().to == edge.to) {
            double& strength = joined.back().strength;
            strength = strength + edge.strength - strength * edge.strength;
        } else {
            joined.push_back(edge);
        }
    }
    return joined;
}

Result<Places> startOf(const Rows& rows, Random& random)
{
    EMBER_TRY(const Pca pca, fitPca(rows, 2));
    Places places = Places::Zero(rows.rows(), 2);
    places.leftCols(pca.components.cols()) = project(pca, rows).cast<double>();
    const double widest = places.cwiseAbs().maxCoeff();
    if (widest > 0)
        places *= kStartHalfWidth / widest;
    for (Eigen::Index i = 0; i < places.size(); ++i)
        places.data()[i] += 1e-4 * random.normal();
    return places;
}

double limited(double step)
{
    return std::clamp(step, -kMostStep, kMostStep);
}

/// Stochastic descent: an edge comes up as often as it is strong, and with it some random points that are pushed away.
class Layout
{
public:
    Layout(Places places, std::vector<Edge> edges, MapCurve curve, int epochs, Random& random)
        : m_places(std::move(places))
        , m_edges(std::move(edges))
        , m_curve(curve)
        , m_epochs(epochs)
        , m_random(random)
    {
        double strongest = 0;
        for (const Edge& edge : m_edges)
            strongest = std::max(strongest, edge.strength);
        for (const Edge& edge : m_edges) {
            m_period.push_back(edge.strength > 0 ? strongest / edge.strength : 2.0 * epochs);
            m_due.push_back(m_period.back());
        }
    }

    void epoch(int number)
    {
        const double rate = 1.0 - static_cast<double>(number) / m_epochs;
        for (std::size_t i = 0; i < m_edges.size(); ++i) {
            if (m_due[i] > number + 1)
                continue;
            m_due[i] += m_period[i];
            attract(m_edges[i], rate);
            for (int sample = 0; sample < kNegativeSamples; ++sample)
                repel(m_edges[i].from, static_cast<int>(m_random.below(static_cast<quint64>(m_places.rows()))), rate);
        }
    }

    const Places& places() const { return m_places; }

private:
    void attract(const Edge& edge, double rate)
    {
        const Eigen::RowVector2d apart = m_places.row(edge.from) - m_places.row(edge.to);
        const double squared = apart.squaredNorm();
        if (squared <= 0)
            return;
        const double power = std::pow(squared, m_curve.b);
        const double pull = -2 * m_curve.a * m_curve.b * power / squared / (1 + m_curve.a * power);
        for (Eigen::Index axis = 0; axis < 2; ++axis) {
            const double step = rate * limited(pull * apart[axis]);
            m_places(edge.from, axis) += step;
            m_places(edge.to, axis) -= step;
        }
    }

    void repel(int from, int other, double rate)
    {
        if (from == other)
            return;
        const Eigen::RowVector2d apart = m_places.row(from) - m_places.row(other);
        const double squared = apart.squaredNorm();
        const double power = std::pow(squared, m_curve.b);
        const double push = 2 * m_curve.b / ((0.001 + squared) * (1 + m_curve.a * power));
        for (Eigen::Index axis = 0; axis < 2; ++axis)
            m_places(from, axis) += rate * limited(push * apart[axis]);
    }

    Places m_places;
    std::vector<Edge> m_edges;
    std::vector<double> m_period; ///< of each edge, in epochs
    std::vector<double> m_due;
    MapCurve m_curve;
    int m_epochs;
    Random& m_random;
};

} // namespace

double LocalScale::strength(double distance) const
{
    return distance <= rho ? 1.0 : std::exp(-(distance - rho) / sigma);
}

LocalScale localScale(std::span<const float> squaredDistances)
{
    LocalScale scale;
    const double wanted = std::log2(static_cast<double>(squaredDistances.size()));
    double mean = 0;
    for (const float squared : squaredDistances) {
        const double distance = std::sqrt(static_cast<double>(squared));
        mean += distance / static_cast<double>(squaredDistances.size());
        if (distance > 0 && (scale.rho == 0 || distance < scale.rho))
            scale.rho = distance;
    }
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kBisections; ++i) {
        double sum = 0;
        for (const float squared : squaredDistances)
            sum += scale.strength(std::sqrt(static_cast<double>(squared)));
        (sum > wanted ? high : low) = scale.sigma;
        scale.sigma = std::isinf(high) ? scale.sigma * 2 : (low + high) / 2;
    }
    // Where more neighbours are at the nearest distance than the sum allows, sigma would go to 0.
    scale.sigma = std::max(scale.sigma, kLeastSigma * mean);
    if (scale.sigma <= 0)
        scale.sigma = 1;
    return scale;
}

MapCurve mapCurve(double minimumDistance)
{
    // Gauss and Newton on 300 places over three spreads, as the reference implementation has them, with a damping that
    // grows while steps fail (Levenberg, Marquardt).
    constexpr int kPlaces = 300;
    const auto target = [minimumDistance](double d) {
        return d < minimumDistance ? 1.0 : std::exp(-(d - minimumDistance) / kSpread);
    };
    const auto value = [](const MapCurve& c, double d) { return 1 / (1 + c.a * std::pow(d, 2 * c.b)); };
    const auto place = [](int i) { return 3 * kSpread * (i + 1) / kPlaces; };
    const auto loss = [&](const MapCurve& c) {
        double sum = 0;
        for (int i = 0; i < kPlaces; ++i)
            sum += std::pow(value(c, place(i)) - target(place(i)), 2);
        return sum;
    };
    MapCurve curve;
    double damping = 1e-3;
    for (int step = 0; step < 100; ++step) {
        Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
        Eigen::Vector2d slope = Eigen::Vector2d::Zero();
        for (int i = 0; i < kPlaces; ++i) {
            const double d = place(i);
            const double f = value(curve, d);
            const double power = std::pow(d, 2 * curve.b);
            const Eigen::Vector2d gradient(-f * f * power, -f * f * curve.a * power * 2 * std::log(d));
            normal += gradient * gradient.transpose();
            slope += gradient * (target(d) - f);
        }
        Eigen::Matrix2d damped = normal;
        damped.diagonal() *= 1 + damping;
        const Eigen::Vector2d change = damped.inverse() * slope;
        const MapCurve tried{std::max(1e-3, curve.a + change[0]), std::max(1e-3, curve.b + change[1])};
        if (loss(tried) < loss(curve)) {
            curve = tried;
            damping /= 4;
        } else {
            damping *= 4;
        }
        if (change.norm() < 1e-10)
            break;
    }
    return curve;
}

Result<Places> umap(const Rows& rows, const UmapOptions& options, const ProgressSink& progress,
                    const CancelToken& cancel)
{
    if (rows.rows() < 4)
        return Error(ErrorKind::Usage,
                     QStringLiteral("UMAP needs at least four windows, there are %1.").arg(rows.rows()),
                     QStringLiteral("Label more of the recordings, or use shorter windows."));
    EMBER_TRY(const Rows data, reduced(rows, kUmapDimensions));
    EMBER_TRY(const Neighbours neighbours, nearestNeighbours(data, std::max(2, options.neighbours), progress, cancel));
    const int epochs = options.epochs > 0 ? options.epochs : rows.rows() <= kManyRows ? 500 : 200;
    Random random(options.seed);
    EMBER_TRY(Places start, startOf(data, random));
    Layout layout(std::move(start), fuzzyGraph(neighbours, rows.rows()), mapCurve(options.minimumDistance), epochs,
                  random);
    for (int i = 0; i < epochs; ++i) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("UMAP was cancelled."));
        report(progress, QStringLiteral("UMAP"), static_cast<double>(i) / epochs);
        layout.epoch(i);
    }
    return layout.places();
}

} // namespace ember::explore
