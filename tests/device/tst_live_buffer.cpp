// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/live_buffer.h"
#include "device-agent/wire/bytes.hpp"

#include <QRandomGenerator>
#include <QTest>

#include <atomic>
#include <cmath>
#include <map>
#include <thread>

using namespace ember;
using namespace ember::device;

// The contract: a view asks for any stretch of the recent past and any number of points; every point is the lowest and
// highest value of exactly its rows, missing rows are NaN, rows that are no longer kept are not spoken of.
namespace {

signal::StreamSpec floatSpec(int channels)
{
    signal::StreamSpec spec;
    spec.type = signal::SampleType::Float32;
    spec.rateHz = 1000;
    for (int i = 0; i < channels; ++i)
        spec.channels.push_back({QStringLiteral("c%1").arg(i), {}, 1.0, 0.0});
    return spec;
}

float valueAt(qint64 row, int channel)
{
    return static_cast<float>(std::sin(static_cast<double>(row) * 0.01 * (channel + 1)) * 100 + row % 7 -
                              500 * channel);
}

signal::SampleBlock makeBlock(qint64 firstRow, qint64 rows, int channels)
{
    signal::SampleBlock block;
    block.firstRow = firstRow;
    block.rowCount = rows;
    block.rows.resize(static_cast<qsizetype>(rows * channels * 4));
    auto* at = reinterpret_cast<uint8_t*>(block.rows.data());
    for (qint64 row = firstRow; row < firstRow + rows; ++row) {
        for (int c = 0; c < channels; ++c, at += 4)
            wire::putF32(at, valueAt(row, c));
    }
    return block;
}

/// What is kept, as plainly as it can be said.
class Oracle
{
public:
    void append(qint64 firstRow, qint64 rows) { m_pieces[firstRow] = firstRow + rows; }
    bool has(qint64 row) const
    {
        auto it = m_pieces.upper_bound(row);
        return it != m_pieces.begin() && row < std::prev(it)->second;
    }
    void check(const LiveBuffer& buffer, int channel, qint64 begin, qint64 end, int points) const
    {
        const Envelope got = buffer.envelope(channel, begin, end, points);
        const qint64 step = got.rowsPerPoint;
        QVERIFY(step >= 1 && got.firstRow % step == 0);
        QVERIFY(static_cast<int>(got.least.size()) <= points + 1);
        QCOMPARE(got.least.size(), got.most.size());
        // As fine as was asked for, or the next whole piece of a level.
        const qint64 wanted = (end - begin + points - 1) / points;
        QVERIFY(step >= wanted && (step < 16 || step < wanted * 2));
        const qint64 oldest = (buffer.firstRow() + step - 1) / step * step;
        const qint64 first = std::max(begin / step * step, oldest);
        const qint64 last = std::min(end, buffer.endRow());
        const qint64 count = first < last ? (last - first + step - 1) / step : 0;
        QCOMPARE(static_cast<qint64>(got.least.size()), count);
        if (count > 0)
            QCOMPARE(got.firstRow, first);
        for (qint64 p = 0; p < count && !QTest::currentTestFailed(); ++p)
            checkPoint(got, p, channel, buffer.endRow());
    }

private:
    void checkPoint(const Envelope& got, qint64 point, int channel, qint64 end) const
    {
        float low = std::numeric_limits<float>::quiet_NaN();
        float high = low;
        const qint64 from = got.firstRow + point * got.rowsPerPoint;
        for (qint64 row = from; row < std::min(from + got.rowsPerPoint, end); ++row) {
            if (!has(row))
                continue;
            low = std::fmin(low, valueAt(row, channel));
            high = std::fmax(high, valueAt(row, channel));
        }
        const auto i = static_cast<size_t>(point);
        QVERIFY2(
            (std::isnan(low) && std::isnan(got.least[i])) || low == got.least[i],
            qPrintable(
                QStringLiteral("row %1 x %2: %3, not %4").arg(from).arg(got.rowsPerPoint).arg(got.least[i]).arg(low)));
        QVERIFY((std::isnan(high) && std::isnan(got.most[i])) || high == got.most[i]);
    }

    std::map<qint64, qint64> m_pieces;
};

} // namespace

