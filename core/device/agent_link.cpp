// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/agent_link.h"

#include "core/device/polled_transport.h"
#include "core/device/steady_clock.h"

namespace ember::device {
namespace {

using wire::MessageType;

constexpr qint64 kNanosPerMs = 1'000'000;
// Also the heartbeat that tells a quiet board from a dead link.
constexpr qint64 kStatsNanos = 1000 * kNanosPerMs;
constexpr qint64 kStatsAtEndNanos = 100 * kNanosPerMs;

DecoderCounts sum(const DecoderCounts& a, const DecoderCounts& b)
{
    return {a.bytes + b.bytes,     a.frames + b.frames, a.torn + b.torn,
            a.tooLong + b.tooLong, a.badCrc + b.badCrc, a.badVersion + b.badVersion};
}

} // namespace

AgentLink::AgentLink(const CaptureOptions& options, LinkHandlers handlers, std::unique_ptr<Transport> transport)
    : CaptureLink(options)
    , m_handlers(std::move(handlers))
{
    if (transport)
        adopt(std::move(transport));
}

void AgentLink::adopt(std::unique_ptr<Transport> transport)
{
    m_session = std::make_unique<AgentSession>(std::move(transport));
    m_session->setFrameHandler([this](const Frame& frame, qint64 nanos) { onFrame(frame, nanos); });
    m_session->setByteSink(m_handlers.onBytes);
}

DecoderCounts AgentLink::totals() const
{
    return m_session ? sum(m_closed, m_session->counts()) : m_closed;
}

void AgentLink::drop()
{
    m_rowsWanted = false; // until it is certain whose they are
    if (m_session)
        m_closed = sum(m_closed, m_session->counts());
    m_session.reset();
}

Status AgentLink::tryOnce(bool patient)
{
    if (!m_session) {
        EMBER_TRY(auto transport, open(patient));
        adopt(std::move(transport));
    }
    auto described = m_session->describe({kLinkSliceMs, 1});
    if (!described) {
        // The port stays open while its board starts: opening it again would reset some boards again.
        if (!m_session->transport().isOpen())
            drop();
        return described.error();
    }
    return chooseStream(*described);
}

Status AgentLink::chooseStream(const BoardDescription& board)
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
                     QStringLiteral("Connect its sensor; an emulated board needs a recording as its sensor (--feed FILE.csv)."));
    }
    m_stream = *stream;
    if (!m_assembler) {
        m_board = board;
        m_board.format = QString::fromLatin1(kAgentFormat);
    }
    return {};
}

Status AgentLink::start()
{
    if (!m_assembler)
        m_assembler.emplace(m_stream.spec);
    const int number = m_stream.number;
    if (m_session->transport().isInteractive()) {
        // A stream that an earlier program left running has row numbers of its own.
        m_rowsWanted = false;
        EMBER_CHECK(m_session->stop(number));
    }
    m_rowsWanted = true;
    if (!m_session->transport().isInteractive())
        return {};
    // A firmware without a model would refuse the whole stream for the sake of inference.
    const quint8 unavailable = m_board.model ? 0 : wire::kStartInference;
    const auto wanted = static_cast<quint8>(m_options.outputs & ~unavailable);
    const Status started = m_session->start(number, wanted);
    const auto samplesAlone = static_cast<quint8>(wanted & ~wire::kStartInference);
    if (started || started.error().kind != ErrorKind::Board || samplesAlone == wanted || samplesAlone == 0)
        return started;
    // The model that it carries takes rows of another kind than its sensor gives. The samples are good all the same.
    m_handlers.onLog(started.error().message);
    return m_session->start(number, samplesAlone);
}

Status AgentLink::poll(int timeoutMs)
{
    return m_session->poll(timeoutMs);
}

Status AgentLink::keepAlive(bool nearTheEnd)
{
    if (!m_session->transport().isInteractive())
        return {};
    const qint64 now = steadyNanos();
    if (now - m_lastStatsNanos < (nearTheEnd ? kStatsAtEndNanos : kStatsNanos))
        return {};
    m_lastStatsNanos = now;
    return m_session->postStatsRequest();
}

