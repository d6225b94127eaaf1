// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/tree_builder.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

using namespace ember;
using namespace ember::trees;

namespace {

struct Data
{
    std::vector<float> features;
    std::size_t columns = 0;
    std::vector<qint32> labels;
    std::vector<double> weights;
    int classes = 0;

    std::size_t rows() const { return labels.size(); }
    float at(std::size_t row, std::size_t column) const { return features[row * columns + column]; }
};

// Few distinct values, so that ties and empty gaps happen.
Data randomData(QRandomGenerator& random, int rows, int columns, int classes, int values)
{
    Data d;
    d.columns = std::size_t(columns);
    d.classes = classes;
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c)
            d.features.push_back(float(random.bounded(values)) * 0.5f);
        d.labels.push_back(random.bounded(classes));
        d.weights.push_back(random.bounded(3));
    }
    d.weights[0] = 1;
    return d;
}

std::optional<GrownTree> growTree(const Data& d, const TreeOptions& options, quint64 seed = 1)
{
    const BinnedTable table = binTable(d.features, d.columns);
    return TreeBuilder({table, d.labels, d.weights, d.classes}, options, Random(seed), {}).grow();
}

qint32 leafOf(const GrownTree& tree, const Data& d, std::size_t row)
{
    std::size_t at = 0;
    while (tree.nodes[at].leaf < 0) {
        const auto& node = tree.nodes[at];
        at = std::size_t(d.at(row, std::size_t(node.feature)) <= node.threshold ? node.whenTrue : node.whenFalse);
    }
    return tree.nodes[at].leaf;
}

int depthOf(const GrownTree& tree, std::size_t node = 0)
{
    if (tree.nodes[node].leaf >= 0)
        return 0;
    return 1 + std::max(depthOf(tree, std::size_t(tree.nodes[node].whenTrue)),
                        depthOf(tree, std::size_t(tree.nodes[node].whenFalse)));
}

// The score of a division as the definition words it: no bins, no running sums.
double scoreOf(const Data& d, std::size_t column, float threshold, int minRows)
{
    std::vector<double> left(std::size_t(d.classes)), right(std::size_t(d.classes));
    int leftRows = 0, rightRows = 0;
    for (std::size_t row = 0; row < d.rows(); ++row) {
        if (d.weights[row] <= 0)
            continue;
        const bool isLeft = d.at(row, column) <= threshold;
        (isLeft ? left : right)[std::size_t(d.labels[row])] += d.weights[row];
        ++(isLeft ? leftRows : rightRows);
    }
    if (leftRows < minRows || rightRows < minRows)
        return -1;
    const auto side = [](const std::vector<double>& w) {
        return std::inner_product(w.begin(), w.end(), w.begin(), 0.0) / std::accumulate(w.begin(), w.end(), 0.0);
    };
    return side(left) + side(right);
}

double bestScoreOf(const Data& d, int minRows)
{
    double best = -1;
    for (std::size_t column = 0; column < d.columns; ++column) {
        for (std::size_t row = 0; row < d.rows(); ++row)
            best = std::max(best, scoreOf(d, column, d.at(row, column), minRows));
    }
    return best;
}

} // namespace

