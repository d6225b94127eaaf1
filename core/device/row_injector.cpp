// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/row_injector.h"

#include "core/device/description.h"
#include "core/device/feed_player.h"

#include <algorithm>

namespace ember::device {
namespace {

using wire::MessageType;

// Programs count their requests from zero; ours are recognised by this.
constexpr quint32 kOwnSeq = 0x80000000u;
constexpr qint64 kNanosPerMs = 1'000'000;
constexpr qint64 kAskAgainNanos = 250 * kNanosPerMs;
// A busy computer emulates slowly. An answer that has not come by then was lost with its frame.
constexpr qint64 kPatienceNanos = 2000 * kNanosPerMs;
constexpr qsizetype kRowNumberBytes = 4;

} // namespace

bool RowInjector::takeFromBoard(const Frame& frame)
{
    switch (frame.type()) {
    case MessageType::Description:
        takeDescription(frame);
        return true;
    case MessageType::Ack:
    case MessageType::Nak: {
        if (frame.payload.size() < static_cast<qsizetype>(wire::AckHeader::kSize))
            return true;
        const auto header = wire::AckHeader::unpack(reinterpret_cast<const uint8_t*>(frame.payload.constData()));
        if ((header.seq & kOwnSeq) == 0) {
            takeAnswer(frame);
            return true;
        }
        if (header.seq == (kOwnSeq | (m_seq - 1)))
            takeOwnAnswer(frame.type() == MessageType::Nak);
        return false;
    }
    default:
        return true;
    }
}

void RowInjector::takeDescription(const Frame& frame)
{
    const auto board = parseDescription(frame.payload);
    if (!board)
        return;
    m_largestPayload = board->maxPayload;
    if (m_session == board->session)
        return;
    m_session = board->session;
    m_declared = false;
    m_refused = false;
    m_awaited = Awaited::Nothing;
    if (m_streaming)
        m_feed.stopPlaying();
    m_streaming = false;
}

// The program's requests are not looked at, but what the board says of them: that is when they come into force.
void RowInjector::takeAnswer(const Frame& frame)
{
    const auto header = wire::AckHeader::unpack(reinterpret_cast<const uint8_t*>(frame.payload.constData()));
    if (frame.type() == MessageType::Nak)
        return;
    if (header.type == static_cast<uint8_t>(MessageType::Start)) {
        m_feed.startPlaying();
        m_streaming = true;
    } else if (header.type == static_cast<uint8_t>(MessageType::Stop)) {
        m_feed.stopPlaying();
        m_streaming = false;
    }
}

// A refused Inject has no other reason than that the stream has ended meanwhile.
void RowInjector::takeOwnAnswer(bool refused)
{
    if (m_awaited == Awaited::Declared) {
        m_declared = !refused;
        m_refused = refused;
    }
    m_awaited = Awaited::Nothing;
}

std::optional<QByteArray> RowInjector::next(qint64 now)
{
    if (m_awaited != Awaited::Nothing) {
        if (now - m_askedNanos < kPatienceNanos)
            return {};
        m_awaited = Awaited::Nothing;
    }
    if (!m_session) {
        if (m_askedNanos > 0 && now - m_askedNanos < kAskAgainNanos)
            return {};
        return request(MessageType::DescribeRequest, 0, {}, Awaited::Nothing, now);
    }
    if (m_refused)
        return {};
    if (!m_declared)
        return request(MessageType::Declare, 0, m_feed.specPayload(), Awaited::Declared, now);
    if (!m_streaming)
        return {};
    const qsizetype rowBytes = m_feed.spec().bytesPerRow();
    const qsizetype most = (m_largestPayload - kRowNumberBytes) / rowBytes;
    if (most < 1)
        return {};
    const FeedBatch batch = m_feed.readRows(static_cast<int>(std::min<qsizetype>(most, 0xFFFF)));
    if (batch.rows.isEmpty())
        return {};
    // Rows that nobody took in time show as a jump of the number, which the board counts as its own losses; and so do
    // rows whose frame was lost, because no frame is sent twice.
    QByteArray payload(kRowNumberBytes, '\0');
    wire::putU32(reinterpret_cast<uint8_t*>(payload.data()), static_cast<quint32>(batch.firstRow));
    return request(MessageType::Inject, static_cast<quint32>(m_feed.microsAt(batch.firstRow)), payload + batch.rows,
                   Awaited::Taken, now);
}

QByteArray RowInjector::request(MessageType type, quint32 ticks, const QByteArray& payload, Awaited answer, qint64 now)
{
    wire::FrameHeader header;
    header.type = static_cast<uint8_t>(type);
    header.seq = kOwnSeq | m_seq++;
    header.ticks = ticks;
    m_awaited = answer;
    m_askedNanos = now;
    return encodeFrame(header, payload);
}

} // namespace ember::device
