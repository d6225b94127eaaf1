// SPDX-License-Identifier: GPL-3.0-or-later
#include "device-agent/boards/common/byte_ring.hpp"
#include "device-agent/boards/common/clock.hpp"
#include "device-agent/boards/common/declared_stream.hpp"
#include "device-agent/boards/common/feed_sensor.hpp"
#include "device-agent/wire/bytes.hpp"

#include <QByteArray>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace ember;
using boards::ByteRing;
using boards::DeclaredStream;
using boards::MicroClock;

// Parts of the boards' ports that need no board.
namespace {

constexpr int kCapacity = 4;

void putText(QByteArray& spec, const QByteArray& text)
{
    spec += static_cast<char>(text.size());
    spec += text;
}

void putFloat(QByteArray& spec, float value)
{
    uint8_t raw[4];
    wire::putF32(raw, value);
    spec.append(reinterpret_cast<const char*>(raw), 4);
}

QByteArray specOf(int type, int channels, float rate, const QByteArray& firstName = "x")
{
    QByteArray spec;
    spec += static_cast<char>(type);
    spec += static_cast<char>(channels);
    putFloat(spec, rate);
    for (int c = 0; c < channels; ++c) {
        putFloat(spec, 0.5f + static_cast<float>(c));
        putFloat(spec, 0);
        putText(spec, c == 0 ? firstName : QByteArray("c") + QByteArray::number(c));
        putText(spec, "g");
    }
    return spec;
}

bool take(DeclaredStream& stream, const QByteArray& spec, size_t mostRowBytes = 64)
{
    return stream.take(reinterpret_cast<const uint8_t*>(spec.constData()), static_cast<size_t>(spec.size()),
                       mostRowBytes);
}

/// A FeedSensor and the far end of its line, where the test answers or is silent.
class Line final : public boards::ByteLink
{
public:
    using Type = wire::MessageType;

    Line()
        : sensor(*this, {m_receive, sizeof m_receive, m_channels, kCapacity})
    {}

    bool read(uint8_t* byte) override
    {
        if (m_in.isEmpty())
            return false;
        *byte = static_cast<uint8_t>(m_in[0]);
        m_in.remove(0, 1);
        return true;
    }
    bool write(uint8_t byte) override
    {
        if (m_far.push(byte) == wire::FrameVerdict::Valid)
            asked << static_cast<Type>(m_far.header().type);
        return true;
    }

    /// Lets time pass in steps of 5 ms. A question is answered with spec or rows unless the feed is `silent`; rows
    /// follow each other, and those of a batch are taken.
    void run(int millis, bool silent)
    {
        for (int step = 0; step < millis / 5; ++step) {
            now += 5000;
            sensor.poll(now, 8);
            while (!asked.isEmpty() && !silent)
                answer(asked.takeFirst());
            const agent::SensorBatch& batch = sensor.batch();
            if (batch.count == 0)
                continue;
            for (uint32_t row = 0; row < batch.count; ++row)
                taken << batch.firstRow + row;
            sensor.release();
        }
    }

    void answer(Type question)
    {
        if (question == Type::SensorIdentify) {
            send(Type::SensorSpec, specOf(1, 2, 100));
        } else if (question == Type::SensorStart) {
            ++starts;
            nextRow = 0;
        } else if (question == Type::SensorRead) {
            QByteArray rows(wire::SensorRowsHeader::kSize, '\0');
            wire::putU32(reinterpret_cast<uint8_t*>(rows.data()), nextRow);
            nextRow += 2;
            send(Type::SensorRows, rows + QByteArray(2 * 4, '\1'));
        }
    }

    boards::FeedSensor sensor;
    QList<Type> asked;     ///< and not answered yet
    QList<uint32_t> taken; ///< numbers of the rows that the sensor gave
    uint32_t nextRow = 0;  ///< of the feed
    int starts = 0;        ///< that the feed has seen
    uint32_t now = 0xFFFFF000u;

private:
    void send(Type type, const QByteArray& payload)
    {
        uint8_t buffer[256];
        std::copy(payload.begin(), payload.end(), buffer + wire::kHeaderSize);
        wire::FrameHeader header;
        header.type = static_cast<uint8_t>(type);
        wire::sendFrame(header, buffer, static_cast<size_t>(payload.size()),
                        [this](uint8_t byte) { m_in += static_cast<char>(byte); });
    }

    QByteArray m_in;
    uint8_t m_receive[256];
    uint8_t m_heard[64];
    agent::ChannelInfo m_channels[kCapacity];
    wire::FrameReceiver m_far{m_heard, sizeof m_heard};
};

bool rises(const QList<uint32_t>& rows)
{
    return std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) == rows.end();
}

} // namespace

class TestPortParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // A computer that is busy may let the feed answer seconds late. That is no new feed: its rows must not come twice.
    void aFeedThatIsLateIsNotStartedAgain_data()
    {
        QTest::addColumn<int>("silentMillis");
        QTest::newRow("a little") << 1000;
        QTest::newRow("just in time") << 4900;
        QTest::newRow("given up") << 6000;
        QTest::newRow("given up and asked who it is") << 9000;
    }
    void aFeedThatIsLateIsNotStartedAgain()
    {
        QFETCH(int, silentMillis);
        Line line;
        line.run(600, false);
        line.sensor.start();
        line.run(100, false);
        QCOMPARE(line.starts, 1);
        QVERIFY(line.taken.size() > 5);
        line.run(20, true); // what was on its way arrives
        const uint32_t before = line.taken.last();

        line.run(silentMillis, true);
        QCOMPARE(line.taken.last(), before);
        line.nextRow += static_cast<uint32_t>(silentMillis / 10); // the recording has played on meanwhile
        line.run(3000, false);                                    // late answers first, then new ones
        QCOMPARE(line.starts, 1);
        QVERIFY(line.taken.last() > before + static_cast<uint32_t>(silentMillis / 10));
        QVERIFY(rises(line.taken));
    }

    void aFeedThatCountsAnewIsStarted()
    {
        Line line;
        line.run(600, false);
        line.sensor.start();
        line.run(100, false);
        line.run(7000, true);
        line.asked.clear(); // another program is there now: it has heard nothing, and counts from zero
        line.nextRow = 0;
        line.run(3000, false);
        QCOMPARE(line.starts, 2);
    }

    void aDescriptionBecomesAStream()
    {
        agent::ChannelInfo channels[kCapacity];
        DeclaredStream stream(channels, kCapacity);
        QVERIFY(stream.info() == nullptr);
        QVERIFY(take(stream, specOf(1, 3, 50)));
        QCOMPARE(stream.version(), 1);
        QCOMPARE(stream.info()->rowBytes(), size_t(6));
        QCOMPARE(stream.info()->rateHz, 50.0f);
        QCOMPARE(QByteArray(stream.info()->channel[2].name), QByteArray("c2"));
        QCOMPARE(stream.info()->channel[1].scale, 1.5f);

        // Said again it is no other stream; with another name it is.
        QVERIFY(take(stream, specOf(1, 3, 50)));
        QCOMPARE(stream.version(), 1);
        QVERIFY(take(stream, specOf(1, 3, 50, "y")));
        QCOMPARE(stream.version(), 2);
        QCOMPARE(QByteArray(stream.info()->channel[0].name), QByteArray("y"));
    }

    void nonsenseChangesNothing_data()
    {
        QTest::addColumn<QByteArray>("spec");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no such type") << specOf(4, 3, 50);
        QTest::newRow("no channels") << specOf(1, 0, 50);
        QTest::newRow("more channels than there is room for") << specOf(1, kCapacity + 1, 50);
        QTest::newRow("255 channels") << QByteArray("\x01\xff", 2) + QByteArray(4, '\x42');
        QTest::newRow("no rate") << specOf(1, 3, 0);
        QTest::newRow("negative rate") << specOf(1, 3, -50);
        QTest::newRow("rate that is no number") << specOf(1, 3, std::numeric_limits<float>::quiet_NaN());
        QTest::newRow("endless rate") << specOf(1, 3, std::numeric_limits<float>::infinity());
        QTest::newRow("name that is too long") << specOf(1, 3, 50, QByteArray(16, 'n'));
        QTest::newRow("name that says it is longer than all") << specOf(1, 3, 50).replace(14, 1, QByteArray(1, '\xff'));
        const QByteArray whole = specOf(1, 3, 50, "z");
        for (qsizetype cut = 0; cut < whole.size(); ++cut)
            QTest::addRow("cut off after %lld", static_cast<long long>(cut)) << whole.first(cut);
    }
    void nonsenseChangesNothing()
    {
        QFETCH(QByteArray, spec);
        agent::ChannelInfo channels[kCapacity];
        DeclaredStream stream(channels, kCapacity);
        QVERIFY(!take(stream, spec));
        QVERIFY(stream.info() == nullptr);
        QVERIFY(take(stream, specOf(1, 2, 100)));
        QVERIFY(!take(stream, spec));
        QCOMPARE(stream.version(), 1);
        QCOMPARE(stream.info()->channels, 2);
        QCOMPARE(stream.info()->rateHz, 100.0f);
        QCOMPARE(QByteArray(stream.info()->channel[0].name), QByteArray("x"));
    }

    void rowsThatDoNotFitAFrameAreRefused()
    {
        agent::ChannelInfo channels[kCapacity];
        DeclaredStream stream(channels, kCapacity);
        QVERIFY(!take(stream, specOf(3, 4, 50), 15));
        QVERIFY(take(stream, specOf(3, 4, 50), 16));
    }

    void aRingKeepsOrderAndRefusesWhenFull()
    {
        ByteRing<8> ring;
        uint8_t out = 0;
        QVERIFY(ring.empty());
        QVERIFY(!ring.take(&out));
        // Around and around, past where its indices of 16 bits wrap.
        uint8_t written = 0;
        uint8_t read = 0;
        for (int turn = 0; turn < 20'000; ++turn) {
            for (int i = 0; i < 8; ++i)
                QVERIFY(ring.put(written++));
            QVERIFY(ring.full());
            QVERIFY(!ring.put(0xEE));
            for (int i = 0; i < 8; ++i) {
                QVERIFY(ring.take(&out));
                QCOMPARE(out, read++);
            }
            QVERIFY(ring.empty());
        }
    }

    void theClockLosesNoTick()
    {
        constexpr uint32_t kHz = 25'000'000;
        MicroClock clock(kHz);
        uint32_t ticks = 0xFFFF0000u; // wraps soon
        clock.begin(kHz, ticks);
        quint64 passed = 0;
        for (int i = 0; i < 10'000; ++i) {
            const uint32_t step = static_cast<uint32_t>(i * 977 % 50'021);
            ticks += step;
            passed += step;
            QCOMPARE(clock.micros(ticks), static_cast<uint32_t>(passed / (kHz / 1'000'000)));
        }
    }
};

QTEST_GUILESS_MAIN(TestPortParts)
#include "tst_port_parts.moc"
