// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/feed_player.h"
#include "core/device/frame_decoder.h"
#include "core/device/sensor_feed.h"
#include "core/device/transport.h"
#include "tests/support/numbered_rows.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace ember;
using namespace ember::device;
using namespace ember::test;

namespace {

using wire::MessageType;
using Pacing = SensorFeedOptions::Pacing;

constexpr qint64 kSecond = 1'000'000'000;
constexpr int kPatienceMs = 30'000;

FeedRecording recordingOf(qint64 rows, double rateHz = 100)
{
    return {numberedSpec(rateHz), numberedRows(0, rows)};
}

/// The board's side of the sensor link.
class Board
{
public:
    explicit Board(const QString& path)
    {
        auto link = openTransport(QStringLiteral("unix://") + path, {.connectTimeoutMs = kPatienceMs});
        if (link)
            m_link = std::move(*link);
    }
    bool isConnected() const { return m_link != nullptr; }

    void send(MessageType type, const QByteArray& payload = {})
    {
        wire::FrameHeader header;
        header.type = static_cast<quint8>(type);
        QVERIFY(m_link->write(encodeFrame(header, payload)));
    }
    void sendRaw(const QByteArray& bytes) { QVERIFY(m_link->write(bytes)); }

    Frame answer(MessageType type)
    {
        Frame found;
        for (int tries = 0; tries < 1000 && found.payload.isEmpty(); ++tries) {
            const auto bytes = m_link->read(kPatienceMs);
            if (!bytes)
                break;
            m_decoder.feed(*bytes, [&](const Frame& frame) { found = frame.type() == type ? frame : found; });
        }
        return found;
    }

    struct Rows
    {
        wire::SensorRowsHeader header;
        QByteArray rows;
        quint32 ticks = 0;
    };
    Rows read(quint16 most)
    {
        QByteArray payload(2, '\0');
        wire::putU16(reinterpret_cast<uint8_t*>(payload.data()), most);
        send(MessageType::SensorRead, payload);
        const Frame frame = answer(MessageType::SensorRows);
        if (frame.payload.size() < static_cast<qsizetype>(wire::SensorRowsHeader::kSize))
            return {};
        return {wire::SensorRowsHeader::unpack(reinterpret_cast<const uint8_t*>(frame.payload.constData())),
                frame.payload.mid(wire::SensorRowsHeader::kSize), frame.header.ticks};
    }

private:
    std::unique_ptr<Transport> m_link;
    FrameDecoder m_decoder;
};

} // namespace

