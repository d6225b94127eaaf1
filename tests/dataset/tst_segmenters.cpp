// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/segmenters.h"
#include "samples.h"

#include <QRandomGenerator>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

/// A run of one channel whose frames are one row each, for the searches.
FrameRun runOf(qint64 frames, qint64 frameRows = 1)
{
    FrameRun run;
    run.rows = {0, frames * frameRows};
    run.frameRows = frameRows;
    run.channels = 1;
    run.mean.assign(static_cast<std::size_t>(frames), 0.0f);
    run.deviation.assign(static_cast<std::size_t>(frames), 0.0f);
    return run;
}

std::vector<float> randomSteps(QRandomGenerator& random, int count, int levels)
{
    std::vector<float> values;
    for (int i = 0; i < count; ++i)
        values.push_back(static_cast<float>(random.bounded(levels)));
    return values;
}

double squaresAround(const std::vector<double>& values, std::size_t dimensions, std::size_t begin, std::size_t end)
{
    double sum = 0;
    for (std::size_t d = 0; d < dimensions; ++d) {
        double mean = 0;
        for (std::size_t i = begin; i < end; ++i)
            mean += values[i * dimensions + d] / static_cast<double>(end - begin);
        for (std::size_t i = begin; i < end; ++i)
            sum += (values[i * dimensions + d] - mean) * (values[i * dimensions + d] - mean);
    }
    return sum;
}

double costOf(const std::vector<double>& values, std::size_t dimensions, double penalty,
              const std::vector<std::size_t>& starts)
{
    const std::size_t rows = values.size() / dimensions;
    double cost = 0;
    for (std::size_t i = 0; i < starts.size(); ++i)
        cost += penalty + squaresAround(values, dimensions, starts[i], i + 1 < starts.size() ? starts[i + 1] : rows);
    return cost;
}

/// The least cost over all ways to cut, by trying every last part.
double leastCost(const std::vector<double>& values, std::size_t dimensions, double penalty, std::size_t least)
{
    const std::size_t rows = values.size() / dimensions;
    std::vector<double> best(rows + 1, std::numeric_limits<double>::infinity());
    best[0] = 0;
    for (std::size_t end = least; end <= rows; ++end) {
        for (std::size_t begin = 0; begin + least <= end; ++begin)
            best[end] = std::min(best[end], best[begin] + penalty + squaresAround(values, dimensions, begin, end));
    }
    return best[rows];
}

/// How far a top stands over the ground that separates it from higher ground, from the definition.
double prominence(const std::vector<float>& values, std::size_t top)
{
    double base = -std::numeric_limits<double>::infinity();
    for (const int direction : {-1, 1}) {
        double lowest = static_cast<double>(values[top]);
        for (auto i = static_cast<std::ptrdiff_t>(top) + direction;
             i >= 0 && i < static_cast<std::ptrdiff_t>(values.size()); i += direction) {
            if (values[static_cast<std::size_t>(i)] > values[top])
                break;
            lowest = std::min(lowest, static_cast<double>(values[static_cast<std::size_t>(i)]));
        }
        base = std::max(base, lowest);
    }
    return static_cast<double>(values[top]) - base;
}

/// Rows of one channel in m/s2: quiet, but for some stretches.
signal::SampleBlock movingBlock(qint64 firstRow, qint64 rowCount, const std::vector<RowInterval>& moving)
{
    signal::SampleBlock block;
    block.firstRow = firstRow;
    block.rowCount = rowCount;
    block.deviceMicros = firstRow * 10'000;
    QRandomGenerator random(static_cast<quint32>(firstRow) + 3);
    for (qint64 row = firstRow; row < firstRow + rowCount; ++row) {
        const bool moves = std::any_of(moving.begin(), moving.end(),
                                       [row](const RowInterval& r) { return row >= r.begin && row < r.end; });
        const int reach = moves ? 4000 : 40;
        for (int c = 0; c < 3; ++c) {
            const auto value = static_cast<qint16>(1000 + random.bounded(2 * reach) - reach);
            block.rows.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
    }
    return block;
}

} // namespace

