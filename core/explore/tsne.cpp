// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/tsne.h"

#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/explore/neighbours.h"
#include "core/explore/pca.h"
#include "core/explore/quad_tree.h"

#include <Eigen/SparseCore>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

namespace ember::explore {
namespace {

using Affinity = Eigen::SparseMatrix<double, Eigen::RowMajor>;

constexpr Eigen::Index kMostDimensions = 50;
constexpr int kCalibrationSteps = 64;
constexpr double kCalibrated = 1e-7; ///< of the entropy
constexpr int kExaggeratedIterations = 250;
constexpr double kExaggeration = 12;
constexpr double kStartDeviation = 1e-4;
constexpr double kDisorder = 1e-3; ///< of the start's deviation
constexpr Eigen::Index kChunk = 256;
constexpr int kReportEvery = 10;
constexpr Eigen::Index kWorthThreads = 4'000; ///< rows; an iteration over fewer is over before a thread has begun

/// Symmetric, sums to 1.
Affinity affinitiesOf(const Neighbours& neighbours, Eigen::Index rows, double perplexity)
{
    std::vector<Eigen::Triplet<double>> entries;
    entries.reserve(2 * neighbours.index.size());
    const double scale = 1 / (2 * static_cast<double>(rows));
    for (Eigen::Index row = 0; row < rows; ++row) {
        const Affinities found = calibrate(neighbours.squaredDistanceOf(row), perplexity);
        const auto index = neighbours.indexOf(row);
        for (std::size_t i = 0; i < index.size(); ++i) {
            entries.emplace_back(static_cast<int>(row), static_cast<int>(index[i]), found.probability[i] * scale);
            entries.emplace_back(static_cast<int>(index[i]), static_cast<int>(row), found.probability[i] * scale);
        }
    }
    Affinity made(rows, rows);
    made.setFromTriplets(entries.begin(), entries.end());
    return made;
}

/// The first two principal components, small, with a little disorder so that equal rows part.
Result<Places> startOf(const Rows& rows, quint64 seed)
{
    EMBER_TRY(const Pca pca, fitPca(rows, 2));
    Places places = Places::Zero(rows.rows(), 2);
    places.leftCols(pca.components.cols()) = project(pca, rows).cast<double>();
    const double deviation = std::sqrt(pca.variances[0]);
    if (deviation > 0)
        places *= kStartDeviation / deviation;
    Random random(seed);
    for (Eigen::Index i = 0; i < places.size(); ++i)
        places.data()[i] += kStartDeviation * kDisorder * random.normal();
    return places;
}

/// One descent: places, and what gradient descent with momentum and gains of its own remembers of each coordinate.
class Descent
{
public:
    Descent(Places places, const Affinity& affinity, double theta)
        : m_places(std::move(places))
        , m_affinity(affinity)
        , m_theta(theta)
        , m_velocity(Places::Zero(m_places.rows(), 2))
        , m_gains(Places::Ones(m_places.rows(), 2))
        , m_attraction(m_places.rows(), 2)
        , m_repulsion(m_places.rows(), 2)
        , m_weights(static_cast<std::size_t>(m_places.rows()))
    {}

    void step(double exaggeration, double rate, double momentum)
    {
        computeForces();
        // In the order of the rows: the sum is then the same on any number of cores.
        double total = 0;
        for (const double weight : m_weights)
            total += weight;
        total = std::max(total, std::numeric_limits<double>::min());
        for (Eigen::Index i = 0; i < m_places.size(); ++i) {
            const double gradient = 4 * (exaggeration * m_attraction.data()[i] - m_repulsion.data()[i] / total);
            double& velocity = m_velocity.data()[i];
            double& gain = m_gains.data()[i];
            gain = (gradient > 0) != (velocity > 0) ? gain + 0.2 : std::max(gain * 0.8, 0.01);
            velocity = momentum * velocity - rate * gain * gradient;
            m_places.data()[i] += velocity;
        }
        m_places.rowwise() -= Eigen::RowVector2d(m_places.colwise().mean());
    }

