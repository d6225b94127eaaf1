// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/kmeans.h"

#include "plugins/common/random.h"

#include <algorithm>
#include <cmath>

namespace ember::common {

namespace {

Vector distancesFrom(const Matrix& rows, const Eigen::Ref<const RowVector>& point)
{
    return (rows.rowwise() - point).rowwise().squaredNorm();
}

// A row, likelier the farther it is from the centres so far.
Eigen::Index drawRow(const Vector& nearest, Random& random)
{
    double left = random.unit() * nearest.sum();
    Eigen::Index chosen = 0;
    while (chosen + 1 < nearest.size() && left >= nearest[chosen])
        left -= nearest[chosen++];
    return chosen;
}

// The next centre is the best of a few such rows, which is what the paper's authors do in practice.
Matrix drawCentres(const Matrix& rows, int count, Random& random)
{
    Matrix centres(count, rows.cols());
    centres.row(0) = rows.row(static_cast<Eigen::Index>(random.below(static_cast<quint64>(rows.rows()))));
    Vector nearest = distancesFrom(rows, centres.row(0));
    const int candidates = 2 + static_cast<int>(std::log(count));
    for (int c = 1; c < count; ++c) {
        Vector best;
        for (int candidate = 0; candidate < candidates; ++candidate) {
            const Eigen::Index row = drawRow(nearest, random);
            Vector left = nearest.cwiseMin(distancesFrom(rows, rows.row(row)));
            if (candidate == 0 || left.sum() < best.sum()) {
                best = std::move(left);
                centres.row(c) = rows.row(row);
            }
        }
        nearest = std::move(best);
    }
    return centres;
}

// Whether any row has changed its cluster.
bool assign(const Matrix& rows, Clusters& clusters)
{
    std::vector<int> labels(static_cast<std::size_t>(rows.rows()), 0);
    clusters.distances = distancesFrom(rows, clusters.centres.row(0));
    for (int c = 1; c < clusters.centres.rows(); ++c) {
        const Vector distances = distancesFrom(rows, clusters.centres.row(c));
        for (Eigen::Index row = 0; row < rows.rows(); ++row) {
            if (distances[row] < clusters.distances[row]) {
                clusters.distances[row] = distances[row];
                labels[static_cast<std::size_t>(row)] = c;
            }
        }
    }
    clusters.inertia = clusters.distances.sum();
    const bool changed = labels != clusters.labels;
    clusters.labels = std::move(labels);
    return changed;
}

void moveCentres(const Matrix& rows, Clusters& clusters)
{
    Matrix sums = Matrix::Zero(clusters.centres.rows(), rows.cols());
    Vector counts = Vector::Zero(clusters.centres.rows());
    for (Eigen::Index row = 0; row < rows.rows(); ++row) {
        const int c = clusters.labels[static_cast<std::size_t>(row)];
        sums.row(c) += rows.row(row);
        counts[c] += 1;
    }
    Vector distances = clusters.distances;
    for (Eigen::Index c = 0; c < sums.rows(); ++c) {
        if (counts[c] > 0) {
            clusters.centres.row(c) = sums.row(c) / counts[c];
            continue;
        }
        Eigen::Index farthest = 0;
        distances.maxCoeff(&farthest);
        distances[farthest] = -1;
        clusters.centres.row(c) = rows.row(farthest);
    }
}

} // namespace

Clusters fitKMeans(const Matrix& rows, const KMeansOptions& options, const CancelToken& cancel)
{
    const int count = static_cast<int>(std::clamp<Eigen::Index>(options.clusters, 1, rows.rows()));
    Clusters best;
    for (int attempt = 0; attempt < std::max(options.restarts, 1); ++attempt) {
        Random random = Random::forItem(options.seed, static_cast<quint64>(attempt));
        Clusters clusters;
        clusters.centres = drawCentres(rows, count, random);
        for (int i = 0; i < options.maxIterations && assign(rows, clusters) && !cancel.isCancelled(); ++i)
            moveCentres(rows, clusters);
        assign(rows, clusters);
        if (attempt == 0 || clusters.inertia < best.inertia)
            best = std::move(clusters);
        if (cancel.isCancelled())
            break;
    }
    return best;
}

} // namespace ember::common
