// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/block.h"
#include "core/features/cost.h"
#include "core/features/extractor.h"
#include "core/features/presets.h"
#include "core/signal/sample_block.h"
#include "device-agent/runtime/statistics.hpp"

#include <QRandomGenerator>
#include <QTest>

#include <cstring>

using namespace ember;
using namespace ember::features;

namespace {

signal::StreamSpec stream(signal::SampleType type, int channels)
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("test");
    spec.type = type;
    spec.rateHz = 50;
    for (int c = 0; c < channels; ++c)
        spec.channels.push_back({QStringLiteral("c%1").arg(c), QStringLiteral("V"), 0.01 * (c + 1), 0.5 * c});
    return spec;
}

QByteArray randomRows(QRandomGenerator& random, const signal::StreamSpec& spec, int rows)
{
    QByteArray bytes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows) * spec.channels.size(); ++i) {
        const qint32 integer = static_cast<qint32>(random.generate());
        const auto real = static_cast<float>(random.generateDouble() * 8 - 4);
        const char* from = reinterpret_cast<const char*>(&integer);
        if (spec.type == signal::SampleType::Float32)
            from = reinterpret_cast<const char*>(&real);
        bytes.append(from, static_cast<qsizetype>(wire::elementSize(spec.type)));
    }
    return bytes;
}

std::vector<QByteArrayView> windowsOf(const QByteArray& rows, qsizetype windowBytes, qsizetype hopBytes)
{
    std::vector<QByteArrayView> windows;
    for (qsizetype at = 0; at + windowBytes <= rows.size(); at += hopBytes)
        windows.push_back(QByteArrayView(rows).sliced(at, windowBytes));
    return windows;
}

bool sameBits(std::span<const float> a, std::span<const float> b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

} // namespace