class TestLiveBuffer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyViewEqualsTheBruteForceAnswer_data()
    {
        QTest::addColumn<int>("gapPercent");
        QTest::newRow("whole") << 0;
        QTest::newRow("with gaps") << 30;
    }
    void everyViewEqualsTheBruteForceAnswer()
    {
        QFETCH(int, gapPercent);
        QRandomGenerator random(21);
        constexpr int kChannels = 2;
        LiveBuffer buffer(floatSpec(kChannels), 10'000);
        QCOMPARE(buffer.capacity(), 12'288);
        Oracle oracle;
        qint64 row = 0;
        for (int i = 0; i < 400; ++i) {
            if (random.bounded(100) < gapPercent)
                row += random.bounded(300);
            const qint64 rows = 1 + random.bounded(150);
            buffer.append(makeBlock(row, rows, kChannels));
            oracle.append(row, rows);
            row += rows;
            if (i % 4 != 0)
                continue;
            for (int view = 0; view < 6; ++view) {
                const qint64 begin = random.bounded(static_cast<int>(row));
                const qint64 end = begin + 1 + random.bounded(static_cast<int>(row + 100));
                oracle.check(buffer, random.bounded(kChannels), begin, end, 1 + random.bounded(800));
                if (QTest::currentTestFailed())
                    return;
            }
        }
        QVERIFY(row > 2 * buffer.capacity()); // it has gone around
    }

    void aJumpOverEverythingForgetsEverything()
    {
        LiveBuffer buffer(floatSpec(1), 4096);
        Oracle oracle;
        buffer.append(makeBlock(0, 3000, 1));
        const qint64 far = 3'000'000'017;
        buffer.append(makeBlock(far, 1000, 1));
        QCOMPARE(buffer.firstRow(), far);
        QCOMPARE(buffer.endRow(), far + 1000);
        oracle.append(far, 1000);
        for (int points : {1, 7, 100, 999, 5000})
            oracle.check(buffer, 0, far - 100, far + 2000, points);
        QVERIFY(buffer.envelope(0, 0, 3000, 100).least.empty());
        // And goes on from there.
        buffer.append(makeBlock(far + 1000, 5000, 1));
        oracle.append(far + 1000, 5000);
        oracle.check(buffer, 0, far, far + 6000, 300);
    }

    void blocksLargerThanTheBufferLeaveItsEnd()
    {
        LiveBuffer buffer(floatSpec(1), 4096);
        Oracle oracle;
        buffer.append(makeBlock(0, 20'000, 1));
        oracle.append(0, 20'000);
        QCOMPARE(buffer.firstRow(), 20'000 - 4096);
        for (int points : {1, 50, 4096})
            oracle.check(buffer, 0, 0, 20'000, points);
        oracle.check(buffer, 0, 20'000 - 4096, 20'000, 4096);
    }

    void whatWasThereAlreadyIsPassedOver()
    {
        LiveBuffer buffer(floatSpec(1), 4096);
        Oracle oracle;
        buffer.append(makeBlock(0, 100, 1));
        buffer.append(makeBlock(50, 100, 1));
        buffer.append(makeBlock(0, 10, 1));
        oracle.append(0, 150);
        QCOMPARE(buffer.endRow(), 150);
        oracle.check(buffer, 0, 0, 150, 150);
    }

    void sillyQuestionsGetEmptyAnswers()
    {
        LiveBuffer buffer(floatSpec(2), 100);
        QVERIFY(buffer.envelope(0, 0, 100, 10).least.empty());
        buffer.append(makeBlock(0, 100, 2));
        QVERIFY(buffer.envelope(2, 0, 100, 10).least.empty());
        QVERIFY(buffer.envelope(-1, 0, 100, 10).least.empty());
        QVERIFY(buffer.envelope(0, 100, 100, 10).least.empty());
        QVERIFY(buffer.envelope(0, 0, 100, 0).least.empty());
        QVERIFY(buffer.envelope(0, 500, 900, 10).least.empty());
        signal::SampleBlock torn = makeBlock(100, 10, 2);
        torn.rows.chop(40);
        buffer.append(torn);
        QCOMPARE(buffer.endRow(), 100);
        LiveBuffer huge(floatSpec(2), std::numeric_limits<qint64>::max() / 2);
        QVERIFY(huge.capacity() <= 64 * 1024 * 1024);
    }

    // Readers while the writer laps them: what they are given is right or is not given.
    void readersNeverSeeAnOverwrittenRow()
    {
        LiveBuffer buffer(floatSpec(1), 4096);
        std::atomic_bool done{false};
        std::atomic<qint64> wrong{0};
        std::atomic<qint64> checked{0};
        const auto read = [&] {
            QRandomGenerator random(33);
            while (!done) {
                const qint64 end = buffer.endRow();
                const qint64 begin = std::max<qint64>(0, end - 4096 - random.bounded(200));
                const Envelope got = buffer.envelope(0, begin, end, 5000);
                // The newest points may grow while they are read.
                for (size_t i = 0; i + 1 < got.least.size(); ++i) {
                    const float expected = valueAt(got.firstRow + static_cast<qint64>(i), 0);
                    wrong += got.rowsPerPoint == 1 && got.least[i] != expected ? 1 : 0;
                    ++checked;
                }
            }
        };
        std::thread first(read);
        std::thread second(read);
        qint64 row = 0;
        while (row < 400'000 || checked < 100'000) {
            buffer.append(makeBlock(row, 37, 1));
            row += 37;
        }
        done = true;
        first.join();
        second.join();
        QCOMPARE(wrong.load(), 0);
    }
};

QTEST_GUILESS_MAIN(TestLiveBuffer)
#include "tst_live_buffer.moc"
