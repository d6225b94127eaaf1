// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/changes.h"
#include "core/dataset/segment_edits.h"
#include "tests/dataset/samples.h"

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

double gaussian(QRandomGenerator& random)
{
    const double u = 1.0 - random.generateDouble();
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979 * random.generateDouble());
}

/// The cost of a split as its definition says, value by value.
double costOf(const std::vector<float>& values, std::size_t channels, std::size_t at)
{
    const std::size_t count = values.size() / channels;
    const auto variance = [&](std::size_t channel, std::size_t begin, std::size_t end) {
        double mean = 0, squares = 0;
        for (std::size_t row = begin; row < end; ++row)
            mean += static_cast<double>(values[row * channels + channel]) / static_cast<double>(end - begin);
        for (std::size_t row = begin; row < end; ++row) {
            const double apart = static_cast<double>(values[row * channels + channel]) - mean;
            squares += apart * apart / static_cast<double>(end - begin);
        }
        return squares;
    };
    double cost = 0;
    for (std::size_t channel = 0; channel < channels; ++channel)
        cost += static_cast<double>(at) * std::log(variance(channel, 0, at)) +
                static_cast<double>(count - at) * std::log(variance(channel, at, count));
    return cost;
}

} // namespace

class TestChanges : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theSharpestSplitIsTheOneOfLeastCost()
    {
        QRandomGenerator random(7);
        for (int round = 0; round < 300; ++round) {
            const std::size_t channels = 1 + random.bounded(3u), rows = 8 + random.bounded(40u);
            std::vector<float> values;
            for (std::size_t i = 0; i < rows * channels; ++i)
                values.push_back(static_cast<float>(gaussian(random) * (i > rows ? 3.0 : 1.0)));
            const std::size_t first = 2 + random.bounded(3u), last = rows - 2 - random.bounded(3u);
            const std::size_t found = sharpestSplit(values, channels, first, last);
            QVERIFY(first <= found && found <= last);
            for (std::size_t at = first; at <= last; ++at)
                QVERIFY2(costOf(values, channels, found) <= costOf(values, channels, at) + 1e-6,
                         qPrintable(QStringLiteral("round %1: %2 against %3").arg(round).arg(found).arg(at)));
        }
    }

    void stepsOfLevelAndSpreadAreFoundToTheRow()
    {
        std::vector<float> level(60, 1.0f), spread(60);
        for (std::size_t row = 0; row < 60; ++row) {
            level[row] = (row < 23 ? 0.0f : 5.0f) + (row % 2 == 0 ? 0.1f : -0.1f);
            spread[row] = (row % 2 == 0 ? 1.0f : -1.0f) * (row < 37 ? 0.01f : 2.0f);
        }
        QCOMPARE(sharpestSplit(level, 1, 0, 60), std::size_t{23});
        QCOMPARE(sharpestSplit(spread, 1, 0, 60), std::size_t{37});
    }

    void nothingToSplitIsLeftAlone()
    {
        const std::vector<float> constant(40, 3.0f);
        QVERIFY(sharpestSplit(constant, 1, 5, 30) >= 5);
        QCOMPARE(sharpestSplit(std::span(constant).first(3), 1, 1, 2), std::size_t{1});
        QCOMPARE(sharpestSplit({}, 0, 4, 9), std::size_t{4});
        const std::vector<float> bad(40, std::numeric_limits<float>::quiet_NaN());
        QVERIFY(sharpestSplit(bad, 2, 5, 12) <= 12);
    }

    void changesOfARecordingAreFoundInsideAViewAndAcrossNoGap()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("p.ember"));
        auto project = Project::create(path);
        QVERIFY(project);
        NewRecording about;
        about.stream.type = signal::SampleType::Float32;
        about.stream.rateHz = 100;
        about.stream.channels = {{QStringLiteral("a"), QStringLiteral("g"), 1, 0}};
        auto writer = RecordingWriter::start(path, about);
        QVERIFY(writer);
        QRandomGenerator random(3);
        const std::vector<qint64> truth{1203, 2517, 5511, 7777};
        const auto levelAt = [&truth](qint64 row) {
            const auto parts = std::count_if(truth.begin(), truth.end(), [row](qint64 at) { return at <= row; });
            return parts % 2 == 0 ? 0.0 : 2.0;
        };
        for (const auto& [from, to] : {std::pair<qint64, qint64>(0, 4000), {4400, 9000}}) {
            signal::SampleBlock block;
            block.firstRow = from;
            block.rowCount = to - from;
            for (qint64 row = from; row < to; ++row) {
                const auto value = static_cast<float>(levelAt(row) + 0.1 * gaussian(random));
                block.rows.append(reinterpret_cast<const char*>(&value), sizeof value);
            }
            QVERIFY((*writer)->append(block));
        }
        QVERIFY((*writer)->finish());
        const auto all = changesIn(*project, RecordingId{1}, {0, 9000});
        QVERIFY(all);
        QCOMPARE(*all, truth);
        const auto part = changesIn(*project, RecordingId{1}, {2000, 6000});
        QVERIFY(part);
        QCOMPARE(*part, (std::vector<qint64>{2517, 5511}));
        QVERIFY(changesIn(*project, RecordingId{1}, {4000, 4400})->empty());
        QVERIFY(changesIn(*project, RecordingId{1}, {9000, 9000})->empty());
        QVERIFY(changesIn(*project, RecordingId{1}, {0, kMostChangeRows + 1})->empty());
        QCOMPARE(changesIn(*project, RecordingId{7}, {0, 10}).error().kind, ErrorKind::NotFound);
        CancelSource cancel;
        cancel.cancel();
        QCOMPARE(changesIn(*project, RecordingId{1}, {0, 9000}, {}, cancel.token()).error().kind, ErrorKind::Cancelled);
    }

    void rowsSnapToTheNearestTarget()
    {
        QRandomGenerator random(9);
        for (int round = 0; round < 2000; ++round) {
            std::vector<qint64> targets;
            for (int i = random.bounded(6); i > 0; --i)
                targets.push_back(random.bounded(50));
            std::sort(targets.begin(), targets.end());
            const qint64 row = random.bounded(50), reach = random.bounded(8);
            qint64 expected = row;
            qint64 apart = reach + 1;
            for (const qint64 target : targets) {
                if (std::abs(target - row) < apart) {
                    apart = std::abs(target - row);
                    expected = target;
                }
            }
            QCOMPARE(snappedRow(row, targets, reach), expected);
        }
    }
};

QTEST_GUILESS_MAIN(TestChanges)
#include "tst_changes.moc"
