// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/explore/feature_scores.h"
#include "core/explore/neighbours.h"
#include "core/explore/pca.h"
#include "core/explore/quad_tree.h"
#include "core/explore/tsne.h"
#include "core/explore/umap.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace ember;
using namespace ember::explore;

namespace {

/// `groups` clusters of `each` rows around corners that are `apart` deviations from each other.
Rows planted(int groups, int each, int columns, double apart, quint64 seed)
{
    Random random(seed);
    Rows rows(groups * each, columns);
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
        const Eigen::Index group = i / each;
        for (Eigen::Index c = 0; c < columns; ++c)
            rows(i, c) = static_cast<float>(random.normal() + (c % groups == group ? apart : 0.0));
    }
    return rows;
}

Rows noise(int rows, int columns, quint64 seed)
{
    return planted(1, rows, columns, 0, seed);
}

/// The definition: all distances, sorted, of equal ones the lower number.
std::vector<Eigen::Index> nearestByDefinition(const Rows& rows, Eigen::Index row, Eigen::Index count)
{
    std::vector<std::pair<double, Eigen::Index>> all;
    for (Eigen::Index other = 0; other < rows.rows(); ++other) {
        if (other != row)
            all.emplace_back((rows.row(row).cast<double>() - rows.row(other).cast<double>()).squaredNorm(), other);
    }
    std::sort(all.begin(), all.end());
    std::vector<Eigen::Index> nearest;
    for (Eigen::Index i = 0; i < count; ++i)
        nearest.push_back(all[static_cast<std::size_t>(i)].second);
    return nearest;
}

/// Share of each row's `count` nearest rows that are among the nearest on the map, too.
double preserved(const Rows& rows, const Places& places, Eigen::Index count)
{
    const Rows map = places.cast<float>();
    double kept = 0;
    for (Eigen::Index row = 0; row < rows.rows(); ++row) {
        const auto wanted = nearestByDefinition(rows, row, count);
        const auto there = nearestByDefinition(map, row, count);
        for (const Eigen::Index index : wanted)
            kept += std::count(there.begin(), there.end(), index);
    }
    return kept / static_cast<double>(rows.rows() * count);
}

/// Share of rows whose nearest row on the map is of the same planted group.
double purity(const Places& places, int each)
{
    const Rows map = places.cast<float>();
    int same = 0;
    for (Eigen::Index row = 0; row < map.rows(); ++row)
        same += nearestByDefinition(map, row, 1).front() / each == row / each ? 1 : 0;
    return same / static_cast<double>(map.rows());
}

} // namespace

