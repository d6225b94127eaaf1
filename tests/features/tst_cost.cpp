// SPDX-License-Identifier: GPL-3.0-or-later
// Holds the cost formulas of feature extraction against instructions counted on emulated boards. Counts are exact and
// repeatable, so nothing here depends on how busy this computer is.
#include "core/base/process.h"
#include "core/features/block.h"
#include "core/features/cost.h"
#include "core/features/presets.h"
#include "tests/features/program/plan_program.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace ember;
using namespace ember::features;
using namespace ember::features::testing;

namespace {

/// SysTick counts at 25 MHz on these boards; with shift 5 an instruction takes 32 ns.
constexpr int kShift = 5;
constexpr double kInstructionsPerTick = 40.0 / 32.0;

} // namespace

class TestCost : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!programExists(QStringLiteral("arm-none-eabi-g++")) || !programExists(QStringLiteral("qemu-system-arm")))
            QSKIP("gcc-arm-none-eabi or qemu-system-arm is not installed");
        m_recorded = conformanceCases(QStringLiteral(EMBERLAB_TEST_DATA)).back();
    }

    void estimatesAreNearCounts_data()
    {
        QTest::addColumn<QString>("board");
        QTest::addColumn<QString>("pipeline");
        for (const char* board : {"mps2-an385", "mps2-an386", "mps2-m0"}) {
            for (const char* pipeline : {"motion", "generic", "statistics", "spectrum", "magnitude", "correlation",
                                         "quantiles", "autocorrelation", "wavelet", "tilt", "filtered", "raw",
                                         "raw whole", "raw standard", "sound", "sound fixed"})
                QTest::addRow("%s %s", board, pipeline) << board << pipeline;
        }
    }

    void estimatesAreNearCounts()
    {
        QFETCH(QString, board);
        QFETCH(QString, pipeline);
        const Pipeline measured = pipelineNamed(pipeline);
        const ExtractionPlan plan = planFor(measured).value();
        const auto target = boardTarget(board);
        QVERIFY(target);
        const auto lines = runOnBoard(programText(plan, m_recorded.windows, true), *target,
                                      {QStringLiteral("-Os"), QStringLiteral("-ffunction-sections")}, kShift);
        QVERIFY2(lines, qPrintable(lines ? QString() : lines.error().toString()));
        QCOMPARE(lines->size(), qsizetype(m_recorded.windows.size()));
        double mean = 0;
        for (const QString& line : *lines)
            mean += line.toUInt(nullptr, 16) * kInstructionsPerTick / static_cast<double>(lines->size());

        const CpuClass cpu = board == QStringLiteral("mps2-an385") ? CpuClass::FloatLibrary
                             : board == QStringLiteral("mps2-m0")  ? CpuClass::FloatLibraryArmV6
                                                                   : CpuClass::FloatHardware;
        const double estimate = estimateExtraction(plan, cpu).instructions;
        const double error = estimate / mean - 1.0;
        qInfo("%s: estimated %.0f, counted %.0f, error %+.1f %%", qPrintable(pipeline), estimate, mean, 100 * error);
        QVERIFY2(std::abs(error) < 0.10, "the formulas of core/features/cost.cpp need fresh figures");
    }

private:
    Pipeline pipelineNamed(const QString& name) const
    {
        Pipeline pipeline = m_recorded.pipeline;
        if (presetNames().contains(name))
            return presetPipeline(name, pipeline.stream, pipeline.windowRows, pipeline.hopRows).value();
        if (name == QStringLiteral("filtered"))
            return pipelineFromText(R"([{"stage": "gravity", "channels": [0, 1, 2]},
                {"stage": "filter", "channels": [0], "parameters": {"kind": "high-pass", "order": 6}},
                {"stage": "decimate"}, {"block": "tones", "channels": [0, 7], "parameters": {"frequency": 5, "harmonics": 3}},
                {"block": "histogram", "channels": [2]}])",
                                    pipeline.stream, pipeline.windowRows, pipeline.hopRows)
                .value();
        if (name.startsWith(QStringLiteral("raw "))) {
            const bool whole = name == QStringLiteral("raw whole");
            pipeline.blocks = {makeUse(QStringLiteral("raw"), {0, 1, 2},
                                       {{"decimate", whole ? 1 : 5}, {"scaling", whole ? "none" : "standard"}})
                                   .value()};
            return pipeline;
        }
        if (name.startsWith(QStringLiteral("sound"))) {
            QJsonObject parameters = {{"fft-size", 128}, {"hop", 36}, {"mels", 12}, {"low", 1}, {"coefficients", 8}};
            parameters.insert("arithmetic", name == QStringLiteral("sound") ? "float" : "fixed");
            pipeline.blocks = {makeUse(QStringLiteral("audio"), {0, 1, 2}, parameters).value()};
            return pipeline;
        }
        pipeline.blocks = {makeUse(name, {0, 1, 2}).value()};
        return pipeline;
    }

    PlanCase m_recorded;
};

QTEST_GUILESS_MAIN(TestCost)
#include "tst_cost.moc"