class TestSegmenters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        VERIFY_OK(Project::create(m_path));
    }

    void framesAreMomentsOfTheirRows()
    {
        constexpr qint64 kFrame = 7;
        auto writer = RecordingWriter::start(m_path, {QStringLiteral("r"), imuStream(), {}, {}});
        VERIFY_OK(writer);
        VERIFY_OK((*writer)->append(blockOf(0, 5000)));
        VERIFY_OK((*writer)->append(blockOf(5100, 30)));
        VERIFY_OK((*writer)->append(blockOf(5140, 3))); // shorter than a frame
        VERIFY_OK((*writer)->finish());
        const auto project = Project::open(m_path);
        const auto frames = framesOf(*project, RecordingId{1}, kFrame);
        VERIFY_OK(frames);
        QCOMPARE(frames->runs.size(), std::size_t{3});
        QCOMPARE(frames->frames(), std::size_t{5000 / kFrame + 30 / kFrame + 1});
        for (const FrameRun& run : frames->runs) {
            qint64 expected = run.rows.begin;
            for (std::size_t f = 0; f < run.frames(); ++f) {
                QCOMPARE(run.beginOf(f), expected);
                expected = run.endOf(f);
                for (std::size_t c = 0; c < 3; ++c) {
                    const auto rows = static_cast<double>(run.endOf(f) - run.beginOf(f));
                    double mean = 0, squares = 0;
                    for (qint64 row = run.beginOf(f); row < run.endOf(f); ++row)
                        mean += (rawValue(row, c) * 0.5 - 1.0) / rows;
                    for (qint64 row = run.beginOf(f); row < run.endOf(f); ++row)
                        squares += std::pow(rawValue(row, c) * 0.5 - 1.0 - mean, 2) / rows;
                    QVERIFY(std::abs(static_cast<double>(run.mean[f * 3 + c]) - mean) < 1e-2);
                    QVERIFY(std::abs(static_cast<double>(run.deviation[f * 3 + c]) - std::sqrt(squares)) < 1e-2);
                }
            }
            QCOMPARE(expected, run.rows.end);
        }
        QCOMPARE(framesOf(*project, RecordingId{1}, 0).error().kind, ErrorKind::Usage);
        QCOMPARE(framesOf(*project, RecordingId{9}, 5).error().kind, ErrorKind::NotFound);
        CancelSource stop;
        stop.cancel();
        QCOMPARE(framesOf(*project, RecordingId{1}, 5, {}, stop.token()).error().kind, ErrorKind::Cancelled);
    }

    // A frame is active when some frame at or before it reaches the upper threshold and none since fell below the
    // lower.
    void hysteresisAgreesWithItsDefinition()
    {
        QRandomGenerator random(5);
        for (int round = 0; round < 300; ++round) {
            const int count = 1 + random.bounded(60);
            const std::vector<float> activity = randomSteps(random, count, 10);
            const FrameRun run = runOf(count, 3);
            ActivityRules rules;
            rules.on = 4 + random.bounded(5);
            rules.off = 1 + random.bounded(static_cast<int>(rules.on));
            const std::vector<RowInterval> found = activeStretches(run, activity, rules);
            for (int i = 0; i < count; ++i) {
                bool expected = false;
                for (int j = i; j >= 0 && static_cast<double>(activity[static_cast<std::size_t>(j)]) >= rules.off; --j)
                    expected = expected || static_cast<double>(activity[static_cast<std::size_t>(j)]) >= rules.on;
                const qint64 row = i * 3 + 1;
                const auto covers = [row](const RowInterval& r) { return row >= r.begin && row < r.end; };
                QCOMPARE(std::any_of(found.begin(), found.end(), covers), expected);
            }
            // Merged, without the short ones and padded, they still are in order and apart.
            rules.mergeRows = random.bounded(20);
            rules.leastRows = random.bounded(20);
            const std::vector<RowInterval> bare = activeStretches(run, activity, rules);
            rules.padRows = random.bounded(12);
            const std::vector<RowInterval> padded = activeStretches(run, activity, rules);
            QCOMPARE(padded.size(), bare.size());
            for (std::size_t i = 0; i < bare.size(); ++i) {
                QVERIFY(bare[i].end - bare[i].begin >= rules.leastRows);
                QVERIFY(i == 0 || bare[i].begin - bare[i - 1].end >= std::max<qint64>(1, rules.mergeRows));
                QVERIFY(i == 0 || padded[i].begin >= padded[i - 1].end);
                QVERIFY(padded[i].begin <= bare[i].begin && padded[i].begin >= bare[i].begin - rules.padRows);
                QVERIFY(padded[i].end >= bare[i].end && padded[i].end <= bare[i].end + rules.padRows);
                QVERIFY(padded[i].begin >= 0 && padded[i].end <= run.rows.end);
            }
        }
    }

    void theThresholdPartsTwoKinds()
    {
        QRandomGenerator random(9);
        std::vector<float> values;
        for (int i = 0; i < 900; ++i)
            values.push_back(static_cast<float>(0.01 * (1 + random.generateDouble())));
        for (int i = 0; i < 100; ++i)
            values.push_back(static_cast<float>(2.0 * (1 + random.generateDouble())));
        const auto threshold = otsuThreshold(values);
        QVERIFY(threshold.has_value());
        QVERIFY2(*threshold > 0.02 && *threshold < 2.0, qPrintable(QString::number(*threshold)));
        QVERIFY(!otsuThreshold(std::vector<float>(50, 3.0f)));
        QVERIFY(!otsuThreshold({}));
        QVERIFY(!otsuThreshold(std::vector<float>{0.0f, -1.0f, std::numeric_limits<float>::infinity()}));
    }

    void partsHaveTheLeastCostThereIs()
    {
        QRandomGenerator random(11);
        for (int round = 0; round < 200; ++round) {
            const std::size_t dimensions = 1 + static_cast<std::size_t>(random.bounded(3));
            const std::size_t rows = 1 + static_cast<std::size_t>(random.bounded(40));
            std::vector<double> values;
            double level = 0;
            for (std::size_t i = 0; i < rows; ++i) {
                level = random.bounded(8) == 0 ? random.bounded(20) : level;
                for (std::size_t d = 0; d < dimensions; ++d)
                    values.push_back(level + random.generateDouble() * 3);
            }
            const double penalty = random.generateDouble() * 30;
            const std::size_t least = 1 + static_cast<std::size_t>(random.bounded(5));
            const std::vector<std::size_t> starts = leastSquaresParts(values, dimensions, penalty, least);
            QCOMPARE(starts.front(), std::size_t{0});
            if (rows < least) {
                QCOMPARE(starts.size(), std::size_t{1});
                continue;
            }
            for (std::size_t i = 0; i < starts.size(); ++i)
                QVERIFY((i + 1 < starts.size() ? starts[i + 1] : rows) - starts[i] >= least);
            const double cost = costOf(values, dimensions, penalty, starts);
            const double best = leastCost(values, dimensions, penalty, least);
            QVERIFY2(std::abs(cost - best) <= 1e-9 * (1 + best),
                     qPrintable(QStringLiteral("%1 %2").arg(cost).arg(best)));
        }
    }

    void changesOfLevelAndSpreadAreFound()
    {
        QRandomGenerator random(13);
        FrameRun run = runOf(300, 10);
        for (std::size_t i = 0; i < 300; ++i) {
            run.mean[i] = static_cast<float>((i < 100 ? 0.0 : 5.0) + random.generateDouble());
            run.deviation[i] = static_cast<float>((i < 200 ? 1.0 : 20.0) * (1 + 0.2 * random.generateDouble()));
        }
        QCOMPARE(changePoints(run, 3, 5), (std::vector<std::size_t>{0, 100, 200}));
        QCOMPARE(changePoints(runOf(50), 3, 5), std::vector<std::size_t>{0}); // nothing varies
    }

    void peaksAreHighProminentAndApart()
    {
        QRandomGenerator random(17);
        for (int round = 0; round < 300; ++round) {
            const std::vector<float> values = randomSteps(random, 1 + random.bounded(50), 9);
            const double height = random.bounded(6), least = 1 + random.bounded(4);
            const auto distance = static_cast<std::size_t>(1 + random.bounded(8));
            const std::vector<std::size_t> peaks = peaksOf(values, height, least, distance);
            for (std::size_t i = 0; i < peaks.size(); ++i) {
                QVERIFY(static_cast<double>(values[peaks[i]]) >= height);
                QVERIFY(prominence(values, peaks[i]) >= least);
                QVERIFY(i == 0 || peaks[i] - peaks[i - 1] >= distance);
            }
            // What is high, prominent and higher than both neighbours is there, or too near to something higher.
            for (std::size_t i = 1; i + 1 < values.size(); ++i) {
                const bool isTop = values[i] > values[i - 1] && values[i] > values[i + 1];
                if (!isTop || static_cast<double>(values[i]) < height || prominence(values, i) < least)
                    continue;
                QVERIFY(std::any_of(peaks.begin(), peaks.end(), [&](std::size_t peak) {
                    const std::size_t apart = peak > i ? peak - i : i - peak;
                    return apart < distance && values[peak] >= values[i];
                }));
            }
        }
        QCOMPARE(peaksOf(std::vector<float>{0, 3, 3, 3, 0}, 1, 1, 1), std::vector<std::size_t>{2});
    }

    void movementIsFoundInARecordingAndNoGapIsCrossed()
    {
        const std::vector<RowInterval> moving{{500, 900}, {1500, 2200}};
        auto writer = RecordingWriter::start(m_path, {QStringLiteral("r"), imuStream(), {}, {}});
        VERIFY_OK(writer);
        VERIFY_OK((*writer)->append(movingBlock(0, 1800, moving)));
        VERIFY_OK((*writer)->append(movingBlock(1850, 1150, moving))); // lost rows while it moves
        const auto recording = (*writer)->finish();
        VERIFY_OK(recording);
        const auto project = Project::open(m_path);
        SegmenterSettings settings;
        settings.pad = 0;
        const auto frames = framesOf(*project, recording->id, frameRowsFor(settings, *recording));
        VERIFY_OK(frames);
        QCOMPARE(frames->frameRows, 10);

        const std::vector<RowInterval> wanted{{500, 900}, {1500, 1800}, {1850, 2200}};
        const auto variance = segmentRecording(*frames, settings);
        VERIFY_OK(variance);
        QCOMPARE(variance->stretches, wanted);
        QVERIFY(variance->on && *variance->off < *variance->on);

        settings.method = SegmentMethod::ChangePoints;
        const auto parts = segmentRecording(*frames, settings);
        VERIFY_OK(parts);
        qint64 expected = 0;
        for (const RowInterval& part : parts->stretches) { // all of it, gap by gap
            QVERIFY(part.begin == expected || (expected == 1800 && part.begin == 1850));
            expected = part.end;
        }
        QCOMPARE(expected, 3000);
        for (const RowInterval& stretch : wanted)
            QVERIFY(std::any_of(parts->stretches.begin(), parts->stretches.end(),
                                [&](const RowInterval& part) { return part.begin == stretch.begin; }));

        settings.method = SegmentMethod::FixedWindows;
        settings.length = 7;
        settings.every = 2; // less than the length: one behind the other
        const auto windows = segmentRecording(*frames, settings);
        QCOMPARE(windows->stretches, (std::vector<RowInterval>{{0, 700}, {700, 1400}, {1850, 2550}}));

        settings.method = SegmentMethod::Peaks;
        settings.length = 0.5;
        const auto bursts = segmentRecording(*frames, settings);
        VERIFY_OK(bursts);
        QVERIFY(!bursts->stretches.empty());
        for (const RowInterval& burst : bursts->stretches) {
            QCOMPARE(burst.end - burst.begin, 50);
            QVERIFY(std::any_of(moving.begin(), moving.end(),
                                [&](const RowInterval& m) { return burst.begin < m.end && m.begin < burst.end; }));
        }
    }

    void settingsThatFindNothingAreRefused()
    {
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 100));
        const auto project = Project::open(m_path);
        const auto frames = framesOf(*project, RecordingId{1}, 10);
        for (double SegmenterSettings::*field : {&SegmenterSettings::length, &SegmenterSettings::every,
                                                 &SegmenterSettings::frame, &SegmenterSettings::release}) {
            SegmenterSettings settings;
            settings.*field = 0;
            QCOMPARE(segmentRecording(*frames, settings).error().kind, ErrorKind::Usage);
            settings.*field = std::nan("");
            QCOMPARE(segmentRecording(*frames, settings).error().kind, ErrorKind::Usage);
        }
        QVERIFY(segmentMethodFromName(QStringLiteral("magic")).error().hint.contains(QStringLiteral("variance")));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestSegmenters)
#include "tst_segmenters.moc"
