// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/parameters.h"
#include "core/learn/search_space.h"
#include "core/workflow/tune.h"

#include <QSet>
#include <QTest>

#include <cmath>
#include <random>

using namespace ember;
using namespace ember::workflow;

namespace {

plugin::ParameterSpec number(const char* key, plugin::ParameterType type, QVariant usual, QVariant low, QVariant high)
{
    plugin::ParameterSpec spec;
    spec.key = QLatin1String(key);
    spec.type = type;
    spec.defaultValue = std::move(usual);
    spec.minimum = std::move(low);
    spec.maximum = std::move(high);
    return spec;
}

QList<plugin::ParameterSpec> specs()
{
    using plugin::ParameterType;
    plugin::ParameterSpec kind;
    kind.key = QStringLiteral("kind");
    kind.type = ParameterType::Choice;
    kind.choices = {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")};
    kind.defaultValue = QStringLiteral("a");
    plugin::ParameterSpec on;
    on.key = QStringLiteral("on");
    on.type = ParameterType::Boolean;
    on.defaultValue = true;
    return {number("few", ParameterType::Integer, 2, 1, 4), number("rate", ParameterType::Real, 0.1, 0.001, 1.0),
            number("open", ParameterType::Integer, 0, 0, {}), kind, on};
}

Trial trialOf(double f1, double flash, double ram, double instructions)
{
    Trial trial;
    trial.f1 = f1;
    trial.withinBudget = true;
    footprint::ModelCost cost;
    cost.flashBytes.value = flash;
    cost.ramBytes.value = ram;
    cost.instructions = footprint::OptionalCost::of(instructions, footprint::CostSource::Estimated);
    trial.cost = cost;
    return trial;
}

} // namespace

class TestTune : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void drawsAreValidAndCoverTheRange()
    {
        QSet<qint64> few;
        QSet<QString> kinds;
        int small = 0;
        for (quint64 seed = 0; seed < 400; ++seed) {
            const QVariantMap drawn = learn::drawParameters(specs(), {}, seed);
            const auto complete = learn::completeParameters(specs(), drawn);
            QVERIFY2(complete, complete ? "" : qPrintable(complete.error().message));
            QCOMPARE(drawn, learn::drawParameters(specs(), {}, seed));
            few.insert(drawn.value(QStringLiteral("few")).toLongLong());
            kinds.insert(drawn.value(QStringLiteral("kind")).toString());
            small += drawn.value(QStringLiteral("rate")).toDouble() < std::sqrt(0.005 * 0.4);
        }
        QCOMPARE(few, (QSet<qint64>{1, 2, 3, 4}));
        QCOMPARE(static_cast<int>(kinds.size()), 3);
        // Even by magnitude between a twentieth and four times the default: half are below the geometric middle.
        QVERIFY2(small > 150 && small < 250, qPrintable(QString::number(small)));
        const QVariantMap fixed = learn::drawParameters(specs(), {{QStringLiteral("few"), 3}}, 9);
        QCOMPARE(fixed.value(QStringLiteral("few")).toInt(), 3);
    }

    void theFrontIsWhatNoOtherDominates()
    {
        std::mt19937 random(5);
        for (int round = 0; round < 200; ++round) {
            std::vector<Trial> trials;
            for (int i = 0; i < 12; ++i)
                trials.push_back(trialOf(random() % 4, random() % 4, random() % 3, random() % 3));
            trials[3].withinBudget = false;
            trials[4].cost.reset();
            trials[5].error = Error(ErrorKind::Failed, QStringLiteral("It did not work."));
            markFront(trials);
            for (std::size_t a = 0; a < trials.size(); ++a) {
                bool beaten = a == 3 || a == 4 || a == 5;
                for (std::size_t b = 0; b < trials.size() && !beaten; ++b) {
                    if (b == 3 || b == 4 || b == 5)
                        continue;
                    const Trial &x = trials[a], &y = trials[b];
                    const double xi = x.cost->instructions.cost->value, yi = y.cost->instructions.cost->value;
                    const bool noWorse = y.f1 >= x.f1 && y.cost->flashBytes.value <= x.cost->flashBytes.value &&
                                         y.cost->ramBytes.value <= x.cost->ramBytes.value && yi <= xi;
                    const bool equal = y.f1 == x.f1 && y.cost->flashBytes.value == x.cost->flashBytes.value &&
                                       y.cost->ramBytes.value == x.cost->ramBytes.value && yi == xi;
                    beaten = noWorse && !equal;
                }
                QCOMPARE(trials[a].onFront, !beaten);
            }
        }
    }

    void theBetterThirdStays()
    {
        std::vector<Trial> trials(8);
        const double scores[] = {0.1, 0.9, 0.5, 0.7, 0.3, 0.7, 0.2, 0};
        for (std::size_t i = 0; i < 7; ++i)
            trials[i].screeningF1 = scores[i];
        trials[7].error = Error(ErrorKind::Failed, QStringLiteral("no score"));
        eliminate(trials);
        std::vector<bool> out;
        for (const Trial& trial : trials)
            out.push_back(trial.eliminated);
        // Three of seven, for the second of the third is as good as its last.
        QCOMPARE(out, (std::vector<bool>{true, false, true, false, true, false, true, false}));
    }
};

QTEST_GUILESS_MAIN(TestTune)
#include "tst_tune.moc"
