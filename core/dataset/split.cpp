// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/split.h"

#include "core/base/random.h"

#include <QMap>
#include <QSet>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ember::dataset {
namespace {

struct NamedMethod
{
    SplitMethod method;
    const char* name;
};

constexpr std::array kMethods = {
    NamedMethod{SplitMethod::Group, "group"},
    NamedMethod{SplitMethod::Recording, "recording"},
    NamedMethod{SplitMethod::Time, "time"},
};

// How many random orders a hold-out tries. Enough for a balanced test side, few enough that the seed decides which one.
constexpr int kHoldOutTries = 8;

/// What must stay together: its items, and how many of each label.
struct Unit
{
    QString name;
    std::vector<qsizetype> items;
    std::vector<double> labels;
};

std::size_t labelCount(const std::vector<SplitItem>& items)
{
    qint32 largest = -1;
    for (const SplitItem& item : items)
        largest = std::max(largest, item.label);
    // One place more for "no label".
    return static_cast<std::size_t>(largest) + 2;
}

// An item without a group is of its recording's group; the prefix keeps it apart from a group of that name.
QString unitName(const SplitItem& item, SplitMethod method)
{
    if (method == SplitMethod::Group && !item.group.isEmpty())
        return QStringLiteral("g:") + item.group;
    return QStringLiteral("r:%1").arg(item.recording, 20, 10, QLatin1Char('0'));
}

// In the order of names, so that the order of items makes no difference to who is drawn.
std::vector<Unit> unitsOf(const std::vector<SplitItem>& items, SplitMethod method)
{
    const std::size_t labels = labelCount(items);
    QMap<QString, Unit> byName;
    for (std::size_t i = 0; i < items.size(); ++i) {
        Unit& unit = byName[unitName(items[i], method)];
        unit.labels.resize(labels, 0.0);
        unit.items.push_back(static_cast<qsizetype>(i));
        unit.labels[static_cast<std::size_t>(items[i].label + 1)] += 1.0;
    }
    std::vector<Unit> units;
    for (auto it = byName.begin(); it != byName.end(); ++it) {
        it->name = it.key();
        units.push_back(*it);
    }
    return units;
}

void addTo(std::vector<double>& sums, const std::vector<double>& more)
{
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] += more[i];
}

std::vector<double> labelTotals(const std::vector<Unit>& units)
{
    std::vector<double> totals(units.empty() ? 0 : units.front().labels.size(), 0.0);
    for (const Unit& unit : units)
        addTo(totals, unit.labels);
    return totals;
}

// How far a side is from having `share` of every label: the mean of squared differences, each label as important.
double distance(const std::vector<double>& side, const std::vector<double>& totals, double share)
{
    double sum = 0;
    int labels = 0;
    for (std::size_t i = 0; i < totals.size(); ++i) {
        if (totals[i] <= 0)
            continue;
        const double difference = side[i] / totals[i] - share;
        sum += difference * difference;
        ++labels;
    }
    return labels > 0 ? sum / labels : 0;
}

QStringList groupsOf(const std::vector<SplitItem>& items, const std::vector<qsizetype>& indices)
{
    QSet<QString> names;
    for (const qsizetype index : indices)
        names.insert(items[static_cast<std::size_t>(index)].group);
    names.remove(QString());
    QStringList sorted(names.begin(), names.end());
    sorted.sort();
    return sorted;
}

Fold makeFold(const std::vector<SplitItem>& items, std::vector<qsizetype> train, std::vector<qsizetype> test)
{
    Fold fold;
    fold.train = std::move(train);
    fold.test = std::move(test);
    std::sort(fold.train.begin(), fold.train.end());
    std::sort(fold.test.begin(), fold.test.end());
    fold.trainGroups = groupsOf(items, fold.train);
    fold.testGroups = groupsOf(items, fold.test);
    return fold;
}

Fold foldOfUnits(const std::vector<SplitItem>& items, const std::vector<Unit>& units, const std::vector<bool>& inTest)
{
    std::vector<qsizetype> train;
    std::vector<qsizetype> test;
    for (std::size_t u = 0; u < units.size(); ++u) {
        std::vector<qsizetype>& side = inTest[u] ? test : train;
        side.insert(side.end(), units[u].items.begin(), units[u].items.end());
    }
    return makeFold(items, std::move(train), std::move(test));
}

Error tooFewUnits(std::size_t units, SplitMethod method)
{
    return Error(ErrorKind::Usage,
                 QStringLiteral("%1 %2 cannot be divided into train and test.")
                     .arg(units)
                     .arg(method == SplitMethod::Group ? QStringLiteral("group(s)") : QStringLiteral("recording(s)")),
                 QStringLiteral("Record more subjects or sessions, or split by recording or time."));
}