    const Places& places() const { return m_places; }

private:
    void computeForces()
    {
        const QuadTree tree(m_places);
        std::atomic<Eigen::Index> next = 0;
        const int threads = m_places.rows() < kWorthThreads ? 1 : static_cast<int>(std::thread::hardware_concurrency());
        runOnThreads(threads, [&] {
            for (Eigen::Index first = next.fetch_add(kChunk); first < m_places.rows(); first = next.fetch_add(kChunk)) {
                const Eigen::Index end = std::min(first + kChunk, m_places.rows());
                for (Eigen::Index i = first; i < end; ++i)
                    computeForce(tree, i);
            }
        });
    }

    void computeForce(const QuadTree& tree, Eigen::Index i)
    {
        const QuadTree::Repulsion away = tree.repulsionOf(i, m_theta);
        m_weights[static_cast<std::size_t>(i)] = away.weight;
        m_repulsion(i, 0) = away.x;
        m_repulsion(i, 1) = away.y;
        Eigen::RowVector2d together = Eigen::RowVector2d::Zero();
        for (Affinity::InnerIterator entry(m_affinity, i); entry; ++entry) {
            const Eigen::RowVector2d apart = m_places.row(i) - m_places.row(entry.col());
            together += entry.value() / (1 + apart.squaredNorm()) * apart;
        }
        m_attraction.row(i) = together;
    }

    Places m_places;
    const Affinity& m_affinity;
    double m_theta;
    Places m_velocity;
    Places m_gains;
    Places m_attraction;
    Places m_repulsion;
    std::vector<double> m_weights;
};

} // namespace

Affinities calibrate(std::span<const float> squaredDistances, double perplexity)
{
    Affinities made;
    made.probability.resize(squaredDistances.size());
    const double wanted = std::log(perplexity);
    const double nearest =
        squaredDistances.empty() ? 0.0 : *std::min_element(squaredDistances.begin(), squaredDistances.end());
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
    made.precision = 1;
    for (int step = 0; step < kCalibrationSteps; ++step) {
        double sum = 0;
        double weighted = 0;
        for (std::size_t i = 0; i < squaredDistances.size(); ++i) {
            const double beyond = squaredDistances[i] - nearest; // a common factor, lest all become 0
            made.probability[i] = std::exp(-beyond * made.precision);
            sum += made.probability[i];
            weighted += beyond * made.probability[i];
        }
        for (double& p : made.probability)
            p /= sum;
        const double entropy = std::log(sum) + made.precision * weighted / sum;
        if (std::abs(entropy - wanted) < kCalibrated)
            break;
        (entropy > wanted ? low : high) = made.precision;
        made.precision = std::isinf(high) ? made.precision * 2 : (low + high) / 2;
    }
    return made;
}

Result<Places> tsne(const Rows& rows, const TsneOptions& options, const ProgressSink& progress,
                    const CancelToken& cancel)
{
    if (rows.rows() < 4)
        return Error(ErrorKind::Usage,
                     QStringLiteral("t-SNE needs at least four windows, there are %1.").arg(rows.rows()),
                     QStringLiteral("Label more of the recordings, or use shorter windows."));
    EMBER_TRY(const Rows data, reduced(rows, kMostDimensions));
    const double n = static_cast<double>(rows.rows());
    const double perplexity = std::clamp(options.perplexity, 1.01, (n - 1) / 3);
    EMBER_TRY(const Neighbours neighbours,
              nearestNeighbours(data, static_cast<Eigen::Index>(std::ceil(3 * perplexity)), progress, cancel));
    const Affinity affinity = affinitiesOf(neighbours, rows.rows(), perplexity);
    EMBER_TRY(Places start, startOf(data, options.seed));
    Descent descent(std::move(start), affinity, options.theta);
    // Belkina and others 2019; the floor is for few rows.
    const double rate = std::max(n / kExaggeration / 4, 50.0);
    for (int i = 0; i < options.iterations; ++i) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("t-SNE was cancelled."));
        if (i % kReportEvery == 0)
            report(progress, QStringLiteral("t-SNE"), static_cast<double>(i) / options.iterations);
        const bool early = i < kExaggeratedIterations;
        descent.step(early ? kExaggeration : 1, rate, early ? 0.5 : 0.8);
    }
    return descent.places();
}

} // namespace ember::explore
