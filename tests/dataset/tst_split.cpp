// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/split.h"
#include "samples.h"

#include <QRandomGenerator>
#include <QSet>

#include <cmath>
#include <set>

using namespace ember;
using namespace ember::dataset;

namespace {

std::vector<SplitItem> randomItems(QRandomGenerator& random, int groups, int classes)
{
    std::vector<SplitItem> items;
    for (int g = 0; g < groups; ++g) {
        // Some recordings have no group and stand for themselves.
        const QString group = random.bounded(5) == 0 ? QString() : QStringLiteral("s%1").arg(g);
        for (int r = random.bounded(3); r >= 0; --r) {
            for (int i = random.bounded(1, 40); i > 0; --i)
                items.push_back({group, g * 10 + r, i * 50, i * 50 + 100, random.bounded(classes)});
        }
    }
    return items;
}

QString unitOf(const SplitItem& item)
{
    return item.group.isEmpty() ? QStringLiteral("recording %1").arg(item.recording) : item.group;
}

/// Both sides together are all items once, and no unit is on both.
void checkFold(const Fold& fold, const std::vector<SplitItem>& items)
{
    QSet<QString> trainUnits;
    QSet<QString> testUnits;
    std::vector<int> seen(items.size(), 0);
    for (const qsizetype i : fold.train) {
        trainUnits.insert(unitOf(items[static_cast<std::size_t>(i)]));
        ++seen[static_cast<std::size_t>(i)];
    }
    for (const qsizetype i : fold.test) {
        testUnits.insert(unitOf(items[static_cast<std::size_t>(i)]));
        ++seen[static_cast<std::size_t>(i)];
    }
    QVERIFY(!trainUnits.intersects(testUnits));
    QVERIFY(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
    QVERIFY(!fold.train.empty() && !fold.test.empty());
    QVERIFY(std::is_sorted(fold.train.begin(), fold.train.end()));
    QVERIFY(std::is_sorted(fold.test.begin(), fold.test.end()));
    for (const QString& group : fold.testGroups)
        QVERIFY(testUnits.contains(group) && !fold.trainGroups.contains(group));
}

int unitCount(const std::vector<SplitItem>& items)
{
    std::set<QString> units;
    for (const SplitItem& item : items)
        units.insert(unitOf(item));
    return static_cast<int>(units.size());
}

} // namespace

class TestSplit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void noGroupIsEverOnBothSides()
    {
        QRandomGenerator random(77);
        for (int round = 0; round < 150; ++round) {
            const auto items = randomItems(random, random.bounded(2, 14), random.bounded(1, 6));
            const int units = unitCount(items);
            const quint64 seed = random.generate64();
            if (units < 2) {
                QCOMPARE(holdOut(items, SplitMethod::Group, 0.25, seed).error().kind, ErrorKind::Usage);
                continue;
            }
            const auto fold = holdOut(items, SplitMethod::Group, 0.05 + 0.9 * random.generateDouble(), seed);
            VERIFY_OK(fold);
            checkFold(*fold, items);
            const int k = random.bounded(2, units + 1);
            const auto folds = groupKFold(items, k, seed);
            VERIFY_OK(folds);
            QCOMPARE(folds->size(), static_cast<std::size_t>(k));
            std::vector<int> tested(items.size(), 0);
            for (const Fold& f : *folds) {
                checkFold(f, items);
                for (const qsizetype i : f.test)
                    ++tested[static_cast<std::size_t>(i)];
            }
            QVERIFY(std::all_of(tested.begin(), tested.end(), [](int count) { return count == 1; }));
            const auto each = leaveOneGroupOut(items);
            VERIFY_OK(each);
            QCOMPARE(static_cast<int>(each->size()), units);
            for (const Fold& f : *each)
                checkFold(f, items);
            QCOMPARE(groupKFold(items, units + 1, seed).error().kind, ErrorKind::Usage);
        }
    }

    void theSeedDecides()
    {
        QRandomGenerator random(5);
        const auto items = randomItems(random, 12, 4);
        std::set<std::vector<qsizetype>> different;
        for (quint64 seed = 0; seed < 10; ++seed) {
            for (const SplitMethod method : {SplitMethod::Group, SplitMethod::Recording, SplitMethod::Time}) {
                const auto once = holdOut(items, method, 0.25, seed);
                const auto twice = holdOut(items, method, 0.25, seed);
                VERIFY_OK(once);
                QCOMPARE(once->test, twice->test);
                QCOMPARE(once->train, twice->train);
                different.insert(once->test);
            }
        }
        QVERIFY2(different.size() >= 15, qPrintable(QString::number(different.size())));
    }

    void theOrderOfItemsDoesNotMatter()
    {
        QRandomGenerator random(6);
        auto items = randomItems(random, 9, 3);
        const auto before = holdOut(items, SplitMethod::Group, 0.3, 42);
        std::reverse(items.begin(), items.end());
        const auto after = holdOut(items, SplitMethod::Group, 0.3, 42);
        QCOMPARE(after->testGroups, before->testGroups);
        QCOMPARE(after->test.size(), before->test.size());
    }

