// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/agent_session.h"

#include "core/device/agent_messages.h"
#include "core/device/polled_transport.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::device {
namespace {

using wire::MessageType;

// How long one wait on the link may last before cancel tokens are looked at again.
constexpr int kSliceMs = 100;
// The description is asked for again when a board that is just starting did not hear it.
constexpr int kDescribeMs = 500;
// Taken while no description says more: every agent takes at least this.
constexpr qsizetype kSafePayload = 64;

quint8 streamByte(int stream)
{
    return stream < 0 ? wire::kAllStreams : static_cast<quint8>(stream);
}

template <typename Header>
QByteArray packed(const Header& header)
{
    QByteArray bytes(static_cast<qsizetype>(Header::kSize), '\0');
    header.pack(reinterpret_cast<uint8_t*>(bytes.data()));
    return bytes;
}

QByteArray u32Bytes(quint32 value)
{
    QByteArray bytes(4, '\0');
    wire::putU32(reinterpret_cast<uint8_t*>(bytes.data()), value);
    return bytes;
}

} // namespace

/// A request that waits, and what ends it: a frame of the answer's type that `matches`, or a Nak with its number.
struct AgentSession::Pending
{
    quint32 seq = 0;
    MessageType request;
    MessageType answer;
    const std::function<bool(const Frame&)>* matches = nullptr;
    std::optional<Result<Frame>> outcome;

    bool isEndedBy(const Frame& frame)
    {
        if (frame.type() == MessageType::Nak || frame.type() == MessageType::Ack) {
            const auto ack = parseAck(frame.payload);
            if (!ack || ack->header.seq != seq || ack->header.type != static_cast<quint8>(request))
                return false;
            if (frame.type() == MessageType::Nak)
                outcome = nakError(ack->header.reason, ack->text, ack->header.type);
            else if (answer == MessageType::Ack)
                outcome = frame;
            return true;
        }
        if (frame.type() != answer || (matches && *matches && !(*matches)(frame)))
            return false;
        outcome = frame;
        return true;
    }
};

AgentSession::AgentSession(std::unique_ptr<Transport> transport)
    : m_transport(std::move(transport))
{}

AgentSession::~AgentSession() = default;

Result<std::unique_ptr<AgentSession>> AgentSession::open(const QString& address, int timeoutMs,
                                                         const TransportOptions& options, const CancelToken& cancel)
{
    const Deadline deadline(timeoutMs);
    EMBER_TRY(auto transport, openTransport(address, options));
    auto session = std::make_unique<AgentSession>(std::move(transport));
    for (;;) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Connecting to %1 was cancelled.").arg(address));
        const int wait = std::clamp(deadline.remainingMs(), kSliceMs, kDescribeMs);
        auto description = session->describe({wait, 1});
        if (description)
            return session;
        // A link that broke or a board that talks nonsense does not get better by asking again.
        if (!session->transport().isOpen() || !description.error().mayMend())
            return description.error();
        if (deadline.hasPassed()) {
            return Error(
                ErrorKind::Board, QStringLiteral("No agent answers on %1.").arg(address),
                QStringLiteral("Check that the board runs the Emberlab agent (flash it) and that nothing else is "
                               "wrong with the link: baud rate, cable, port."));
        }
    }
}

Status AgentSession::poll(int timeoutMs)
{
    auto bytes = m_transport->read(timeoutMs);
    if (!bytes) {
        m_transport->close();
        return bytes.error();
    }
    if (bytes->isEmpty())
        return {};
    const qint64 now = m_transport->arrivalNanos();
    if (m_byteSink)
        m_byteSink(*bytes, now);
    m_decoder.feed(*bytes, [this, now](const Frame& frame) { dispatch(frame, now); });
    return {};
}

void AgentSession::dispatch(const Frame& frame, qint64 hostNanos)
{
    if (m_pending && !m_pending->outcome && m_pending->isEndedBy(frame))
        return;
    if (m_handler)
        m_handler(frame, hostNanos);
}