// Random orders of units, each taken into the test side as long as that brings it nearer to its share; the best wins.
std::vector<bool> chooseTestUnits(const std::vector<Unit>& units, double testShare, quint64 seed)
{
    const std::vector<double> totals = labelTotals(units);
    Random random(seed);
    std::vector<std::size_t> order(units.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::vector<bool> best;
    double bestDistance = std::numeric_limits<double>::infinity();
    for (int attempt = 0; attempt < kHoldOutTries; ++attempt) {
        random.shuffle(order);
        std::vector<bool> inTest(units.size(), false);
        std::vector<double> side(totals.size(), 0.0);
        std::size_t taken = 0;
        for (const std::size_t unit : order) {
            std::vector<double> with = side;
            addTo(with, units[unit].labels);
            const bool better = distance(with, totals, testShare) < distance(side, totals, testShare);
            // Neither side may stay empty.
            if ((!better && taken > 0) || taken + 1 == units.size())
                continue;
            side = std::move(with);
            inTest[unit] = true;
            ++taken;
        }
        if (const double d = distance(side, totals, testShare); d < bestDistance) {
            bestDistance = d;
            best = inTest;
        }
    }
    return best;
}

bool isEmpty(const std::vector<double>& side)
{
    return std::all_of(side.begin(), side.end(), [](double count) { return count == 0; });
}

// The fold that a unit brings nearest to its share of every label. When only as many units are left as there are empty
// folds, those come first: no fold may stay empty.
std::size_t chooseFold(const std::vector<std::vector<double>>& sides, const Unit& unit,
                       const std::vector<double>& totals, std::size_t unitsLeft)
{
    const auto empty = static_cast<std::size_t>(std::count_if(sides.begin(), sides.end(), isEmpty));
    const double share = 1.0 / static_cast<double>(sides.size());
    std::size_t best = 0;
    double bestGain = -std::numeric_limits<double>::infinity();
    for (std::size_t f = 0; f < sides.size(); ++f) {
        if (unitsLeft <= empty && !isEmpty(sides[f]))
            continue;
        std::vector<double> with = sides[f];
        addTo(with, unit.labels);
        const double gain = distance(sides[f], totals, share) - distance(with, totals, share);
        if (gain > bestGain) {
            bestGain = gain;
            best = f;
        }
    }
    return best;
}

bool overlaps(const SplitItem& item, qint64 begin, qint64 end)
{
    return item.begin < end && item.end > begin;
}

// In every recording one stretch is tested; windows that reach over its ends would be on both sides and are on neither.
Fold holdOutTime(const std::vector<SplitItem>& items, double testShare, quint64 seed)
{
    Random random(seed);
    std::vector<qsizetype> train;
    std::vector<qsizetype> test;
    for (const Unit& recording : unitsOf(items, SplitMethod::Time)) {
        qint64 first = std::numeric_limits<qint64>::max();
        qint64 last = 0;
        for (const qsizetype i : recording.items) {
            first = std::min(first, items[static_cast<std::size_t>(i)].begin);
            last = std::max(last, items[static_cast<std::size_t>(i)].end);
        }
        const auto length = std::max<qint64>(std::llround(static_cast<double>(last - first) * testShare), 1);
        const qint64 slack = std::max<qint64>(last - first - length, 0);
        const qint64 begin = first + static_cast<qint64>(random.below(static_cast<quint64>(slack) + 1));
        for (const qsizetype i : recording.items) {
            const SplitItem& item = items[static_cast<std::size_t>(i)];
            if (item.begin >= begin && item.end <= begin + length)
                test.push_back(i);
            else if (!overlaps(item, begin, begin + length))
                train.push_back(i);
        }
    }
    return makeFold(items, std::move(train), std::move(test));
}

} // namespace

QString splitMethodName(SplitMethod method)
{
    for (const NamedMethod& entry : kMethods) {
        if (entry.method == method)
            return QString::fromLatin1(entry.name);
    }
    return QStringLiteral("unknown");
}

Result<SplitMethod> splitMethodFromName(const QString& name)
{
    for (const NamedMethod& entry : kMethods) {
        if (name == QLatin1String(entry.name))
            return entry.method;
    }
    return Error(ErrorKind::Usage, QStringLiteral("There is no way to split by '%1'.").arg(name),
                 QStringLiteral("Split by group, recording or time."));
}

std::vector<SplitItem> splitItems(const WindowSet& windows)
{
    std::vector<SplitItem> items;
    items.reserve(windows.windows.size());
    for (const Window& window : windows.windows)
        items.push_back({windows.groupNames.value(window.group), window.recording.value, window.begin,
                         window.begin + windows.spec.rows, window.label});
    return items;
}

