// SPDX-License-Identifier: GPL-3.0-or-later
#include "device-agent/agent/row_queue.hpp"
#include "device-agent/agent/sensor.hpp"
#include "device-agent/agent/short_queue.hpp"
#include "device-agent/agent/window_filler.hpp"

#include <QByteArray>
#include <QRandomGenerator>
#include <QTest>

#include <deque>
#include <vector>

using namespace ember;
using namespace ember::agent;

class TestRowQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void behavesAsAListThatForgetsItsFront_data()
    {
        QTest::addColumn<int>("rowBytes");
        QTest::addColumn<int>("memory");
        QTest::newRow("one byte") << 1 << 17;
        QTest::newRow("twelve bytes, odd memory") << 12 << 200;
        QTest::newRow("one row fits") << 8 << 15;
    }
    void behavesAsAListThatForgetsItsFront()
    {
        QFETCH(int, rowBytes);
        QFETCH(int, memory);
        std::vector<uint8_t> bytes(static_cast<size_t>(memory));
        RowQueue queue(bytes.data(), bytes.size());
        queue.configure(static_cast<size_t>(rowBytes), agent::rowPeriod(100));
        const size_t capacity = static_cast<size_t>(memory / rowBytes);
        QCOMPARE(size_t(queue.room()), capacity);

        QRandomGenerator random(5);
        std::deque<QByteArray> oracle;
        uint32_t first = 0;
        for (int turn = 0; turn < 20'000; ++turn) {
            if (random.bounded(2) == 0) {
                const int count = random.bounded(static_cast<int>(2 * capacity) + 2);
                QByteArray rows(count * rowBytes, '\0');
                for (char& c : rows)
                    c = static_cast<char>(random.bounded(256));
                const uint32_t lost =
                    queue.push(reinterpret_cast<const uint8_t*>(rows.constData()), static_cast<uint16_t>(count));
                for (int i = 0; i < count; ++i)
                    oracle.push_back(rows.mid(i * rowBytes, rowBytes));
                uint32_t forgotten = 0;
                for (; oracle.size() > capacity; ++forgotten)
                    oracle.pop_front();
                first += forgotten;
                QCOMPARE(lost, forgotten);
            } else {
                const uint16_t count = static_cast<uint16_t>(random.bounded(queue.count() + 1));
                QByteArray out(count * rowBytes, '\0');
                queue.pop(reinterpret_cast<uint8_t*>(out.data()), count);
                QByteArray expected;
                for (int i = 0; i < count; ++i) {
                    expected += oracle.front();
                    oracle.pop_front();
                }
                first += count;
                QCOMPARE(out, expected);
            }
            QCOMPARE(size_t(queue.count()), oracle.size());
            QCOMPARE(queue.firstRow(), first);
        }
    }

    void aQueueWithoutMemoryLosesEverythingAndSaysSo()
    {
        RowQueue queue(nullptr, 0);
        queue.configure(4, agent::rowPeriod(100));
        const uint8_t rows[8] = {};
        QCOMPARE(queue.push(rows, 2), 2u);
        QCOMPARE(queue.count(), uint16_t(0));
    }

    void rowsKeepTheirTime()
    {
        uint8_t memory[64];
        RowQueue queue(memory, sizeof memory);
        queue.configure(1, agent::rowPeriod(100)); // 10 ms a row
        uint8_t rows[64] = {};
        uint8_t out[64];
        queue.mark(1'000'000);
        queue.push(rows, 5);
        queue.mark(2'000'000); // after a pause of the sensor
        queue.push(rows, 5);
        QCOMPARE(queue.headTicks(), 1'000'000u);
        queue.pop(out, 3);
        QCOMPARE(queue.headTicks(), 1'030'000u);
        queue.pop(out, 2);
        QCOMPARE(queue.headTicks(), 2'000'000u);
        queue.pop(out, 4);
        QCOMPARE(queue.headTicks(), 2'040'000u);

        // More marks than it remembers: the rate carries on, across the clock's wrap.
        queue.restart(0xFFFFFFF0u);
        const uint32_t begin = 0xFFFFFFFFu - 100'000;
        for (uint32_t i = 0; i < 20; ++i) {
            queue.mark(begin + i * 20'000);
            queue.push(rows, 2);
        }
        for (uint32_t row = 0; row < 40; ++row) {
            QCOMPARE(queue.headTicks(), begin + row * 10'000);
            queue.pop(out, 1);
        }
    }

    // What boards with little memory have: the rows of one frame, which leave together.
    void aShortQueueTakesWhatHasRoom_data()
    {
        QTest::addColumn<int>("rowBytes");
        QTest::addColumn<int>("memory");
        QTest::addColumn<int>("capacity");
        QTest::newRow("as on the Uno") << 12 << 72 << 6;
        QTest::newRow("odd memory") << 5 << 23 << 4;
        QTest::newRow("more memory than is used") << 1 << 1000 << 255;
        QTest::newRow("no row fits") << 8 << 7 << 0;
    }
    void aShortQueueTakesWhatHasRoom()
    {
        QFETCH(int, rowBytes);
        QFETCH(int, memory);
        QFETCH(int, capacity);
        std::vector<uint8_t> bytes(static_cast<size_t>(memory));
        ShortQueue queue(bytes.data(), bytes.size());
        queue.configure(static_cast<size_t>(rowBytes));
        QCOMPARE(int(queue.room()), capacity);

        QRandomGenerator random(5);
        QByteArray waiting;
        uint32_t time = 0xFFFFFF00u;
        uint32_t headTime = 0;
        for (int turn = 0; turn < 2000; ++turn) {
            time += 1000;
            const int count = random.bounded(queue.room() + 1);
            if (random.bounded(4) > 0) {
                QByteArray rows(count * rowBytes, '\0');
                for (char& c : rows)
                    c = static_cast<char>(random.bounded(256));
                if (queue.count() == 0)
                    headTime = time;
                queue.mark(time);
                queue.push(reinterpret_cast<const uint8_t*>(rows.constData()), static_cast<uint16_t>(count));
                waiting += rows;
            } else {
                QByteArray out(queue.count() * rowBytes, '\0');
                QCOMPARE(queue.headTicks(), headTime);
                QCOMPARE(qsizetype(queue.pop(reinterpret_cast<uint8_t*>(out.data()), queue.count())), out.size());
                QCOMPARE(out, waiting);
                waiting.clear();
            }
            QCOMPARE(queue.count() * rowBytes, waiting.size());
            QCOMPARE(int(queue.room()), capacity - queue.count());
        }
    }

    void windowsAreTheRowsThatTheHopSays_data()
    {
        QTest::addColumn<int>("window");
        QTest::addColumn<int>("hop");
        QTest::newRow("overlapping") << 10 << 3;
        QTest::newRow("back to back") << 7 << 7;
        QTest::newRow("with gaps") << 4 << 9;
        QTest::newRow("every row") << 5 << 1;
        QTest::newRow("no hop means back to back") << 6 << 0;
    }
    void windowsAreTheRowsThatTheHopSays()
    {
        QFETCH(int, window);
        QFETCH(int, hop);
        std::vector<uint8_t> buffer(static_cast<size_t>(window));
        ModelDescriptor model{};
        model.windowRows = static_cast<uint16_t>(window);
        model.hopRows = static_cast<uint16_t>(hop);
        model.channels = 1;
        model.windowType = wire::ElementType::Int8;
        model.windowBuffer = buffer.data();
        WindowFiller filler(&model);

        QRandomGenerator random(6);
        uint8_t next = 0;
        int begin = 0; // where the next window has to begin
        int windows = 0;
        while (windows < 200) {
            const uint32_t wanted = filler.wanted();
            QVERIFY(wanted > 0);
            std::vector<uint8_t> rows(static_cast<size_t>(random.bounded(1, static_cast<int>(wanted) + 1)));
            for (uint8_t& row : rows)
                row = next++;
            filler.push(rows.data(), static_cast<uint16_t>(rows.size()));
            if (!filler.full())
                continue;
            for (int i = 0; i < window; ++i)
                QCOMPARE(buffer[static_cast<size_t>(i)], static_cast<uint8_t>(begin + i));
            begin += hop == 0 ? window : hop;
            ++windows;
            filler.advance();
        }
    }
};

QTEST_GUILESS_MAIN(TestRowQueue)
#include "tst_row_queue.moc"
