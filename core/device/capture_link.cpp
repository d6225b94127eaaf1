// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture_link.h"

#include "core/device/polled_transport.h"

#include <algorithm>
#include <poll.h>

namespace ember::device {
namespace {

// Short, because the ledger has to be written several times a second even while nobody answers.
constexpr int kSliceMs = 150;

DecoderCounts sum(const DecoderCounts& a, const DecoderCounts& b)
{
    return {a.bytes + b.bytes,     a.frames + b.frames, a.torn + b.torn,
            a.tooLong + b.tooLong, a.badCrc + b.badCrc, a.badVersion + b.badVersion};
}

} // namespace

CaptureLink::CaptureLink(const CaptureOptions& options, AgentSession::FrameHandler onFrame,
                         AgentSession::ByteSink onBytes)
    : m_options(options)
    , m_onFrame(std::move(onFrame))
    , m_onBytes(std::move(onBytes))
{}

DecoderCounts CaptureLink::totals() const
{
    return m_session ? sum(m_closed, m_session->counts()) : m_closed;
}

void CaptureLink::drop()
{
    if (m_session)
        m_closed = sum(m_closed, m_session->counts());
    m_session.reset();
}

Status CaptureLink::connect(int timeoutMs, bool patient, const Tick& tick)
{
    const Deadline deadline(timeoutMs);
    for (;;) {
        if (!tick())
            return Error(ErrorKind::Cancelled, QStringLiteral("Connecting to %1 was stopped.").arg(m_options.address));
        auto tried = tryOnce(patient);
        if (tried)
            return {};
        const bool curable = tried.error().mayMend() && (m_session || patient);
        if (!curable || (timeoutMs > 0 && deadline.hasPassed())) {
            drop();
            return tried;
        }
        // A transport that cannot be opened says so at once.
        if (!m_session)
            ::poll(nullptr, 0, kSliceMs);
    }
}

Status CaptureLink::tryOnce(bool patient)
{
    if (!m_session) {
        TransportOptions options = m_options.transport;
        if (patient)
            options.connectTimeoutMs = std::min(options.connectTimeoutMs, kSliceMs);
        EMBER_TRY(auto transport, openTransport(m_options.address, options));
        m_session = std::make_unique<AgentSession>(std::move(transport));
        m_session->setFrameHandler(m_onFrame);
        m_session->setByteSink(m_onBytes);
    }
    auto described = m_session->describe({kSliceMs, 1});
    if (!described) {
        // The port stays open while its board starts: opening it again would reset some boards again.
        if (!m_session->transport().isOpen())
            drop();
        return described.error();
    }
    return chooseStream(*described);
}

Status CaptureLink::chooseStream(const BoardDescription& board)
{
    // A stream without a rate has no sensor behind it (yet): it takes what a host injects, and gives nothing by itself.
    const StreamDescription* stream = nullptr;
    for (const StreamDescription& candidate : board.streams) {
        const bool wanted = m_options.stream < 0 || candidate.number == m_options.stream;
        if (wanted && candidate.spec.rateHz > 0 && !stream)
            stream = &candidate;
    }
    if (!stream) {
        return Error(ErrorKind::Board, QStringLiteral("%1 has no stream to record.").arg(board.board),
                     QStringLiteral("Connect its sensor; an emulated board needs a recording as its sensor."));
    }
    m_stream = *stream;
    return {};
}

} // namespace ember::device