Result<Fold> holdOut(const std::vector<SplitItem>& items, SplitMethod method, double testShare, quint64 seed)
{
    if (!(testShare > 0 && testShare < 1))
        return Error(ErrorKind::Usage, QStringLiteral("A test share of %1 leaves one side empty.").arg(testShare),
                     QStringLiteral("Give a share between 0 and 1, such as 0.25."));
    Fold fold;
    if (method == SplitMethod::Time) {
        fold = holdOutTime(items, testShare, seed);
    } else {
        const std::vector<Unit> units = unitsOf(items, method);
        if (units.size() < 2)
            return tooFewUnits(units.size(), method);
        fold = foldOfUnits(items, units, chooseTestUnits(units, testShare, seed));
    }
    if (fold.train.empty() || fold.test.empty())
        return Error(ErrorKind::Usage, QStringLiteral("The recordings are too short to be split by time."),
                     QStringLiteral("Use shorter windows, or split by recording."));
    fold.mixesGroups = method != SplitMethod::Group;
    return fold;
}

Result<Fold> holdOutGroups(const std::vector<SplitItem>& items, const QStringList& testGroups)
{
    std::vector<qsizetype> train;
    std::vector<qsizetype> test;
    QSet<QString> found;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool isTest = testGroups.contains(items[i].group);
        (isTest ? test : train).push_back(static_cast<qsizetype>(i));
        if (isTest)
            found.insert(items[i].group);
    }
    for (const QString& wanted : testGroups) {
        if (!found.contains(wanted))
            return Error(ErrorKind::Usage, QStringLiteral("There is no group '%1'.").arg(wanted),
                         QStringLiteral("Groups are: %1.").arg(groupsOf(items, train).join(QStringLiteral(", "))));
    }
    if (train.empty() || test.empty())
        return Error(ErrorKind::Usage, QStringLiteral("One side of the split would be empty."),
                     QStringLiteral("Name some of the groups, not all and not none."));
    return makeFold(items, std::move(train), std::move(test));
}

Result<std::vector<Fold>> groupKFold(const std::vector<SplitItem>& items, int folds, quint64 seed)
{
    std::vector<Unit> units = unitsOf(items, SplitMethod::Group);
    if (folds < 2 || units.size() < static_cast<std::size_t>(folds))
        return Error(ErrorKind::Usage, QStringLiteral("%1 groups cannot make %2 folds.").arg(units.size()).arg(folds),
                     QStringLiteral("Use between 2 folds and as many as there are groups."));
    Random random(seed);
    random.shuffle(units);
    // Large groups first: what comes last can even out.
    std::stable_sort(units.begin(), units.end(),
                     [](const Unit& a, const Unit& b) { return a.items.size() > b.items.size(); });
    const std::vector<double> totals = labelTotals(units);
    std::vector<std::vector<double>> sides(static_cast<std::size_t>(folds), std::vector<double>(totals.size(), 0.0));
    std::vector<std::size_t> foldOf(units.size());
    for (std::size_t u = 0; u < units.size(); ++u) {
        foldOf[u] = chooseFold(sides, units[u], totals, units.size() - u);
        addTo(sides[foldOf[u]], units[u].labels);
    }
    std::vector<Fold> out;
    for (std::size_t f = 0; f < sides.size(); ++f) {
        std::vector<bool> inTest(units.size());
        for (std::size_t u = 0; u < units.size(); ++u)
            inTest[u] = foldOf[u] == f;
        out.push_back(foldOfUnits(items, units, inTest));
    }
    return out;
}

Result<std::vector<Fold>> leaveOneGroupOut(const std::vector<SplitItem>& items)
{
    const std::vector<Unit> units = unitsOf(items, SplitMethod::Group);
    if (units.size() < 2)
        return tooFewUnits(units.size(), SplitMethod::Group);
    std::vector<Fold> folds;
    for (std::size_t left = 0; left < units.size(); ++left) {
        std::vector<bool> inTest(units.size(), false);
        inTest[left] = true;
        folds.push_back(foldOfUnits(items, units, inTest));
    }
    return folds;
}

Result<std::vector<Fold>> randomKFold(const std::vector<SplitItem>& items, int folds, quint64 seed)
{
    if (folds < 2 || items.size() < static_cast<std::size_t>(folds))
        return Error(ErrorKind::Usage, QStringLiteral("%1 windows cannot make %2 folds.").arg(items.size()).arg(folds),
                     QStringLiteral("Use between 2 folds and as many as there are windows."));
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    Random random(seed);
    random.shuffle(order);
    std::stable_sort(order.begin(), order.end(),
                     [&items](std::size_t a, std::size_t b) { return items[a].label < items[b].label; });
    std::vector<Fold> out;
    for (std::size_t f = 0; f < static_cast<std::size_t>(folds); ++f) {
        std::vector<qsizetype> train;
        std::vector<qsizetype> test;
        for (std::size_t i = 0; i < order.size(); ++i)
            (i % static_cast<std::size_t>(folds) == f ? test : train).push_back(static_cast<qsizetype>(order[i]));
        out.push_back(makeFold(items, std::move(train), std::move(test)));
        out.back().mixesGroups = true;
    }
    return out;
}

} // namespace ember::dataset