class TestTreeBuilder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fewValuesHaveABinEach()
    {
        const std::vector<float> values{3, -1, 3, 0.5f, -0.0f, 0.0f, 7};
        const BinnedColumn column = binTable(values, 1).columns[0];
        QCOMPARE(column.low, (std::vector<float>{-1, 0, 0.5f, 3, 7}));
        QCOMPARE(column.high, column.low);
        QCOMPARE(column.codes, (std::vector<quint8>{3, 0, 3, 2, 1, 1, 4}));
    }

    void manyValuesShareBinsEvenly()
    {
        QRandomGenerator random(1);
        std::vector<float> values(20'000);
        for (float& v : values)
            v = float(std::pow(random.generateDouble(), 4)); // crowded near zero
        const BinnedColumn column = binTable(values, 1).columns[0];
        QCOMPARE(column.bins(), kMaxBins);
        std::vector<int> counts(kMaxBins, 0);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t bin = column.codes[i];
            ++counts[bin];
            QVERIFY(column.low[bin] <= values[i] && values[i] <= column.high[bin]);
        }
        for (int bin = 0; bin < kMaxBins; ++bin) {
            QVERIFY(counts[std::size_t(bin)] > 60 && counts[std::size_t(bin)] < 100);
            if (bin > 0)
                QVERIFY(column.high[std::size_t(bin) - 1] < column.low[std::size_t(bin)]);
        }
    }

    // By the definition of squared error: the cut that leaves the least of it, and the mean in every leaf.
    void numbersAreCutWhereSquaredErrorsAreLeast()
    {
        QRandomGenerator random(21);
        for (int round = 0; round < 20; ++round) {
            Data d = randomData(random, 40, 3, 2, 6);
            std::vector<float> targets;
            for (std::size_t row = 0; row < d.rows(); ++row)
                targets.push_back(d.at(row, 1) * 2 + float(random.generateDouble()));
            const auto errorOf = [&](const auto& belongs) {
                double weight = 0, sum = 0, error = 0;
                for (std::size_t row = 0; row < d.rows(); ++row) {
                    weight += belongs(row) ? d.weights[row] : 0;
                    sum += belongs(row) ? d.weights[row] * double(targets[row]) : 0;
                }
                for (std::size_t row = 0; row < d.rows() && weight > 0; ++row)
                    error += belongs(row) ? d.weights[row] * std::pow(double(targets[row]) - sum / weight, 2) : 0;
                return weight > 0 ? error : std::numeric_limits<double>::infinity();
            };
            double least = std::numeric_limits<double>::infinity();
            const auto cutError = [&](std::size_t column, float threshold) {
                return errorOf([&](std::size_t r) { return d.at(r, column) <= threshold; }) +
                       errorOf([&](std::size_t r) { return d.at(r, column) > threshold; });
            };
            for (std::size_t column = 0; column < d.columns; ++column) {
                for (std::size_t row = 0; row < d.rows(); ++row)
                    least = std::min(least, cutError(column, d.at(row, column)));
            }
            const BinnedTable table = binTable(d.features, d.columns);
            TreeBuilder builder({table, {}, d.weights, 0, targets}, {}, Random(1), {});
            const auto cut = builder.bestCutOfRoot();
            QVERIFY(cut);
            QVERIFY(std::abs(cutError(cut->column, cut->threshold) - least) < 1e-6 * (1 + least));

            TreeOptions options;
            options.minSamplesLeaf = 3;
            const auto tree = TreeBuilder({table, {}, d.weights, 0, targets}, options, Random(1), {}).grow();
            QVERIFY(tree && tree->nodes.size() > 3);
            std::map<qint32, std::pair<double, double>> leaves;
            for (std::size_t row = 0; row < d.rows(); ++row) {
                auto& [weight, sum] = leaves[leafOf(*tree, d, row)];
                weight += d.weights[row];
                sum += d.weights[row] * double(targets[row]);
            }
            for (const auto& [leaf, sums] : leaves)
                QVERIFY(std::abs(tree->shares[std::size_t(leaf)] - sums.second / sums.first) < 1e-9);
        }
    }

    void oneCommonValueDoesNotStarveTheOthers()
    {
        std::vector<float> values(10'000, 0.0f);
        for (int i = 0; i < 1000; ++i)
            values[std::size_t(i)] = float(i + 1);
        const BinnedColumn column = binTable(values, 1).columns[0];
        QVERIFY(column.bins() > 200);
        QCOMPARE(column.high[0], 0.0f);
    }

    void thresholdsLieBetween()
    {
        QRandomGenerator random(2);
        for (int i = 0; i < 5000; ++i) {
            const float a = float(random.generateDouble() * 200 - 100);
            const float b = i % 2 == 0 ? std::nextafter(a, 1e9f) : a + float(random.generateDouble()) + 1e-3f;
            const float t = thresholdBetween(a, b);
            QVERIFY(a <= t && t < b);
        }
        QCOMPARE(thresholdBetween(3, 4), 3.5f);
        const float huge = std::numeric_limits<float>::max();
        QCOMPARE(thresholdBetween(-huge, huge), 0.0f);
    }

    void theBestCutIsThatOfTheBruteForce()
    {
        QRandomGenerator random(3);
        int cuts = 0;
        for (int round = 0; round < 400; ++round) {
            const Data d = randomData(random, 2 + random.bounded(40), 1 + random.bounded(5), 2 + random.bounded(3),
                                      2 + random.bounded(9));
            TreeOptions options;
            options.minSamplesLeaf = 1 + random.bounded(4);
            const BinnedTable table = binTable(d.features, d.columns);
            TreeBuilder builder({table, d.labels, d.weights, d.classes}, options, Random(1), {});
            const auto cut = builder.bestCutOfRoot();
            const double best = bestScoreOf(d, options.minSamplesLeaf);
            QCOMPARE(cut.has_value(), best >= 0);
            if (!cut)
                continue;
            ++cuts;
            QVERIFY(std::abs(cut->score - best) < 1e-9);
            QVERIFY(std::abs(scoreOf(d, cut->column, cut->threshold, options.minSamplesLeaf) - best) < 1e-9);
            // In the middle between two neighbouring values of the rows that count.
            float below = -1e9f, above = 1e9f;
            for (std::size_t row = 0; row < d.rows(); ++row) {
                const float v = d.at(row, cut->column);
                if (d.weights[row] > 0)
                    (v <= cut->threshold ? below : above) =
                        v <= cut->threshold ? std::max(below, v) : std::min(above, v);
            }
            QCOMPARE(cut->threshold, (below + above) / 2);
        }
        QVERIFY(cuts > 200);
    }

    void aFreeTreeKnowsItsRowsByHeart()
    {
        QRandomGenerator random(4);
        Data d = randomData(random, 300, 4, 4, 1000);
        std::fill(d.weights.begin(), d.weights.end(), 1.0);
        const GrownTree tree = growTree(d, {}).value();
        for (std::size_t row = 0; row < d.rows(); ++row)
            QCOMPARE(tree.shares[std::size_t(leafOf(tree, d, row)) * 4 + std::size_t(d.labels[row])], 1.0);
    }

    // No single cut helps here; a tree that gives up without gain never gets there.
    void exclusiveOrIsLearned()
    {
        Data d;
        d.columns = 2;
        d.classes = 2;
        d.features = {0, 0, 0, 1, 1, 0, 1, 1};
        d.labels = {0, 1, 1, 0};
        d.weights.assign(4, 1.0);
        const GrownTree tree = growTree(d, {}).value();
        QCOMPARE(tree.nodes.size(), std::size_t(7));
        for (std::size_t row = 0; row < 4; ++row)
            QCOMPARE(tree.shares[std::size_t(leafOf(tree, d, row)) * 2 + std::size_t(d.labels[row])], 1.0);
    }

    void limitsAreKept()
    {
        QRandomGenerator random(5);
        Data d = randomData(random, 500, 5, 3, 50);
        std::fill(d.weights.begin(), d.weights.end(), 1.0);
        for (int depth = 1; depth < 6; ++depth) {
            TreeOptions options;
            options.maxDepth = depth;
            QCOMPARE(depthOf(*growTree(d, options)), depth);
        }
        TreeOptions options;
        options.minSamplesLeaf = 20;
        const GrownTree tree = growTree(d, options).value();
        std::map<qint32, int> rowsInLeaf;
        for (std::size_t row = 0; row < d.rows(); ++row)
            ++rowsInLeaf[leafOf(tree, d, row)];
        QVERIFY(rowsInLeaf.size() > 5);
        for (const auto& [leaf, rows] : rowsInLeaf)
            QVERIFY(rows >= 20);
        options.minSamplesLeaf = 1;
        options.minSamplesSplit = 501;
        QCOMPARE(growTree(d, options)->nodes.size(), std::size_t(1));
    }

    void sharesAreWeighted()
    {
        Data d;
        d.columns = 1;
        d.classes = 3;
        d.features = {1, 1, 1, 1};
        d.labels = {0, 1, 1, 2};
        d.weights = {3, 1, 1, 0};
        const GrownTree tree = growTree(d, {}).value();
        QCOMPARE(tree.nodes.size(), std::size_t(1));
        QCOMPARE(tree.shares, (std::vector<double>{0.6, 0.4, 0.0}));
    }

    // Features are drawn until one varies; with one feature per split every informative one is used in the end.
    void featuresAreDrawn()
    {
        QRandomGenerator random(6);
        Data d = randomData(random, 400, 6, 3, 30);
        for (std::size_t row = 0; row < d.rows(); ++row)
            d.features[row * 6 + 2] = 5.0f; // a constant
        TreeOptions options;
        options.maxFeatures = 1;
        std::set<qint32> used;
        const GrownTree tree = growTree(d, options).value();
        for (const model::TreeNode& node : tree.nodes) {
            if (node.leaf < 0)
                used.insert(node.feature);
        }
        QCOMPARE(used, (std::set<qint32>{0, 1, 3, 4, 5}));
    }

    // Of cuts drawn uniformly between 0 and 10, one tenth falls between 0 and 1.
    void randomCutsAreUniformInTheValues()
    {
        Data d;
        d.columns = 1;
        d.classes = 2;
        d.features = {0, 1, 10};
        d.labels = {0, 1, 0};
        d.weights.assign(3, 1.0);
        TreeOptions options;
        options.randomCuts = true;
        options.maxDepth = 1;
        int low = 0;
        for (quint64 seed = 0; seed < 5000; ++seed) {
            const float threshold = growTree(d, options, seed)->nodes[0].threshold;
            QVERIFY(threshold == 0.5f || threshold == 5.5f);
            low += threshold == 0.5f ? 1 : 0;
        }
        QVERIFY2(low > 430 && low < 570, qPrintable(QString::number(low)));
    }

    void randomNumbersAreFairAndFixed()
    {
        // Reference values of SplitMix64 for the seed 1234567.
        Random random(1234567);
        QCOMPARE(random.next(), 6457827717110365317u);
        QCOMPARE(random.next(), 3203168211198807973u);
        std::vector<int> counts(7, 0);
        for (int i = 0; i < 70'000; ++i)
            ++counts[std::size_t(random.below(7))];
        for (const int count : counts)
            QVERIFY(std::abs(count - 10'000) < 400);
        QVERIFY(Random::forItem(1, 2).next() != Random::forItem(2, 1).next());
    }
};

QTEST_GUILESS_MAIN(TestTreeBuilder)
#include "tst_tree_builder.moc"