class TestExtractor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // The plan loads, loops and places outputs; by hand the same is: convert all rows, pick a channel, call the kernel.
    void aPlanComputesWhatKernelsByHandCompute()
    {
        QRandomGenerator random(1);
        for (auto type : {signal::SampleType::Int8, signal::SampleType::Int16, signal::SampleType::Int32,
                          signal::SampleType::Float32}) {
            const signal::StreamSpec spec = stream(type, 5);
            const std::vector<int> channels = {4, 0, 1, 3};
            const Pipeline pipeline{spec, 37, 10, {makeUse(QStringLiteral("statistics"), channels).value()}};
            const QByteArray rows = randomRows(random, spec, 37);
            const auto features = extract(pipeline, rows);
            QVERIFY(features);

            const std::vector<float> physical = signal::toPhysical(rows, spec);
            std::vector<float> expected;
            for (int channel : channels) {
                std::vector<float> x;
                for (std::size_t row = 0; row < 37; ++row)
                    x.push_back(physical[row * 5 + static_cast<std::size_t>(channel)]);
                float out[5];
                runtime::statistics<runtime::kMean | runtime::kStandardDeviation | runtime::kRms | runtime::kMinimum |
                                    runtime::kMaximum>(x.data(), x.size(), out);
                expected.insert(expected.end(), std::begin(out), std::end(out));
            }
            QVERIFY(sameBits(*features, expected));
        }
    }

    void blocksDoNotDisturbEachOther()
    {
        QRandomGenerator random(2);
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 6);
        const std::vector<BlockUse> blocks = {
            makeUse(QStringLiteral("spectrum"), {0, 1, 2, 5}, {{QStringLiteral("fft-size"), 32}}).value(),
            makeUse(QStringLiteral("statistics"), {5, 2, 0}).value(),
            makeUse(QStringLiteral("correlation"), {0, 3, 4}).value(),
            makeUse(QStringLiteral("magnitude"), {3, 1, 0}).value(),
            makeUse(QStringLiteral("spectrum"), {3, 1, 0},
                    {{QStringLiteral("fft-size"), 64}, {QStringLiteral("signal"), QStringLiteral("length")}})
                .value(),
            makeUse(QStringLiteral("magnitude"), {3, 1, 0}, {{QStringLiteral("norm"), QStringLiteral("absolute")}})
                .value(),
        };
        const QByteArray rows = randomRows(random, spec, 100);
        const auto together = extract(Pipeline{spec, 100, 50, blocks}, rows);
        QVERIFY(together);
        std::vector<float> apart;
        for (const BlockUse& block : blocks) {
            const auto alone = extract(Pipeline{spec, 100, 50, {block}}, rows);
            QVERIFY(alone);
            apart.insert(apart.end(), alone->begin(), alone->end());
        }
        QVERIFY(sameBits(*together, apart));
    }

    void equalWorkOnNeighboursIsOneLoop()
    {
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 6);
        const auto all = planFor({spec, 64, 32, {makeUse(QStringLiteral("statistics"), {0, 1, 2, 3, 4, 5}).value()}});
        QVERIFY(all);
        QCOMPARE(all->loops.size(), std::size_t(2)); // the channels, and the end
        QCOMPARE(all->loops[0].count, 6);
        const auto everyOther = planFor({spec, 64, 32, {makeUse(QStringLiteral("statistics"), {0, 2, 4}).value()}});
        QVERIFY(everyOther);
        QCOMPARE(everyOther->loops[0].count, 3);
    }

    void aBatchIsTheSameOnAnyNumberOfThreads()
    {
        QRandomGenerator random(3);
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 3);
        const Pipeline pipeline = presetPipeline(QStringLiteral("generic"), spec, 64, 7).value();
        const QByteArray rows = randomRows(random, spec, 3000);
        const auto windows = windowsOf(rows, 64 * 6, 7 * 6);
        BatchOptions options;
        options.threads = 1;
        const auto one = extractAll(pipeline, windows, options);
        options.threads = 4;
        const auto four = extractAll(pipeline, windows, options);
        QVERIFY(one && four);
        QCOMPARE(one->rows(), qsizetype(windows.size()));
        QVERIFY(sameBits(one->values, four->values));
        for (qsizetype i = 0; i < one->rows(); i += 50) {
            const auto single = extract(pipeline, windows[static_cast<std::size_t>(i)].toByteArray());
            QVERIFY(single);
            QVERIFY(sameBits(one->row(i), *single));
        }
        QCOMPARE(extractAll(pipeline, {})->rows(), 0);
    }

    void windowsMayLieAtAnyAddress()
    {
        QRandomGenerator random(4);
        const signal::StreamSpec spec = stream(signal::SampleType::Float32, 2);
        const Pipeline pipeline = presetPipeline(QStringLiteral("generic"), spec, 20, 20).value();
        const QByteArray rows = randomRows(random, spec, 20);
        const QByteArray shifted = "x" + rows;
        auto extractor = Extractor::make(pipeline);
        QVERIFY(extractor);
        std::vector<float> a(static_cast<std::size_t>(extractor->featureCount()));
        std::vector<float> b = a;
        QVERIFY(extractor->extract(rows, a));
        QVERIFY(extractor->extract(QByteArrayView(shifted).sliced(1), b));
        QVERIFY(sameBits(a, b));
    }

    void aWindowOfAnotherSizeIsRefused()
    {
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 3);
        const Pipeline pipeline = presetPipeline(QStringLiteral("generic"), spec, 64, 7).value();
        for (qsizetype size : {0, 1, 64 * 6 - 1, 64 * 6 + 1}) {
            const auto features = extract(pipeline, QByteArray(size, '\0'));
            QVERIFY(!features);
            QCOMPARE(features.error().kind, ErrorKind::BadData);
        }
        const QByteArray good(64 * 6, '\0');
        const std::vector<QByteArrayView> windows = {good, good, QByteArrayView(good).first(10)};
        const auto batch = extractAll(pipeline, windows);
        QVERIFY(!batch);
        QVERIFY(batch.error().trail.contains(QStringLiteral("window 2")));
    }

    void aBatchCanBeCancelled()
    {
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 3);
        const Pipeline pipeline = presetPipeline(QStringLiteral("generic"), spec, 1000, 1000).value();
        const QByteArray rows(1000 * 6, '\1');
        const std::vector<QByteArrayView> windows(2'000'000, QByteArrayView(rows)); // minutes of work
        CancelSource source;
        BatchOptions options;
        options.cancel = source.token();
        options.progress = [&source](const Progress&) { source.cancel(); };
        const auto batch = extractAll(pipeline, windows, options);
        QVERIFY(!batch);
        QCOMPARE(batch.error().kind, ErrorKind::Cancelled);
    }

    void progressEndsAtOne()
    {
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 3);
        const Pipeline pipeline = presetPipeline(QStringLiteral("generic"), spec, 64, 7).value();
        const QByteArray rows(64 * 6, '\1');
        const std::vector<QByteArrayView> windows(10, QByteArrayView(rows));
        double last = -1;
        BatchOptions options;
        options.progress = [&last](const Progress& progress) { last = progress.fraction; };
        QVERIFY(extractAll(pipeline, windows, options));
        QCOMPARE(last, 1.0);
    }

    void theCacheKeyFollowsPipelineAndWindows()
    {
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 3);
        const Pipeline a = presetPipeline(QStringLiteral("generic"), spec, 64, 7).value();
        Pipeline b = a;
        b.windowRows = 65;
        const QString windows = QStringLiteral("w1");
        QCOMPARE(featureCacheKey(a, windows), featureCacheKey(a, windows));
        QVERIFY(featureCacheKey(a, windows) != featureCacheKey(b, windows));
        QVERIFY(featureCacheKey(a, windows) != featureCacheKey(a, QStringLiteral("w2")));
    }

    void costsGrowWithTheWork()
    {
        const signal::StreamSpec spec = stream(signal::SampleType::Int16, 3);
        const Pipeline pipeline = presetPipeline(QStringLiteral("generic"), spec, 256, 128).value();
        for (auto cpu : {CpuClass::FloatHardware, CpuClass::FloatLibrary}) {
            const ExtractionCost whole = estimateExtraction(planFor(pipeline).value(), cpu);
            const auto blocks = blockCosts(pipeline, cpu);
            QVERIFY(blocks);
            QCOMPARE(blocks->size(), pipeline.blocks.size());
            double sum = 0;
            for (const ExtractionCost& block : *blocks) {
                QVERIFY(block.instructions > 0 && block.codeBytes > 0);
                QVERIFY(block.instructions < whole.instructions && block.flashBytes() < whole.flashBytes());
                QVERIFY(block.scratchBytes <= whole.scratchBytes);
                sum += block.instructions;
            }
            QVERIFY(sum >= whole.instructions); // loads are shared
            Pipeline longer = pipeline;
            longer.windowRows *= 2;
            QVERIFY(estimateExtraction(planFor(longer).value(), cpu).instructions > 1.8 * whole.instructions);
            if (cpu == CpuClass::FloatLibrary)
                QVERIFY(whole.instructions >
                        3 * estimateExtraction(planFor(pipeline).value(), CpuClass::FloatHardware).instructions);
        }
    }
};

QTEST_GUILESS_MAIN(TestExtractor)
#include "tst_extractor.moc"
