// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/metrics.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace ember::learn;

class TestMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Worked out by hand: rows are the truth.
    //      3 1 0
    //      0 2 2
    //      1 0 1
    void aWorkedExample()
    {
        Confusion c(3);
        c.add(0, 0, 3);
        c.add(0, 1, 1);
        c.add(1, 1, 2);
        c.add(1, 2, 2);
        c.add(2, 0, 1);
        c.add(2, 2, 1);
        const Metrics m = metricsOf(c);
        QCOMPARE(m.accuracy, 0.6);
        QCOMPARE(m.perClass[0].precision, 0.75);
        QCOMPARE(m.perClass[0].recall, 0.75);
        QCOMPARE(m.perClass[1].precision, 2.0 / 3);
        QCOMPARE(m.perClass[1].recall, 0.5);
        QCOMPARE(m.perClass[2].precision, 1.0 / 3);
        QCOMPARE(m.perClass[2].recall, 0.5);
        QCOMPARE(m.perClass[2].support, 2);
        QCOMPARE(m.balancedAccuracy, (0.75 + 0.5 + 0.5) / 3);
        const double f1 = (0.75 + 2 * (2.0 / 3 * 0.5) / (2.0 / 3 + 0.5) + 0.4) / 3;
        QVERIFY(std::abs(m.macroF1 - f1) < 1e-12);
        // (6*10 - (4*4 + 4*3 + 2*3)) / sqrt((100 - (16+9+9)) * (100 - (16+16+4)))
        QVERIFY(std::abs(m.mcc - (60.0 - 34.0) / std::sqrt(66.0 * 64.0)) < 1e-12);
    }

    // Matthews' own formula for two classes.
    void mccOfTwoClasses()
    {
        QRandomGenerator random(3);
        for (int round = 0; round < 100; ++round) {
            const double tp = random.bounded(1, 50), tn = random.bounded(1, 50), fp = random.bounded(1, 50),
                         fn = random.bounded(1, 50);
            Confusion c(2);
            c.add(1, 1, qint64(tp));
            c.add(0, 0, qint64(tn));
            c.add(0, 1, qint64(fp));
            c.add(1, 0, qint64(fn));
            const double expected = (tp * tn - fp * fn) / std::sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
            QVERIFY(std::abs(metricsOf(c).mcc - expected) < 1e-12);
        }
    }

    void classesThatDoNotOccur()
    {
        // Class 2 neither occurs nor is predicted: it does not count. Class 1 is predicted but does not occur.
        const std::vector<qint32> truth{0, 0, 0, 0}, predicted{0, 0, 0, 1};
        const Metrics m = metricsOf(Confusion::of(truth, predicted, 3));
        QCOMPARE(m.accuracy, 0.75);
        QCOMPARE(m.balancedAccuracy, 0.75);
        QVERIFY(std::abs(m.macroF1 - (6.0 / 7 + 0) / 2) < 1e-12);
        QCOMPARE(m.mcc, 0.0);
    }

    void nothingAtAll()
    {
        const Metrics m = metricsOf(Confusion(2));
        QCOMPARE(m.accuracy, 0.0);
        QCOMPARE(m.macroF1, 0.0);
        QCOMPARE(m.perClass.size(), std::size_t(2));
    }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
