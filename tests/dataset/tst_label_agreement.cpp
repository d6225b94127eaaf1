// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/label_agreement.h"

#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <set>

using namespace ember;
using namespace ember::dataset;

namespace {

constexpr qint64 kRows = 60;

std::vector<NamedStretch> randomStretches(QRandomGenerator& random)
{
    std::vector<NamedStretch> stretches;
    for (int i = random.bounded(9); i > 0; --i) {
        const qint64 begin = random.bounded(static_cast<int>(kRows));
        const qint64 end = begin + random.bounded(static_cast<int>(kRows - begin) + 1); // may be empty
        stretches.push_back({{begin, end}, QString(QChar(QLatin1Char(static_cast<char>('a' + random.bounded(3)))))});
    }
    return stretches;
}

/// What a set says of one row, looked up segment by segment.
QStringList saidOf(const std::vector<NamedStretch>& stretches, qint64 row)
{
    std::set<QString> names;
    for (const NamedStretch& stretch : stretches) {
        if (stretch.rows.begin <= row && row < stretch.rows.end)
            names.insert(stretch.label);
    }
    return QStringList(names.begin(), names.end());
}

NamedStretch stretch(qint64 begin, qint64 end, const char* label)
{
    return {{begin, end}, QString::fromLatin1(label)};
}

} // namespace

class TestLabelAgreement : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowByRowTheSameIsFound()
    {
        QRandomGenerator random(11);
        int found = 0;
        for (int round = 0; round < 2000; ++round) {
            const auto first = randomStretches(random), second = randomStretches(random);
            std::vector<Disagreement> expected;
            LabelAgreement counted;
            QHash<QString, qint64> pairs;
            for (qint64 row = 0; row < kRows; ++row) {
                const QStringList a = saidOf(first, row), b = saidOf(second, row);
                counted.either += a.isEmpty() && b.isEmpty() ? 0 : 1;
                counted.both += a.isEmpty() || b.isEmpty() ? 0 : 1;
                counted.equal += !a.isEmpty() && a == b ? 1 : 0;
                if (a == b)
                    continue;
                if (!expected.empty() && expected.back().rows.end == row && expected.back().first == a &&
                    expected.back().second == b)
                    ++expected.back().rows.end;
                else
                    expected.push_back({{row, row + 1}, a, b});
            }
            const qint64 least = 1 + random.bounded(4);
            std::erase_if(expected, [least](const Disagreement& d) { return d.rows.end - d.rows.begin < least; });
            const auto places = disagreements(first, second, least);
            QCOMPARE(places.size(), expected.size());
            QVERIFY(places == expected);
            found += static_cast<int>(places.size());
            LabelAgreement sum;
            addAgreement(sum, first, second);
            QCOMPARE(sum.either, counted.either);
            QCOMPARE(sum.both, counted.both);
            QCOMPARE(sum.equal, counted.equal);
        }
        QVERIFY2(found > 2000, qPrintable(QString::number(found)));
    }

    void bothOrdersFindTheSamePlaces()
    {
        QRandomGenerator random(5);
        for (int round = 0; round < 200; ++round) {
            const auto first = randomStretches(random), second = randomStretches(random);
            auto there = disagreements(first, second);
            for (Disagreement& place : there)
                std::swap(place.first, place.second);
            QVERIFY(there == disagreements(second, first));
            QVERIFY(disagreements(first, first).empty());
        }
    }

    // The example of two raters of fifty cases, of whom 20 and 15 agree: 0.7 against 0.5 by chance.
    void kappaIsCohens()
    {
        LabelAgreement sum;
        addAgreement(
            sum, std::vector{stretch(0, 25, "yes"), stretch(25, 50, "no")},
            std::vector{stretch(0, 20, "yes"), stretch(20, 25, "no"), stretch(25, 35, "yes"), stretch(35, 50, "no")});
        QCOMPARE(sum.both, 50);
        QCOMPARE(sum.equal, 35);
        QVERIFY(std::abs(*sum.kappa() - 0.4) < 1e-12);
        QVERIFY(std::abs(*sum.share() - 0.7) < 1e-12);
        // It adds up over recordings, and what only one labels counts for the share alone.
        addAgreement(sum, std::vector{stretch(0, 50, "yes")}, {});
        QCOMPARE(sum.either, 100);
        QVERIFY(std::abs(*sum.kappa() - 0.4) < 1e-12);
        QVERIFY(std::abs(*sum.share() - 0.35) < 1e-12);
    }

    void nothingIsNoAgreement()
    {
        LabelAgreement sum;
        addAgreement(sum, {}, {});
        QVERIFY(!sum.share() && !sum.kappa());
        addAgreement(sum, std::vector{stretch(0, 5, "a")}, std::vector{stretch(0, 5, "a")});
        QCOMPARE(*sum.share(), 1.0);
        QVERIFY(!sum.kappa()); // one label only: nothing beyond chance
    }
};

QTEST_GUILESS_MAIN(TestLabelAgreement)
#include "tst_label_agreement.moc"