    void theTestSideHasItsShareOfEveryLabel()
    {
        // Twenty groups with every label in different amounts: a good choice exists, a careless one is far off.
        std::vector<SplitItem> items;
        for (int g = 0; g < 20; ++g) {
            for (int label = 0; label < 4; ++label) {
                for (int i = 0; i < 5 + (g * (label + 3)) % 7; ++i)
                    items.push_back({QStringLiteral("s%1").arg(g), g, i * 10, i * 10 + 10, label});
            }
        }
        for (quint64 seed = 1; seed <= 5; ++seed) {
            const auto fold = holdOut(items, SplitMethod::Group, 0.25, seed);
            VERIFY_OK(fold);
            for (int label = 0; label < 4; ++label) {
                const auto isLabel = [&](qsizetype i) { return items[static_cast<std::size_t>(i)].label == label; };
                const auto inTest = std::count_if(fold->test.begin(), fold->test.end(), isLabel);
                const auto inTrain = std::count_if(fold->train.begin(), fold->train.end(), isLabel);
                const double share = static_cast<double>(inTest) / static_cast<double>(inTest + inTrain);
                QVERIFY2(std::abs(share - 0.25) < 0.08, qPrintable(QString::number(share)));
            }
        }
    }

    void timeSplitsLeaveOutWhatReachesOverTheEnds()
    {
        std::vector<SplitItem> items;
        for (int recording = 0; recording < 3; ++recording) {
            for (qint64 begin = 0; begin + 100 <= 2000; begin += 25)
                items.push_back({QStringLiteral("s"), recording, begin, begin + 100, 0});
        }
        for (quint64 seed = 0; seed < 20; ++seed) {
            const auto fold = holdOut(items, SplitMethod::Time, 0.3, seed);
            VERIFY_OK(fold);
            for (const qsizetype a : fold->train) {
                for (const qsizetype b : fold->test) {
                    const SplitItem& train = items[static_cast<std::size_t>(a)];
                    const SplitItem& test = items[static_cast<std::size_t>(b)];
                    QVERIFY(train.recording != test.recording || train.end <= test.begin || train.begin >= test.end);
                }
            }
            QVERIFY(fold->test.size() > items.size() / 6 && fold->train.size() > items.size() / 3);
        }
    }

    void namedGroupsAreHeldOut()
    {
        std::vector<SplitItem> items;
        for (int g = 0; g < 4; ++g)
            items.push_back({QStringLiteral("s%1").arg(g), g, 0, 10, 0});
        const auto fold = holdOutGroups(items, {QStringLiteral("s1"), QStringLiteral("s3")});
        VERIFY_OK(fold);
        QCOMPARE(fold->test, (std::vector<qsizetype>{1, 3}));
        QCOMPARE(fold->trainGroups, (QStringList{QStringLiteral("s0"), QStringLiteral("s2")}));
        const auto unknown = holdOutGroups(items, {QStringLiteral("s9")});
        QCOMPARE(unknown.error().kind, ErrorKind::Usage);
        QVERIFY(unknown.error().hint.contains(QStringLiteral("s0")));
        QCOMPARE(holdOutGroups(items, {}).error().kind, ErrorKind::Usage);
        QCOMPARE(holdOutGroups(items, fold->trainGroups + fold->testGroups).error().kind, ErrorKind::Usage);
    }

    void impossibleSplitsAreRefused()
    {
        const std::vector<SplitItem> one{{QStringLiteral("s"), 1, 0, 10, 0}, {QStringLiteral("s"), 1, 10, 20, 0}};
        QCOMPARE(holdOut(one, SplitMethod::Group, 0.25, 1).error().kind, ErrorKind::Usage);
        QCOMPARE(holdOut(one, SplitMethod::Recording, 0.25, 1).error().kind, ErrorKind::Usage);
        QCOMPARE(holdOut({}, SplitMethod::Time, 0.25, 1).error().kind, ErrorKind::Usage);
        QCOMPARE(holdOut(one, SplitMethod::Time, 0.0, 1).error().kind, ErrorKind::Usage);
        QCOMPARE(holdOut(one, SplitMethod::Time, 1.0, 1).error().kind, ErrorKind::Usage);
        QCOMPARE(leaveOneGroupOut(one).error().kind, ErrorKind::Usage);
        QCOMPARE(groupKFold(one, 1, 1).error().kind, ErrorKind::Usage);
    }

    void methodsHaveNames()
    {
        for (const SplitMethod method : {SplitMethod::Group, SplitMethod::Recording, SplitMethod::Time})
            QCOMPARE(splitMethodFromName(splitMethodName(method)).value(), method);
        QCOMPARE(splitMethodFromName(QStringLiteral("luck")).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestSplit)
#include "tst_split.moc"