Result<quint32> AgentSession::send(MessageType type, int stream, const QByteArray& payload)
{
    wire::FrameHeader header;
    header.type = static_cast<uint8_t>(type);
    header.stream = streamByte(stream);
    header.seq = ++m_seq;
    header.ticks = static_cast<quint32>(steadyNanos() / 1000);
    if (auto written = m_transport->write(encodeFrame(header, payload)); !written) {
        m_transport->close();
        return written.error();
    }
    return m_seq;
}

Result<Frame> AgentSession::request(MessageType type, int stream, const QByteArray& payload, MessageType answer,
                                    const RequestOptions& options, const std::function<bool(const Frame&)>& matches)
{
    for (int attempt = 0; attempt < std::max(1, options.attempts); ++attempt) {
        Pending pending;
        pending.request = type;
        pending.answer = answer;
        pending.matches = &matches;
        EMBER_TRY(pending.seq, send(type, stream, payload));
        m_pending = &pending;
        const Status waited = await(options.timeoutMs);
        m_pending = nullptr;
        if (pending.outcome)
            return *pending.outcome;
        EMBER_CHECK(waited);
    }
    return Error(ErrorKind::Board,
                 QStringLiteral("%1 did not answer '%2' within %3 ms.")
                     .arg(m_transport->address(), messageName(type))
                     .arg(options.timeoutMs * std::max(1, options.attempts)),
                 QStringLiteral("The board may be busy, asleep or running other firmware; reset it and try again."));
}

Status AgentSession::await(int timeoutMs)
{
    const Deadline deadline(timeoutMs);
    while (!m_pending->outcome && !deadline.hasPassed())
        EMBER_CHECK(poll(std::min(deadline.remainingMs(), kSliceMs)));
    return {};
}

Result<BoardDescription> AgentSession::describe(const RequestOptions& options)
{
    EMBER_TRY(const Frame frame, request(MessageType::DescribeRequest, 0, {}, MessageType::Description, options));
    EMBER_TRY(m_description, parseDescription(frame.payload));
    return m_description;
}

Status AgentSession::start(int stream, quint8 outputs, const RequestOptions& options)
{
    const QByteArray payload(1, static_cast<char>(outputs));
    EMBER_CHECK(request(MessageType::Start, stream, payload, MessageType::Ack, options));
    return {};
}

Status AgentSession::stop(int stream, const RequestOptions& options)
{
    EMBER_CHECK(request(MessageType::Stop, stream, {}, MessageType::Ack, options));
    return {};
}

Status AgentSession::configure(int stream, double rateHz, const RequestOptions& options)
{
    const double milliHz = std::round(rateHz * 1000);
    if (!(milliHz >= 1) || milliHz > std::numeric_limits<quint32>::max())
        return Error(ErrorKind::Usage, QStringLiteral("%1 Hz is no rate for a sensor.").arg(rateHz));
    EMBER_CHECK(
        request(MessageType::Configure, stream, u32Bytes(static_cast<quint32>(milliHz)), MessageType::Ack, options));
    return {};
}

qsizetype AgentSession::chunkSize(qsizetype fixedPart) const
{
    return std::max(m_description.maxPayload, kSafePayload) - fixedPart;
}

Status AgentSession::inject(int stream, quint32 firstRow, const QByteArray& rows, const RequestOptions& options)
{
    const StreamDescription* known = m_description.stream(stream);
    if (!known)
        return Error(ErrorKind::Usage, QStringLiteral("The board has no stream %1.").arg(stream));
    const auto rowBytes = static_cast<qsizetype>(known->spec.bytesPerRow());
    const qsizetype rowsPerFrame = chunkSize(4) / rowBytes;
    if (rows.size() % rowBytes != 0 || rowsPerFrame == 0)
        return Error(ErrorKind::Usage, QStringLiteral("The bytes are not whole rows that fit the board's frames."));
    for (qsizetype at = 0; at < rows.size(); at += rowsPerFrame * rowBytes) {
        const auto row = firstRow + static_cast<quint32>(at / rowBytes);
        const QByteArray payload = u32Bytes(row) + rows.mid(at, rowsPerFrame * rowBytes);
        EMBER_CHECK(request(MessageType::Inject, stream, payload, MessageType::Ack, options));
    }
    return {};
}