Status AgentLink::resume(const Tick&)
{
    const BoardDescription& now = m_session->description();
    const int number = m_stream.number;
    const StreamDescription* before = m_board.stream(number);
    if (now.board != m_board.board || !before || *before != m_stream) {
        return Error::wrongBoard(QStringLiteral("Another board answers on %1 than before.").arg(m_options.address),
                                 QStringLiteral("What was recorded is kept; start a new recording for this board."));
    }
    if (now.session == m_board.session) {
        m_rowsWanted = true;
        EMBER_TRY(const wire::StatsReport stats, m_session->stats());
        // It went on by itself: row numbers tell exactly what was missed.
        if (stats.streaming & (1u << number))
            return {};
    }
    m_board.session = now.session;
    m_lastStats.reset();
    m_assembler->restart(steadyNanos(), m_options.timeScale);
    return start();
}

void AgentLink::finish(bool settle)
{
    if (!m_session->transport().isOpen() || !m_session->transport().isInteractive())
        return;
    // Rows that the board had when it was stopped still arrive before its answer; an answer that does not come harms
    // nothing any more.
    if (!m_session->stop(m_stream.number) || !settle)
        return;
    if (const auto stats = m_session->stats())
        m_assembler->settle(stats->rowsProduced, stats->rowsDropped);
}

bool AgentLink::hasProduced(qint64 rows) const
{
    return m_lastStats && m_lastStats->rowsProduced >= rows;
}

void AgentLink::addTo(signal::Ledger& ledger) const
{
    const DecoderCounts counts = totals();
    ledger.bytes = counts.bytes;
    ledger.frames = counts.frames;
    ledger.crcErrors = counts.refused();
    if (!m_assembler)
        return;
    ledger.deviceDrops = m_assembler->counts().deviceDrops;
    ledger.linkGaps = m_assembler->counts().linkGaps;
    ledger.crcErrors += m_assembler->counts().malformed;
    ledger.measuredRateHz = m_assembler->measuredRateHz();
}

// --- what arrives ---

void AgentLink::onFrame(const Frame& frame, qint64 hostNanos)
{
    switch (frame.type()) {
    case MessageType::Samples:
        onSamples(frame, hostNanos);
        break;
    case MessageType::Stats:
        if (const auto stats = parseStats(frame.payload))
            m_lastStats = *stats;
        break;
    case MessageType::Description:
        checkStream(frame);
        break;
    case MessageType::Log:
        if (const auto line = parseLog(frame.payload))
            m_handlers.onLog(line->text);
        break;
    case MessageType::Inference: {
        const auto& model = m_session->description().model;
        auto result = parseInference(frame.payload, hostNanos, model ? model->outputType : signal::SampleType::Int32);
        if (!result || !m_assembler)
            break;
        result->endRow = m_assembler->rowOf(static_cast<quint32>(result->endRow));
        m_handlers.onInference(*result);
        break;
    }
    default:
        break;
    }
}

// A board describes itself unasked when its sensor changes, and has stopped by then: without a look at it the capture
// would wait for rows for ever.
void AgentLink::checkStream(const Frame& frame)
{
    if (!m_assembler)
        return;
    const auto board = parseDescription(frame.payload);
    if (!board || board->session != m_board.session)
        return;
    const StreamDescription* stream = board->stream(m_stream.number);
    if (stream && stream->spec == m_stream.spec)
        return;
    m_handlers.onFailure(Error(ErrorKind::Board,
                               QStringLiteral("The sensor of %1 changed while it was recorded.").arg(m_board.board),
                               QStringLiteral("What was recorded is kept; start a new recording.")));
}

void AgentLink::onSamples(const Frame& frame, qint64 hostNanos)
{
    if (!m_rowsWanted || frame.header.stream != m_stream.number)
        return;
    if (const auto block = m_assembler->take(frame, hostNanos))
        m_handlers.onBlock(*block);
}

} // namespace ember::device
