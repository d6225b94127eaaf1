// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/memory_plan.h"
#include "core/device/board.h"
#include "core/footprint/energy.h"
#include "core/footprint/estimate.h"
#include "core/footprint/inputs.h"
#include "core/footprint/verify.h"
#include "tests/codegen/sample_models.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <limits>

using namespace ember;
using namespace ember::footprint;
using namespace ember::codegen::test;

namespace {

device::Board boardWith(const QString& cpu, bool fpu)
{
    device::Board board;
    board.id = QStringLiteral("test");
    board.cpu = cpu;
    board.fpu = fpu;
    return board;
}

codegen::LoweredModel digits(const char* name, const codegen::Options& options = {})
{
    const auto model = model::loadModel(modelPath(QString::fromLatin1(name) + QStringLiteral(".onnx")));
    return codegen::lower(model.value(), options).value();
}

codegen::LoweredModel windowed()
{
    const auto windows = motionWindows(1, 20, 64);
    return codegen::lower(windowModel(motionPipeline(64, 32), windows, 2)).value();
}

} // namespace

class TestEstimate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyNumberSaysThatItIsAnEstimateOrWhyItIsNotThere()
    {
        const ModelCost cost = estimate(digits("digits_rf10"), boardWith(QStringLiteral("Cortex-M4F"), true)).value();
        for (const Cost& c : {cost.flashBytes, cost.flashCodeBytes, cost.flashConstBytes, cost.ramBytes}) {
            QVERIFY(c.value > 0);
            QCOMPARE(c.source, CostSource::Estimated);
        }
        QCOMPARE(cost.instructions.cost->source, CostSource::Estimated);
        for (const OptionalCost& c : {cost.cycles, cost.energyMicrojoules, cost.stackBytes, cost.instructionsMax})
            QVERIFY(!c.cost && !c.reason.isEmpty());
        const QJsonObject json = toJson(cost);
        for (const char* key : {"flash_bytes", "ram_bytes", "instructions", "cycles", "energy_uj", "source", "stages"})
            QVERIFY2(json.contains(QLatin1String(key)), key);
        QVERIFY(json.value(QStringLiteral("energy_uj")).isNull());
        QVERIFY(!json.value(QStringLiteral("energy_uj_reason")).toString().isEmpty());
        QCOMPARE(json.value(QStringLiteral("source")).toString(), QStringLiteral("estimated"));
        QCOMPARE(json.value(QStringLiteral("flash_bytes")).toDouble(), std::round(cost.flashBytes.value));
        // What a project keeps of it is all of it.
        QCOMPARE(toJson(costFromJson(json).value()), json);
        QVERIFY(!costFromJson({}));
        QVERIFY(
            !costFromJson({{QStringLiteral("source"), QStringLiteral("guessed")}, {QStringLiteral("flash_bytes"), 1}}));
    }

    void energyIsCurrentTimesTime()
    {
        device::Board board = boardWith(QStringLiteral("Cortex-M4F"), true);
        board.clockHz = 10'000'000;
        board.activeMilliamps = 5;
        board.sleepMicroamps = 20;
        board.supplyVolts = 3;
        ModelCost cost;
        cost.instructions = OptionalCost::of(100'000, CostSource::Emulated);
        cost.cycles = OptionalCost::none(QStringLiteral("not counted"));
        // 100,000 instructions of 1.4 cycles at 10 MHz: 14 ms. 5 mA at 3 V are 15 mW: 210 µJ. Twice a second: 2.8 % of
        // the time at 5 mA, the rest at 0.02 mA: 0.14 + 0.01944 mA. 220 mAh / 0.15944 mA = 1379.83 h.
        const Duty duty{2, 220};
        const EnergyUse use = energyUse(cost, board, duty);
        QCOMPARE(use.milliseconds.cost->value, 14.0);
        QCOMPARE(use.milliseconds.cost->source, CostSource::Estimated); // cycles are assumed
        QVERIFY(use.assumption.contains(QStringLiteral("1.4 cycles an instruction")));
        QCOMPARE(use.microjoules.cost->value, 210.0);
        QCOMPARE(use.duty.cost->value, 0.028);
        QCOMPARE(use.averageMilliamps.cost->value, 0.15944);
        QVERIFY(std::abs(use.batteryHours.cost->value - 1379.83) < 0.01);

        cost.cycles = OptionalCost::of(100'000, CostSource::Emulated);
        const EnergyUse counted = energyUse(cost, board, duty);
        QCOMPARE(counted.milliseconds.cost->value, 10.0);
        QCOMPARE(counted.milliseconds.cost->source, CostSource::Emulated);
        QVERIFY(counted.assumption.isEmpty());
        QCOMPARE(counted.microjoules.cost->value, 150.0);
        QCOMPARE(counted.microjoules.cost->source, CostSource::Estimated); // the current is a data sheet's

        // An emulated profile with an estimated energy keeps both sources.
        cost.source = CostSource::Emulated;
        cost.energyMicrojoules = counted.microjoules;
        QCOMPARE(costFromJson(toJson(cost))->energyMicrojoules.cost, counted.microjoules.cost);
        QCOMPARE(costFromJson(toJson(cost))->cycles.cost->source, CostSource::Emulated);
    }

    void energyThatIsNotKnownSaysWhy()
    {
        device::Board board = boardWith(QStringLiteral("Cortex-M4F"), true);
        board.clockHz = 10'000'000;
        ModelCost cost;
        cost.instructions = OptionalCost::of(100'000, CostSource::Emulated);
        const EnergyUse noCurrent = energyUse(cost, board, {1, 220});
        QVERIFY(noCurrent.milliseconds.cost);
        for (const OptionalCost& c : {noCurrent.microjoules, noCurrent.averageMilliamps, noCurrent.batteryHours})
            QVERIFY(!c.cost && c.reason.contains(QStringLiteral("current")));
        board.activeMilliamps = 5;
        board.supplyVolts = 3;
        QVERIFY(energyUse(cost, board, {1, 220}).averageMilliamps.reason.contains(QStringLiteral("sleep")));
        board.sleepMicroamps = 20;
        QVERIFY(!energyUse(cost, board).duty.cost);
        QVERIFY(!energyUse(cost, board, {1, {}}).batteryHours.cost);
        // 100 inferences of 14 ms do not fit into a second.
        const EnergyUse late = energyUse(cost, board, {100, 220});
        QCOMPARE(late.duty.cost->value, 1.4);
        QVERIFY(!late.averageMilliamps.cost && late.averageMilliamps.reason.contains(QStringLiteral("longer")));
        cost.instructions = OptionalCost::none(QStringLiteral("no"));
        QVERIFY(!energyUse(cost, board, {1, 220}).milliseconds.cost);
        const QJsonObject json = toJson(energyUse(cost, board, {1, 220}));
        QVERIFY(json.value(QStringLiteral("battery_hours")).isNull());
        QVERIFY(!json.value(QStringLiteral("battery_hours_reason")).toString().isEmpty());
    }

    void readingsHaveThreeDigitsThatTell()
    {
        QCOMPARE(formatReading(0.03412), QStringLiteral("0.0341"));
        QCOMPARE(formatReading(3.414), QStringLiteral("3.41"));
        QCOMPARE(formatReading(127.6), QStringLiteral("128"));
        QCOMPARE(formatReading(12345.4), QStringLiteral("12,345"));
        QCOMPARE(formatReading(0), QStringLiteral("0"));
    }

    void memoryIsExact()
    {
        const codegen::LoweredModel forest = digits("digits_rf10", {.featureType = codegen::FeatureType::Int8});
        QCOMPARE(codegen::planMemory(forest).value().total(), qint64(64 + 10 * 4));
        const codegen::MemoryPlan plan = codegen::planMemory(windowed()).value();
        QCOMPARE(plan.window, qint64(64 * 3 * 2));
        QVERIFY(plan.scratch > 0);
    }

    void moreWorkCostsMore()
    {
        const device::Board fpu = boardWith(QStringLiteral("Cortex-M4F"), true);
        const device::Board soft = boardWith(QStringLiteral("Cortex-M3"), false);
        const auto cost = [](const codegen::LoweredModel& model, const device::Board& board) {
            return estimate(model, board).value();
        };
        const auto instructions = [&](const codegen::LoweredModel& model, const device::Board& board) {
            return cost(model, board).instructions.cost->value;
        };
        const codegen::LoweredModel small = digits("digits_dt8");
        const codegen::LoweredModel large = digits("digits_rf10");
        const codegen::LoweredModel fast = digits("digits_rf10", {.optimise = codegen::Optimise::Speed});
        QVERIFY(cost(small, fpu).flashBytes.value * 3 < cost(large, fpu).flashBytes.value);
        QVERIFY(instructions(small, fpu) * 3 < instructions(large, fpu));
        QVERIFY(instructions(fast, fpu) * 2 < instructions(large, fpu));
        QVERIFY(cost(large, fpu).flashBytes.value * 2 < cost(fast, fpu).flashBytes.value);
        // Feature extraction is float work.
        QVERIFY(instructions(windowed(), fpu) * 5 < instructions(windowed(), soft));
        QCOMPARE(cost(windowed(), fpu).stages.size(), std::size_t(2));
    }

    void everyCoreHasFiguresInItsOwnUnit()
    {
        const codegen::LoweredModel forest = digits("digits_rf10");
        const codegen::LoweredModel perceptron = digits("digits_mlp");
        const codegen::LoweredModel motion = windowed();
        const ModelCost m3 = estimate(perceptron, boardWith(QStringLiteral("Cortex-M3"), false)).value();
        const double thumb = m3.instructions.cost->value;
        for (const char* cpu : {"Cortex-M0", "Cortex-M0+", "RV32IMAC"}) {
            const device::Board board = boardWith(QString::fromLatin1(cpu), false);
            // The same kernels in shorter instructions are more of them.
            QVERIFY(estimate(perceptron, board)->instructions.cost->value > 1.2 * thumb);
            QVERIFY(estimate(forest, board)->instructions.cost && estimate(motion, board)->instructions.cost);
        }
        const device::Board avr = boardWith(QStringLiteral("ATmega328P"), false);
        for (const codegen::LoweredModel* model : {&forest, &perceptron, &motion}) {
            const ModelCost cost = estimate(*model, avr).value();
            QVERIFY(cost.cycles.cost && !cost.instructions.cost && !cost.instructions.reason.isEmpty());
            double sum = 0;
            for (const StageCost& stage : cost.stages) {
                QCOMPARE(stage.unit, WorkUnit::Cycles);
                sum += stage.work.value;
            }
            QVERIFY(std::abs(sum - cost.cycles.cost->value) < 1e-6 * sum);
        }
        // An AVR has the model's descriptor and ten pointers to class names in RAM.
        const double there = estimate(forest, avr)->ramBytes.value;
        QCOMPARE(there, static_cast<double>(codegen::planMemory(forest)->total()) + 32 + 2 * 10);
    }

    void unknownProcessorsAreSaidToBeUnknown()
    {
        const auto cost = estimate(digits("digits_dt8"), boardWith(QStringLiteral("Z80"), false));
        QVERIFY(!cost);
        QCOMPARE(cost.error().kind, ErrorKind::Unsupported);
        QVERIFY(cost.error().message.contains(QStringLiteral("Z80")));
    }

    void inputsAreCheckedBeforeAnythingIsBuilt()
    {
        const auto program = codegen::HostProgram::make(digits("digits_rf10")).value();
        const auto kind = [&](const Inputs& inputs) {
            const auto encoded = encodeInputs(program, inputs);
            return encoded ? QStringLiteral("accepted") : errorKindName(encoded.error().kind);
        };
        QCOMPARE(kind(FeatureRows{std::vector<float>(128, 1.0f), 64}), QStringLiteral("accepted"));
        QCOMPARE(kind(FeatureRows{}), QStringLiteral("usage"));
        QCOMPARE(kind(FeatureRows{std::vector<float>(126, 1.0f), 63}), QStringLiteral("usage"));
        QCOMPARE(kind(FeatureRows{std::vector<float>(64, 0.5f), 64}), QStringLiteral("usage"));
        QCOMPARE(kind(WindowRows{{QByteArray(100, 'x')}}), QStringLiteral("usage"));
        const auto windows = codegen::HostProgram::make(windowed()).value();
        QVERIFY(!encodeInputs(windows, WindowRows{{QByteArray(100, 'x')}}));
        QCOMPARE(encodeInputs(windows, WindowRows{motionWindows(1, 9, 64)}, 4).value().rows.size(), std::size_t(4));

        const model::Model model = model::loadModel(modelPath(QStringLiteral("digits_rf10.onnx"))).value();
        VerifyOptions options;
        options.expectedLabels = {1};
        const auto report = verify(program, model, boardWith(QStringLiteral("Cortex-M3"), false),
                                   FeatureRows{std::vector<float>(128, 1.0f), 64}, options);
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::Usage);
    }

    void reportsWithoutInstructionsSayNull()
    {
        VerifyReport report;
        report.rows = 3;
        report.work = {std::numeric_limits<double>::quiet_NaN(), CostSource::Measured};
        report.maxAbsDiff = std::numeric_limits<double>::infinity();
        const QJsonObject json = toJson(report);
        QVERIFY(json.value(QStringLiteral("instructions")).isNull());
        QVERIFY(json.value(QStringLiteral("max_abs_diff")).isNull());
        QVERIFY(!json.contains(QStringLiteral("expect")));
        QCOMPARE(json.value(QStringLiteral("source")).toString(), QStringLiteral("measured"));
        QVERIFY(!report.passed());
    }
};

QTEST_GUILESS_MAIN(TestEstimate)
#include "tst_estimate.moc"
