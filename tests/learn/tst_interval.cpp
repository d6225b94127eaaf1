// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/interval.h"

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

    void sameSeedSameInterval()
    {
        const std::vector<qint32> truth{0, 1, 1, 0, 1, 0, 0, 1, 1, 0}, predicted{0, 1, 0, 0, 1, 1, 0, 1, 1, 0};
        const Interval a = bootstrapInterval(truth, predicted, {}, 2, accuracy);
        const Interval b = bootstrapInterval(truth, predicted, {}, 2, accuracy);
        QCOMPARE(a.low, b.low);
        QCOMPARE(a.high, b.high);
        QVERIFY(a.low <= 0.8 && a.high >= 0.8);
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