class TestSensorFeed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsAppearByTheClock()
    {
        FeedPlayer player(recordingOf(1000), {.speed = 2.0});
        QVERIFY(player.read(5 * kSecond, 10).rows.isEmpty()); // not started
        player.start(kSecond);
        QVERIFY(player.read(kSecond, 10).rows.isEmpty());
        const FeedBatch half = player.read(kSecond + kSecond / 2, 1000); // 100 Hz x 2
        QCOMPARE(half.firstRow, 0);
        QCOMPARE(half.rows, numberedRows(0, 100));
        const FeedBatch some = player.read(2 * kSecond, 30); // 100 wait, 30 are wanted
        QCOMPARE(some.rows, numberedRows(100, 30));
        QVERIFY(!some.ended);
        const FeedBatch rest = player.read(100 * kSecond, 10'000);
        QCOMPARE(rest.rows, numberedRows(130, 870));
        QVERIFY(rest.ended);
        QVERIFY(player.read(200 * kSecond, 10).ended);
        QCOMPARE(player.progress().overruns, 0);
        QCOMPARE(player.microsAt(870), 8'700'000);

        player.start(300 * kSecond); // from the beginning
        QCOMPARE(player.read(301 * kSecond, 10).rows, numberedRows(0, 10));
    }

    void whatALateReaderMissesIsCounted()
    {
        QRandomGenerator random(3);
        FeedPlayer player(recordingOf(10'000), {.fifoRows = 50});
        player.start(0);
        qint64 received = 0;
        qint64 gaps = 0;
        qint64 next = 0;
        qint64 now = 0;
        FeedBatch batch;
        while (!batch.ended) {
            now += random.bounded(1'000'000'000);
            batch = player.read(now, 1 + random.bounded(80));
            gaps += batch.firstRow - next;
            const qint64 rows = batch.rows.size() / 6;
            QCOMPARE(batch.rows, numberedRows(batch.firstRow, rows));
            received += rows;
            next = batch.firstRow + rows;
            QCOMPARE(batch.overruns, gaps);
        }
        QVERIFY(gaps > 0);
        QCOMPARE(received + gaps, 10'000);
        QCOMPARE(player.progress().delivered, received);
    }

    void onDemandGivesWhatIsAskedFor()
    {
        FeedPlayer player(recordingOf(1000), {.pacing = Pacing::OnDemand, .fifoRows = 1});
        player.start(0);
        for (qint64 row = 0; row < 1000; row += 100)
            QCOMPARE(player.read(0, 100).rows, numberedRows(row, 100));
        QVERIFY(player.progress().ended);
        QCOMPARE(player.progress().overruns, 0);
    }

    void aLoopGoesRoundAndNeverEnds()
    {
        FeedPlayer player(recordingOf(30), {.pacing = Pacing::OnDemand, .loop = true});
        player.start(0);
        const FeedBatch batch = player.read(0, 100);
        QCOMPARE(batch.rows, numberedRows(0, 30) + numberedRows(0, 30) + numberedRows(0, 30) + numberedRows(0, 10));
        QVERIFY(!batch.ended);
        const FeedBatch more = player.read(0, 5);
        QCOMPARE(more.firstRow, 100);
        QCOMPARE(more.rows, numberedRows(10, 5));
    }

    void theBoardGetsRowsOverItsLink()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("s"));
        FeedRecording recording = recordingOf(500);
        recording.spec.channels[1].name = QStringLiteral("ein sehr langer Näme"); // longer than the wire takes
        auto feed = SensorFeed::create(recording, {.pacing = Pacing::OnDemand});
        QVERIFY(feed);
        QVERIFY((*feed)->listen(path));
        QVERIFY(!(*feed)->listen(path));
        Board board(path);
        QVERIFY(board.isConnected());

        board.sendRaw(QByteArray("noise\0more noise\0", 17));
        board.send(MessageType::SensorIdentify);
        const QByteArray spec = board.answer(MessageType::SensorSpec).payload;
        const auto* at = reinterpret_cast<const uint8_t*>(spec.constData());
        QCOMPARE(at[0], uint8_t(1)); // int16
        QCOMPARE(at[1], uint8_t(3));
        QCOMPARE(wire::getF32(at + 2), 100.0f);
        QCOMPARE(wire::getF32(at + 6), 0.5f);
        QCOMPARE(spec.mid(14, 3), QByteArray("\x02"
                                             "c0"));
        // "c0", unit "g", then the next channel's scale and offset, then the name: 15 bytes at most, whole characters.
        QCOMPARE(int(spec[27]), 15);
        QCOMPARE(QString::fromUtf8(spec.mid(28, 15)), QStringLiteral("ein sehr langer"));

        QVERIFY(board.read(10).rows.isEmpty()); // not started
        board.send(MessageType::SensorStart);
        qint64 next = 0;
        for (int reads = 0; next < 500 && reads < 100; ++reads) {
            const Board::Rows got = board.read(64);
            QCOMPARE(qint64(got.header.firstRow), next);
            QCOMPARE(got.ticks, quint32(next * 10'000));
            QCOMPARE(got.rows, numberedRows(next, std::min<qint64>(64, 500 - next)));
            next += got.rows.size() / 6;
            QCOMPARE(got.header.ended, uint8_t(next == 500 ? 1 : 0));
        }
        QCOMPARE((*feed)->finalRows(), std::optional<qint64>(500));
        QCOMPARE((*feed)->progress().delivered, 500);
        board.send(MessageType::SensorStart);
        QCOMPARE(board.read(5).rows, numberedRows(0, 5));
        QVERIFY(!(*feed)->finalRows());
    }

    void aBoardThatComesBackIsServedAgain()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("s"));
        auto feed = SensorFeed::create(recordingOf(100), {.pacing = Pacing::OnDemand});
        QVERIFY((*feed)->listen(path));
        for (int round = 0; round < 3; ++round) {
            Board board(path);
            QVERIFY(board.isConnected());
            board.send(MessageType::SensorStart);
            QCOMPARE(board.read(10).rows, numberedRows(0, 10));
        }
        feed->reset();
        QVERIFY(!QFile::exists(path));
    }

    void whatCannotBePlayedIsRefused()
    {
        const auto kind = [](FeedRecording recording, const SensorFeedOptions& options = {}) {
            const auto feed = SensorFeed::create(std::move(recording), options);
            return feed ? ErrorKind::Failed : feed.error().kind;
        };
        FeedRecording none = recordingOf(0);
        QCOMPARE(kind(none), ErrorKind::BadData);
        FeedRecording torn = recordingOf(10);
        torn.rows.chop(1);
        QCOMPARE(kind(torn), ErrorKind::BadData);
        QCOMPARE(kind(recordingOf(10, 0)), ErrorKind::BadData);
        QCOMPARE(kind(recordingOf(10, std::nan(""))), ErrorKind::BadData);
        QCOMPARE(kind({numberedSpec(100, 17), numberedRows(0, 5, 17)}), ErrorKind::BadData);
        QCOMPARE(kind({{}, "abc"}), ErrorKind::BadData);
        QCOMPARE(kind(recordingOf(10), {.speed = 0}), ErrorKind::Usage);
        QCOMPARE(kind(recordingOf(10), {.fifoRows = 0}), ErrorKind::Usage);
        auto feed = SensorFeed::create(recordingOf(10));
        QCOMPARE((*feed)->listen(QString(200, QLatin1Char('x'))).error().kind, ErrorKind::Io);
        QCOMPARE((*feed)->listen(QStringLiteral("/nowhere/s")).error().kind, ErrorKind::Io);
    }

    void valuesBecomeTheRowsASensorWouldGive()
    {
        signal::StreamSpec spec = numberedSpec(50, 3);
        spec.type = signal::SampleType::Float32;
        spec.channels[2].unit = QStringLiteral("mV");
        const std::vector<float> values = {0.5f, -9.75f, 1000.0f, 2.0f, 9.5f, -250.25f};
        const auto recording = quantiseForFeed(spec, values);
        QVERIFY(recording);
        QCOMPARE(recording->spec.type, signal::SampleType::Int16);
        // One scale for one unit: the smallest power of two that holds 9.75, and 1000.
        QCOMPARE(recording->spec.channels[0].scale, std::exp2(-11));
        QCOMPARE(recording->spec.channels[1].scale, std::exp2(-11));
        QCOMPARE(recording->spec.channels[2].scale, std::exp2(-5));
        const std::vector<float> back = signal::toPhysical(recording->rows, recording->spec);
        for (size_t i = 0; i < values.size(); ++i)
            QCOMPARE(back[i], values[i]); // these are multiples of the scale: exact

        // Clipped at a range that was asked for.
        const auto clipped = quantiseForFeed(spec, values, 0.001);
        const std::vector<float> low = signal::toPhysical(clipped->rows, clipped->spec);
        QVERIFY(std::abs(low[2] - 32.767f) < 1e-5f);
        QVERIFY(std::abs(low[5] + 32.768f) < 1e-5f);

        // A motion sensor is set to a range, whatever happens in the recording.
        const std::vector<float> calm(6, 0.01f);
        QCOMPARE(quantiseForFeed(spec, calm)->spec.channels[0].scale, std::exp2(-12)); // 4 g
        spec.channels[0].unit = spec.channels[1].unit = QStringLiteral("V");
        const std::vector<float> silence(6, 0.0f);
        QCOMPARE(quantiseForFeed(spec, silence)->spec.channels[0].scale, 1.0);
        QCOMPARE(quantiseForFeed(spec, std::span(values).first(5)).error().kind, ErrorKind::BadData);
        std::vector<float> nan = values;
        nan[4] = std::nanf("");
        QVERIFY(quantiseForFeed(spec, nan).error().message.contains(QStringLiteral("Row 2")));
        QCOMPARE(quantiseForFeed(spec, values, -1.0).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestSensorFeed)
#include "tst_sensor_feed.moc"