Result<VectorOutput> AgentSession::runVector(quint32 row, VectorKind kind, const QByteArray& input, quint8 want,
                                             const RequestOptions& options)
{
    if (!m_description.model)
        return Error(ErrorKind::Usage, QStringLiteral("The board carries no model."),
                     QStringLiteral("Build and flash a firmware with the model first."));
    if (input.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("The input is empty."));
    wire::VectorHeader header;
    header.row = row;
    header.kind = kind == VectorKind::Window ? wire::kVectorWindow : wire::kVectorFeatures;
    header.want = want;
    header.total = static_cast<quint32>(input.size());
    const qsizetype chunk = chunkSize(wire::VectorHeader::kSize);
    const std::function<bool(const Frame&)> isOurs = [row](const Frame& frame) {
        return outputRow(frame.payload) == row;
    };
    for (qsizetype at = 0;; at += chunk) {
        header.offset = static_cast<quint32>(at);
        const QByteArray payload = packed(header) + input.mid(at, chunk);
        const bool last = at + chunk >= input.size();
        const MessageType answer = last ? MessageType::Output : MessageType::Ack;
        auto frame = request(MessageType::Vector, 0, payload, answer, {options.timeoutMs, 1}, isOurs);
        if (!frame)
            return frame.error();
        if (last)
            return parseOutput(frame->payload, *m_description.model);
    }
}

Result<LearnedReport> AgentSession::learn(const wire::LearnRequest& lesson, const RequestOptions& options)
{
    if (!m_description.model)
        return Error(ErrorKind::Usage, QStringLiteral("The board carries no model."),
                     QStringLiteral("Build and flash a firmware with the model first."));
    EMBER_TRY(const Frame frame, request(MessageType::Learn, 0, packed(lesson), MessageType::Learned, options));
    return parseLearned(frame.payload, *m_description.model);
}

Result<wire::SelfTestReport> AgentSession::selfTest(const RequestOptions& options)
{
    EMBER_TRY(const Frame frame, request(MessageType::SelfTest, 0, {}, MessageType::SelfTested, options));
    return parseSelfTest(frame.payload);
}

Result<ProfileReport> AgentSession::profile(bool clear, const RequestOptions& options)
{
    const QByteArray payload(1, clear ? '\1' : '\0');
    EMBER_TRY(const Frame frame, request(MessageType::ProfileRequest, 0, payload, MessageType::Profile, options));
    return parseProfile(frame.payload, m_description.model ? m_description.model->stages : QStringList());
}

Result<wire::StatsReport> AgentSession::stats(const RequestOptions& options, int stream)
{
    // One that was posted for another stream may still be on its way.
    const std::function<bool(const Frame&)> isOurs = [stream](const Frame& frame) {
        return frame.header.stream == streamByte(stream);
    };
    EMBER_TRY(const Frame frame, request(MessageType::StatsRequest, stream, {}, MessageType::Stats, options, isOurs));
    return parseStats(frame.payload);
}

Status AgentSession::postStatsRequest(int stream)
{
    EMBER_CHECK(send(MessageType::StatsRequest, stream, {}));
    return {};
}

Status AgentSession::reset(bool bootloader, const RequestOptions& options)
{
    const QByteArray payload(1, bootloader ? '\1' : '\0');
    EMBER_CHECK(request(MessageType::Reset, 0, payload, MessageType::Ack, options));
    return {};
}

} // namespace ember::device
