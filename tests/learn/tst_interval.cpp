// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/interval.h"
#include "core/learn/significance.h"

#include <QTest>

#include <cmath>

using namespace ember::learn;

namespace {

double accuracy(const Metrics& metrics)
{
    return metrics.accuracy;
}

} // namespace

class TestInterval : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // For independent rows the bootstrap of a share is close to the normal interval, which has a formula.
    void rowsGiveTheBinomialInterval()
    {
        const int n = 400, hits = 320;
        std::vector<qint32> truth(n, 0), predicted(n, 0);
        std::fill(predicted.begin() + hits, predicted.end(), 1);
        const Interval interval = bootstrapInterval(truth, predicted, {}, 2, accuracy, {4000, 0.95, 7});
        const double p = double(hits) / n;
        const double half = 1.959964 * std::sqrt(p * (1 - p) / n);
        QVERIFY(std::abs(interval.low - (p - half)) < 0.006);
        QVERIFY(std::abs(interval.high - (p + half)) < 0.006);
    }

    // Rows of one group all right or all wrong: then there are ten facts, not a thousand, and the interval says so.
    void groupsWidenIt()
    {
        std::vector<qint32> truth, predicted, groups;
        for (int row = 0; row < 1000; ++row) {
            truth.push_back(0);
            groups.push_back(row / 100);
            predicted.push_back(groups.back() < 7 ? 0 : 1);
        }
        const Interval byRow = bootstrapInterval(truth, predicted, {}, 2, accuracy);
        const Interval byGroup = bootstrapInterval(truth, predicted, groups, 2, accuracy);
        QVERIFY(byRow.high - byRow.low < 0.07);
        QVERIFY(byGroup.high - byGroup.low > 0.4);
        QVERIFY(byGroup.low <= 0.7 && byGroup.high >= 0.7);
        // A single group cannot be drawn from, so rows are.
        const std::vector<qint32> one(1000, 0);
        const Interval single = bootstrapInterval(truth, predicted, one, 2, accuracy);
        QCOMPARE(single.low, byRow.low);
        QCOMPARE(single.high, byRow.high);
    }

    // All of one draw: each score has the interval that it has alone.
    void severalScoresShareTheDraws()
    {
        std::vector<qint32> truth, predicted;
        for (int row = 0; row < 90; ++row) {
            truth.push_back(row % 3);
            predicted.push_back(row % 7 == 0 ? 2 : row % 3);
        }
        const auto f1Of = [](int klass) {
            return [klass](const Metrics& metrics) { return metrics.perClass[static_cast<std::size_t>(klass)].f1; };
        };
        const std::vector<Interval> all = bootstrapIntervals(truth, predicted, {}, 3, [&](const Metrics& metrics) {
            return std::vector{f1Of(0)(metrics), f1Of(1)(metrics), f1Of(2)(metrics)};
        });
        QCOMPARE(all.size(), std::size_t(3));
        for (int klass = 0; klass < 3; ++klass) {
            const Interval alone = bootstrapInterval(truth, predicted, {}, 3, f1Of(klass));
            const Interval& shared = all[static_cast<std::size_t>(klass)];
            QCOMPARE(shared.low, alone.low);
            QCOMPARE(shared.high, alone.high);
            QVERIFY(shared.low < f1Of(klass)(metricsOf(Confusion::of(truth, predicted, 3))));
        }
    }

    void sameSeedSameInterval()
    {
        const std::vector<qint32> truth{0, 1, 1, 0, 1, 0, 0, 1, 1, 0}, predicted{0, 1, 0, 0, 1, 1, 0, 1, 1, 0};
        const Interval a = bootstrapInterval(truth, predicted, {}, 2, accuracy);
        const Interval b = bootstrapInterval(truth, predicted, {}, 2, accuracy);
        QCOMPARE(a.low, b.low);
        QCOMPARE(a.high, b.high);
        QVERIFY(a.low <= 0.8 && a.high >= 0.8);
    }

    // The difference of two shares on the same rows: its variance is that of the rows' differences (-1, 0, 1).
    void aDifferenceIsTakenRowByRow()
    {
        const int n = 400;
        const std::vector<qint32> truth(n, 0);
        std::vector<qint32> first(n, 0), second(n, 0);
        for (int i = 0; i < 120; ++i) // both wrong on the same rows
            first[size_t(i)] = second[size_t(i)] = 1;
        for (int i = 120; i < 160; ++i)
            second[size_t(i)] = 1;
        const Interval interval = bootstrapDifference(truth, first, second, {}, 2, accuracy, {4000, 0.95, 7});
        const double p = 40.0 / n;
        const double half = 1.959964 * std::sqrt(p * (1 - p) / n);
        QVERIFY(std::abs(interval.low - (p - half)) < 0.006);
        QVERIFY(std::abs(interval.high - (p + half)) < 0.006);
        const Interval same = bootstrapDifference(truth, first, first, {}, 2, accuracy);
        QCOMPARE(same.low, 0.0);
        QCOMPARE(same.high, 0.0);
    }

    // Against the sum over all outcomes of n throws that are no likelier than the one seen.
    void theBinomialTestIsExact()
    {
        for (const auto& [a, b] : {std::pair(0, 0), {1, 0}, {0, 5}, {3, 9}, {7, 7}, {12, 4}, {1, 19}, {25, 30}}) {
            const int n = a + b;
            std::vector<double> chance(size_t(n) + 1, 0.0); // of k heads, by Pascal's triangle
            chance[0] = 1;
            for (int thrown = 0; thrown < n; ++thrown) {
                for (int k = thrown + 1; k > 0; --k)
                    chance[size_t(k)] = (chance[size_t(k)] + chance[size_t(k) - 1]) / 2;
                chance[0] /= 2;
            }
            double tail = 0;
            for (int k = 0; k <= n; ++k) {
                if (std::abs(2 * k - n) >= std::abs(a - b))
                    tail += chance[size_t(k)];
            }
            QVERIFY2(std::abs(exactBinomialTwoSided(a, b) - tail) < 1e-12, qPrintable(QString::number(n)));
        }
        QVERIFY(exactBinomialTwoSided(0, 5000) == 0 || exactBinomialTwoSided(0, 5000) < 1e-300);
        QVERIFY(exactBinomialTwoSided(100'000, 100'001) > 0.99);
    }

    void mcNemarCountsWhereExactlyOneIsRight()
    {
        const std::vector<qint32> truth{0, 0, 1, 1, 2, 2};
        const std::vector<qint32> first{0, 0, 1, 0, 2, 1}, second{0, 1, 0, 0, 0, 2};
        const McNemar test = mcNemar(truth, first, second);
        QCOMPARE(test.onlyFirst, 3);
        QCOMPARE(test.onlySecond, 1);
        QVERIFY(std::abs(test.pValue - 10.0 / 16) < 1e-12);
    }

    void extremes()
    {
        const std::vector<qint32> all(20, 1);
        const Interval perfect = bootstrapInterval(all, all, {}, 2, accuracy);
        QCOMPARE(perfect.low, 1.0);
        QCOMPARE(perfect.high, 1.0);
        const Interval none = bootstrapInterval({}, {}, {}, 2, accuracy);
        QCOMPARE(none.low, 0.0);
        QCOMPARE(none.high, 0.0);
    }
};

QTEST_GUILESS_MAIN(TestInterval)
#include "tst_interval.moc"