class TestExplore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void standardisedColumnsHaveMeanZeroAndDeviationOne()
    {
        const std::vector<float> values = {1, 7, 10, 2, 7, std::nanf(""), 3, 7, 20, 6, 7, INFINITY};
        const Standardised made = standardise(values, 3);
        QCOMPARE(made.replaced, 2);
        QCOMPARE(made.mean[0], 3.0);
        QCOMPARE(made.deviation[0], std::sqrt((4 + 1 + 0 + 9) / 4.0));
        QCOMPARE(made.deviation[1], 0.0);
        QCOMPARE(made.rows(3, 0), static_cast<float>(3 / std::sqrt(3.5)));
        QCOMPARE(made.rows.col(1).cwiseAbs().maxCoeff(), 0.0f);
        QCOMPARE(made.rows(1, 2), 0.0f); // NaN became the mean of 10 and 20
        QCOMPARE(made.rows(0, 2), -1.0f);
        QCOMPARE(spread(10, 4), (std::vector<Eigen::Index>{0, 2, 5, 7}));
        QCOMPARE(spread(3, 4), (std::vector<Eigen::Index>{0, 1, 2}));
    }

    // Against the definition by power iteration with deflation on the covariance matrix written out.
    void principalComponentsAreTheDirectionsOfLargestVariance()
    {
        Rows rows = noise(300, 6, 11);
        rows.col(1) = 3 * rows.col(0) + 0.5f * rows.col(1);
        rows.col(4) *= 2;
        const auto pca = fitPca(rows, 3);
        QVERIFY(pca);
        Eigen::MatrixXd covariance(6, 6);
        for (Eigen::Index a = 0; a < 6; ++a) {
            for (Eigen::Index b = 0; b < 6; ++b) {
                double sum = 0;
                for (Eigen::Index i = 0; i < rows.rows(); ++i)
                    sum += (rows(i, a) - pca->mean[a]) * (rows(i, b) - pca->mean[b]);
                covariance(a, b) = sum / static_cast<double>(rows.rows());
            }
        }
        QVERIFY(std::abs(pca->totalVariance - covariance.trace()) < 1e-9 * covariance.trace());
        for (Eigen::Index component = 0; component < 3; ++component) {
            Eigen::VectorXd v = Eigen::VectorXd::Ones(6);
            for (int i = 0; i < 20'000; ++i)
                v = (covariance * v).normalized();
            const double variance = v.dot(covariance * v);
            QVERIFY(std::abs(pca->variances[component] - variance) < 1e-8 * variance);
            QVERIFY(std::abs(std::abs(v.dot(pca->components.col(component))) - 1) < 1e-8);
            covariance -= variance * v * v.transpose();
        }
        const Rows projected = project(*pca, rows);
        const Eigen::VectorXd first = projected.col(0).cast<double>();
        QVERIFY(std::abs(first.squaredNorm() / 300 - pca->variances[0]) < 1e-4 * pca->variances[0]);
        QVERIFY(!fitPca(Rows(1, 3), 2));
    }

    void neighboursAreThoseOfTheDefinition()
    {
        Rows rows = noise(700, 7, 3);
        rows.row(5) = rows.row(400); // equal rows: distance exactly 0
        rows.row(6) = rows.row(400);
        const auto found = nearestNeighbours(rows, 12);
        QVERIFY(found);
        for (Eigen::Index row = 0; row < rows.rows(); ++row) {
            const auto index = found->indexOf(row);
            QCOMPARE(std::vector<Eigen::Index>(index.begin(), index.end()), nearestByDefinition(rows, row, 12));
        }
        QCOMPARE(found->squaredDistanceOf(400)[0], 0.0f);
        QCOMPARE(nearestNeighbours(rows.topRows(3), 12)->count, 2);
    }

    void affinitiesHaveTheWantedPerplexity()
    {
        const auto found = nearestNeighbours(noise(400, 5, 9), 90);
        for (const double wanted : {2.0, 10.0, 30.0, 80.0}) {
            for (Eigen::Index row = 0; row < 400; row += 37) {
                const Affinities made = calibrate(found->squaredDistanceOf(row), wanted);
                double entropy = 0;
                for (const double p : made.probability)
                    entropy -= p > 0 ? p * std::log2(p) : 0;
                QVERIFY(std::abs(std::exp2(entropy) - wanted) < 1e-4 * wanted);
                QVERIFY(std::abs(std::accumulate(made.probability.begin(), made.probability.end(), 0.0) - 1) < 1e-12);
                // Gaussian in the distance with that precision.
                const auto d = found->squaredDistanceOf(row);
                const double ratio = made.probability[7] / made.probability[0];
                const double farther = static_cast<double>(d[7]) - static_cast<double>(d[0]);
                QVERIFY(std::abs(std::log(ratio) + made.precision * farther) < 1e-9);
            }
        }
    }

    void repulsionIsTheSumOverAllPoints()
    {
        Random random(21);
        Places places(500, 2);
        for (Eigen::Index i = 0; i < places.size(); ++i)
            places.data()[i] = random.normal() * (i % 7 == 0 ? 40 : 1);
        for (const Eigen::Index i : {10, 11, 12})
            places.row(i) = places.row(100); // several at one place
        const QuadTree tree(places);
        for (Eigen::Index i = 0; i < places.rows(); i += 5) {
            double weight = 0;
            Eigen::RowVector2d force = Eigen::RowVector2d::Zero();
            for (Eigen::Index j = 0; j < places.rows(); ++j) {
                if (j == i)
                    continue;
                const Eigen::RowVector2d apart = places.row(i) - places.row(j);
                const double w = 1 / (1 + apart.squaredNorm());
                weight += w;
                force += w * w * apart;
            }
            const auto exact = tree.repulsionOf(i, 0);
            QVERIFY(std::abs(exact.weight - weight) < 1e-9 * weight);
            QVERIFY(std::hypot(exact.x - force[0], exact.y - force[1]) < 1e-9 * weight);
            const auto quick = tree.repulsionOf(i, 0.5);
            QVERIFY2(std::abs(quick.weight - weight) < 0.03 * weight,
                     qPrintable(QString::number(quick.weight / weight)));
        }
        Places one = Places::Zero(50, 2); // all at one place ends, too
        QCOMPARE(QuadTree(one).repulsionOf(3, 0.5).weight, 49.0);
    }

    void tsneKeepsNeighboursTogether()
    {
        const Rows rows = planted(4, 60, 10, 4, 5);
        const auto places = tsne(rows);
        QVERIFY(places);
        const double kept = preserved(rows, *places, 10);
        qInfo("t-SNE: %.0f %% of 10 neighbours kept, purity %.3f", 100 * kept, purity(*places, 60));
        QVERIFY(kept > 0.4); // by chance it is 0.04, within the groups 0.17
        QVERIFY(purity(*places, 60) > 0.97);
        const auto again = tsne(rows);
        QCOMPARE(*again, *places);
        TsneOptions other;
        other.seed = 2;
        QVERIFY(*tsne(rows, other) != *places);
        QVERIFY(!tsne(rows.topRows(3)));
    }

    void tsneTakesEqualRows()
    {
        Rows rows = Rows::Zero(40, 3);
        rows.topRows(20).setOnes();
        const auto places = tsne(rows);
        QVERIFY(places && places->allFinite());
        QCOMPARE(purity(*places, 20), 1.0);
        QVERIFY(tsne(Rows::Zero(12, 3))->allFinite());
        QVERIFY(umap(Rows::Zero(12, 3))->allFinite());
    }

    void localScalesAddUpToTheLogarithm()
    {
        const auto found = nearestNeighbours(noise(300, 6, 13), 15);
        for (Eigen::Index row = 0; row < 300; row += 17) {
            const auto squared = found->squaredDistanceOf(row);
            const LocalScale scale = localScale(squared);
            double sum = 0;
            for (const float d : squared)
                sum += scale.strength(std::sqrt(static_cast<double>(d)));
            QVERIFY(std::abs(sum - std::log2(15.0)) < 1e-5);
            QCOMPARE(scale.rho, std::sqrt(static_cast<double>(squared[0])));
            QCOMPARE(scale.strength(scale.rho), 1.0);
        }
    }

    // No other pair near it fits the target better.
    void theCurveOfTheMapIsTheBestFit()
    {
        for (const double distance : {0.0, 0.1, 0.5}) {
            const MapCurve curve = mapCurve(distance);
            const auto loss = [distance](double a, double b) {
                double sum = 0;
                for (int i = 1; i <= 300; ++i) {
                    const double d = 3.0 * i / 300;
                    const double target = d < distance ? 1 : std::exp(-(d - distance));
                    sum += std::pow(1 / (1 + a * std::pow(d, 2 * b)) - target, 2);
                }
                return sum;
            };
            for (const double da : {-1e-3, 0.0, 1e-3}) {
                for (const double db : {-1e-3, 0.0, 1e-3})
                    QVERIFY(loss(curve.a, curve.b) <= loss(curve.a + da, curve.b + db));
            }
        }
        // What the paper's implementation finds for its defaults, to the digits it prints.
        QVERIFY(std::abs(mapCurve(0.1).a - 1.577) < 0.01 && std::abs(mapCurve(0.1).b - 0.895) < 0.01);
    }

    void umapKeepsNeighboursTogether()
    {
        const Rows rows = planted(4, 60, 10, 4, 5);
        const auto places = umap(rows);
        QVERIFY(places);
        const double kept = preserved(rows, *places, 10);
        qInfo("UMAP: %.0f %% of 10 neighbours kept, purity %.3f", 100 * kept, purity(*places, 60));
        QVERIFY(kept > 0.35);
        QVERIFY(purity(*places, 60) > 0.97);
        QCOMPARE(*umap(rows), *places);
    }

    void bothStopWhenCancelledAndTellHowFarTheyAre()
    {
        const Rows rows = planted(3, 100, 8, 3, 7);
        for (const bool isUmap : {false, true}) {
            CancelSource source;
            double furthest = 0;
            const ProgressSink sink = [&](const Progress& progress) {
                if (progress.step == (isUmap ? QStringLiteral("UMAP") : QStringLiteral("t-SNE")))
                    furthest = std::max(furthest, progress.fraction);
                if (furthest > 0.3)
                    source.cancel();
            };
            const auto made = isUmap ? umap(rows, {}, sink, source.token()) : tsne(rows, {}, sink, source.token());
            QVERIFY(!made && made.error().kind == ErrorKind::Cancelled);
            QVERIFY(furthest > 0.3 && furthest < 0.4);
        }
    }

    // Worked out by hand.
    void scoresOfAFeature()
    {
        // Two classes at 0,2 and 4,6: between = 16, within = 2 + 2 over 2 degrees of freedom.
        const std::vector<qint32> labels = {0, 0, 1, 1, -1};
        const std::vector<float> values = {0, 3, 2, 3, 4, 3, 6, 3, 100, 3};
        const auto scores = featureScores(values, 2, labels);
        QCOMPARE(scores[0].fRatio, 16.0 / 2);
        QCOMPARE(scores[0].variance, 5.0);
        QCOMPARE(scores[0].mutualInformation, 1.0); // it tells the class of each row
        QCOMPARE(scores[1].fRatio, 0.0);
        QCOMPARE(scores[1].mutualInformation, 0.0);
        // A feature with two values that agrees with the label three times out of four.
        std::vector<float> often;
        std::vector<qint32> klass;
        for (int i = 0; i < 400; ++i) {
            klass.push_back(i % 2);
            often.push_back(static_cast<float>(i % 8 < 6 ? i % 2 : 1 - i % 2));
        }
        const double missing = -(0.75 * std::log2(0.75) + 0.25 * std::log2(0.25));
        QVERIFY(std::abs(featureScores(often, 1, klass)[0].mutualInformation - (1 - missing)) < 1e-12);
        QVERIFY(
            std::isinf(featureScores(std::vector<float>{1, 1, 2, 2}, 1, std::vector<qint32>{0, 0, 1, 1})[0].fRatio));
    }

    void correlationsOfColumns()
    {
        Rows rows = noise(500, 3, 17);
        rows.col(2) = -rows.col(0);
        const Standardised data =
            standardise(std::span<const float>(rows.data(), static_cast<std::size_t>(rows.size())), 3);
        const Eigen::MatrixXf matrix = correlations(data);
        const auto pearson = [&](Eigen::Index a, Eigen::Index b) {
            const Eigen::ArrayXd x = rows.col(a).cast<double>().array() - rows.col(a).cast<double>().mean();
            const Eigen::ArrayXd y = rows.col(b).cast<double>().array() - rows.col(b).cast<double>().mean();
            return (x * y).sum() / std::sqrt(x.square().sum() * y.square().sum());
        };
        QVERIFY(std::abs(matrix(0, 1) - pearson(0, 1)) < 1e-5);
        QVERIFY(std::abs(matrix(0, 2) + 1) < 1e-5 && std::abs(matrix(1, 1) - 1) < 1e-5);
    }

    void densitiesHaveAreaOne()
    {
        Random random(4);
        std::vector<float> values(2000);
        for (float& value : values)
            value = static_cast<float>(random.normal());
        std::sort(values.begin(), values.end());
        std::vector<double> at;
        for (int i = 0; i <= 400; ++i)
            at.push_back(-5 + i * 0.025);
        const auto made = density(values, at);
        QVERIFY(std::abs(std::accumulate(made.begin(), made.end(), 0.0) * 0.025 - 1) < 1e-3);
        QVERIFY(std::abs(made[200] - 0.399) < 0.03); // the normal density at 0
        QVERIFY(std::isfinite(density(std::vector<float>(10, 1.0f), at)[240]));
    }
};

QTEST_GUILESS_MAIN(TestExplore)
#include "tst_explore.moc"
