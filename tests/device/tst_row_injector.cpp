// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/row_injector.h"
#include "tests/support/numbered_rows.h"

#include <QCborMap>
#include <QCborValue>
#include <QTest>

using namespace ember;
using namespace ember::device;
using namespace ember::test;
using wire::MessageType;

namespace {

constexpr int kChannels = 3;
constexpr qint64 kMs = 1'000'000;
constexpr int kPayload = 64; // of the board at most: ten rows of six bytes

Frame frameOf(MessageType type, const QByteArray& payload = {})
{
    Frame frame;
    frame.header.type = static_cast<uint8_t>(type);
    frame.payload = payload;
    return frame;
}

Frame description(quint32 session)
{
    const QCborMap board{{QStringLiteral("p"), 1},
                         {QStringLiteral("fw"), QStringLiteral("1.0")},
                         {QStringLiteral("id"), QByteArray(20, '\1')},
                         {QStringLiteral("b"), QStringLiteral("microbit")},
                         {QStringLiteral("s"), session},
                         {QStringLiteral("mp"), kPayload},
                         {QStringLiteral("ch"), 16'000'000},
                         {QStringLiteral("st"), QCborArray()},
                         {QStringLiteral("cap"), QCborArray()}};
    return frameOf(MessageType::Description, QCborValue(board).toCbor());
}

Frame answer(MessageType type, quint32 seq, MessageType request)
{
    wire::AckHeader header;
    header.seq = seq;
    header.type = static_cast<uint8_t>(request);
    QByteArray payload(wire::AckHeader::kSize, '\0');
    header.pack(reinterpret_cast<uint8_t*>(payload.data()));
    return frameOf(type, payload);
}

std::optional<Frame> decoded(const std::optional<QByteArray>& bytes)
{
    std::optional<Frame> found;
    FrameDecoder decoder;
    if (bytes)
        decoder.feed(*bytes, [&found](const Frame& frame) { found = frame; });
    return found;
}

std::unique_ptr<SensorFeed> feedOf(qint64 rows)
{
    SensorFeedOptions options;
    options.pacing = SensorFeedOptions::Pacing::OnDemand;
    return SensorFeed::create({numberedSpec(100, kChannels), numberedRows(0, rows, kChannels)}, options).value();
}

} // namespace

class TestRowInjector : public QObject
{
    Q_OBJECT

    /// Up to the point where the board knows the stream. Returns the time.
    static qint64 declare(RowInjector& injector, quint32 session, qint64 now)
    {
        injector.takeFromBoard(description(session));
        const auto declared = decoded(injector.next(now));
        if (!declared || declared->type() != MessageType::Declare)
            return -1;
        injector.takeFromBoard(answer(MessageType::Ack, declared->header.seq, MessageType::Declare));
        return now + kMs;
    }

private Q_SLOTS:
    void itAsksUntilTheBoardDescribesItself()
    {
        const auto feed = feedOf(10);
        RowInjector injector(*feed);
        QCOMPARE(decoded(injector.next(1 * kMs))->type(), MessageType::DescribeRequest);
        QVERIFY(!injector.next(2 * kMs));
        QCOMPARE(decoded(injector.next(600 * kMs))->type(), MessageType::DescribeRequest);
        QVERIFY(injector.takeFromBoard(description(7))); // the program may see it too
        QCOMPARE(decoded(injector.next(601 * kMs))->type(), MessageType::Declare);
    }

    void rowsComeOneFrameAtATimeWhileTheStreamRuns()
    {
        const auto feed = feedOf(25);
        RowInjector injector(*feed);
        qint64 now = declare(injector, 7, kMs);
        QVERIFY(now > 0);
        QVERIFY(!injector.next(now)); // nobody has started the stream
        // The program's own requests count from zero, and their answers are the program's.
        QVERIFY(injector.takeFromBoard(answer(MessageType::Nak, 3, MessageType::Start)));
        QVERIFY(!injector.next(now));
        QVERIFY(injector.takeFromBoard(answer(MessageType::Ack, 4, MessageType::Start)));

        QByteArray rows;
        for (quint32 first : {0u, 10u, 20u}) {
            const auto inject = decoded(injector.next(now));
            QVERIFY(inject);
            QCOMPARE(inject->type(), MessageType::Inject);
            QVERIFY(inject->payload.size() <= kPayload);
            QCOMPARE(wire::getU32(reinterpret_cast<const uint8_t*>(inject->payload.constData())), first);
            QCOMPARE(inject->header.ticks, first * 10'000); // 100 Hz
            rows += inject->payload.mid(4);
            QVERIFY(!injector.next(now)); // not before the answer
            QVERIFY(!injector.takeFromBoard(answer(MessageType::Ack, inject->header.seq, MessageType::Inject)));
        }
        QCOMPARE(rows, numberedRows(0, 25, kChannels));
        QVERIFY(!injector.next(now));
        QCOMPARE(feed->finalRows(), std::optional<qint64>(25));

        // Started again it begins anew.
        QVERIFY(injector.takeFromBoard(answer(MessageType::Ack, 5, MessageType::Stop)));
        QVERIFY(injector.takeFromBoard(answer(MessageType::Ack, 6, MessageType::Start)));
        const auto again = decoded(injector.next(now));
        QVERIFY(again);
        QCOMPARE(again->payload.mid(4), numberedRows(0, 10, kChannels));
        // And stops at once.
        QVERIFY(!injector.takeFromBoard(answer(MessageType::Nak, again->header.seq, MessageType::Inject)));
        QVERIFY(injector.takeFromBoard(answer(MessageType::Ack, 7, MessageType::Stop)));
        QVERIFY(!injector.next(now));
    }

    void aLostAnswerSendsNoRowTwice()
    {
        const auto feed = feedOf(25);
        RowInjector injector(*feed);
        const qint64 now = declare(injector, 7, kMs);
        injector.takeFromBoard(answer(MessageType::Ack, 0, MessageType::Start));
        const auto lost = decoded(injector.next(now));
        QVERIFY(lost);
        QVERIFY(!injector.next(now + 1000 * kMs));
        const auto next = decoded(injector.next(now + 2500 * kMs));
        QVERIFY(next);
        QCOMPARE(next->payload.mid(4), numberedRows(10, 10, kChannels));
        // The answer to the first comes after all: it is nobody's any more, and answers nothing else.
        QVERIFY(!injector.takeFromBoard(answer(MessageType::Ack, lost->header.seq, MessageType::Inject)));
        QVERIFY(!injector.next(now + 2600 * kMs));
    }

    void aBoardThatRestartsIsToldAgain()
    {
        const auto feed = feedOf(25);
        RowInjector injector(*feed);
        qint64 now = declare(injector, 7, kMs);
        injector.takeFromBoard(answer(MessageType::Ack, 0, MessageType::Start));
        QVERIFY(injector.next(now)); // rows that the restart swallows
        injector.takeFromBoard(description(7));
        QVERIFY(!injector.next(now)); // the same session: it only described itself
        now = declare(injector, 8, now);
        QVERIFY(now > 0);
        QVERIFY(!injector.next(now)); // its stream does not run
        QVERIFY(!feed->progress().started);
    }

    void aRefusedStreamIsLeftAtThat()
    {
        const auto feed = feedOf(25);
        RowInjector injector(*feed);
        injector.takeFromBoard(description(7));
        const auto declared = decoded(injector.next(kMs));
        QVERIFY(!injector.takeFromBoard(answer(MessageType::Nak, declared->header.seq, MessageType::Declare)));
        injector.takeFromBoard(answer(MessageType::Ack, 0, MessageType::Start));
        QVERIFY(!injector.next(10'000 * kMs));
    }

    void nonsenseFromTheBoardIsPassedOn()
    {
        const auto feed = feedOf(25);
        RowInjector injector(*feed);
        QVERIFY(injector.takeFromBoard(frameOf(MessageType::Description, "nonsense")));
        QVERIFY(injector.takeFromBoard(frameOf(MessageType::Ack, "x")));
        QVERIFY(injector.takeFromBoard(frameOf(MessageType::Samples)));
        QCOMPARE(decoded(injector.next(kMs))->type(), MessageType::DescribeRequest);
    }
};

QTEST_GUILESS_MAIN(TestRowInjector)
#include "tst_row_injector.moc"
