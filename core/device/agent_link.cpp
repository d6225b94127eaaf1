// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/agent_link.h"

#include "core/device/polled_transport.h"
#include "core/device/steady_clock.h"

#include <algorithm>
#include <iterator>

namespace ember::device {
namespace {

using wire::MessageType;

constexpr qint64 kNanosPerMs = 1'000'000;
// Also the heartbeat that tells a quiet board from a dead link.
constexpr qint64 kStatsNanos = 1000 * kNanosPerMs;
constexpr qint64 kStatsAtEndNanos = 100 * kNanosPerMs;
constexpr RequestOptions kOnce{500, 1};
constexpr int kMostSilences = 6;
constexpr qint64 kMostFinishNanos = 10'000 * kNanosPerMs;

DecoderCounts sum(const DecoderCounts& a, const DecoderCounts& b)
{
    return {a.bytes + b.bytes,     a.frames + b.frames, a.torn + b.torn,
            a.tooLong + b.tooLong, a.badCrc + b.badCrc, a.badVersion + b.badVersion};
}

// A stream without a rate has no sensor behind it (yet): it takes what a host injects, and gives nothing by itself.
std::vector<StreamDescription> liveStreams(const BoardDescription& board)
{
    std::vector<StreamDescription> live;
    std::copy_if(board.streams.begin(), board.streams.end(), std::back_inserter(live),
                 [](const StreamDescription& stream) { return stream.spec.rateHz > 0; });
    return live;
}

QString namesOf(const std::vector<StreamDescription>& streams)
{
    QStringList names;
    for (const StreamDescription& stream : streams)
        names << stream.spec.name;
    return names.join(QStringLiteral(", "));
}

Error noStream(const BoardDescription& board, const std::vector<StreamDescription>& live)
{
    QString hint =
        QStringLiteral("Connect its sensor; an emulated board needs a recording as its sensor (--feed FILE.csv).");
    if (!live.empty())
        hint += QStringLiteral(" Other streams that it has are recorded by name: %1.").arg(namesOf(live));
    return Error(ErrorKind::Board, QStringLiteral("%1 has no stream to record.").arg(board.board), hint);
}

Result<std::vector<StreamDescription>> wantedStreams(const BoardDescription& board, const CaptureOptions& options)
{
    const std::vector<StreamDescription> live = liveStreams(board);
    // Only stream 0, whatever else there is: its sensor may not have been found yet, and the next one is no stand-in.
    if (options.streams.isEmpty()) {
        if (live.empty() || live.front().number != 0)
            return noStream(board, live);
        return std::vector<StreamDescription>{live.front()};
    }
    if (options.streams == QStringList(QString::fromLatin1(kAllStreams))) {
        if (live.size() < static_cast<size_t>(std::max(1, options.leastStreams)))
            return noStream(board, live);
        return live;
    }
    std::vector<StreamDescription> chosen;
    for (const QString& name : options.streams) {
        const auto found =
            std::find_if(live.begin(), live.end(), [&name](const auto& stream) { return stream.spec.name == name; });
        if (found == live.end())
            return Error(ErrorKind::Board, QStringLiteral("%1 has no stream '%2'.").arg(board.board, name),
                         QStringLiteral("It has: %1.").arg(live.empty() ? QStringLiteral("none") : namesOf(live)));
        const bool twice = std::any_of(chosen.begin(), chosen.end(),
                                       [&found](const auto& stream) { return stream.number == found->number; });
        if (twice)
            return Error(ErrorKind::Usage, QStringLiteral("The stream '%1' is asked for twice.").arg(name));
        chosen.push_back(*found);
    }
    // The main one first, in whatever order they were named: it is what the model works on.
    std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    return chosen;
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
    return chooseStreams(*described);
}

Status AgentLink::chooseStreams(const BoardDescription& board)
{
    EMBER_TRY(std::vector<StreamDescription> chosen, wantedStreams(board, m_options));
    if (hasBegun())
        return {}; // resume() compares them with what they were
    m_streams = std::move(chosen);
    m_board = board;
    m_board.format = QString::fromLatin1(kAgentFormat);
    return {};
}

Status AgentLink::start()
{
    if (!hasBegun()) {
        for (const StreamDescription& stream : m_streams)
            m_assemblers.emplace_back(stream.spec, m_options.timeScale);
    }
    const bool interactive = m_session->transport().isInteractive();
    if (interactive) {
        // A stream that an earlier program left running has row numbers of its own.
        m_rowsWanted = false;
        EMBER_CHECK(m_session->stop(-1));
    }
    m_rowsWanted = true;
    if (!interactive)
        return {};
    // A firmware without a model would refuse the whole stream for the sake of inference.
    const quint8 unavailable = m_board.model ? 0 : wire::kStartInference;
    const auto outputs = static_cast<quint8>(m_options.outputs & ~unavailable);
    for (size_t i = 0; i < m_streams.size(); ++i) {
        // The model works on the board's first stream.
        const bool beside = m_streams[i].number != 0;
        const auto wanted = beside ? static_cast<quint8>(outputs & ~wire::kStartInference) : outputs;
        if (wanted != 0)
            EMBER_CHECK(startStream(i, wanted));
    }
    return {};
}

Status AgentLink::startStream(size_t index, quint8 outputs)
{
    const int number = m_streams[index].number;
    const Status started = m_session->start(number, outputs);
    const auto samplesAlone = static_cast<quint8>(outputs & ~wire::kStartInference);
    if (started || started.error().kind != ErrorKind::Board || samplesAlone == outputs || samplesAlone == 0)
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
    return m_session->postStatsRequest(m_streams.front().number);
}

Status AgentLink::resume(const Tick&)
{
    const BoardDescription& now = m_session->description();
    const bool same = now.board == m_board.board &&
                      std::all_of(m_streams.begin(), m_streams.end(), [&now](const StreamDescription& before) {
                          const StreamDescription* stream = now.stream(before.number);
                          return stream && *stream == before;
                      });
    if (!same) {
        return Error::wrongBoard(QStringLiteral("Another board answers on %1 than before.").arg(m_options.address),
                                 QStringLiteral("What was recorded is kept; start a new recording for this board."));
    }
    if (now.session == m_board.session) {
        m_rowsWanted = true;
        EMBER_TRY(const wire::StatsReport stats, m_session->stats({1000, 3}, m_streams.front().number));
        // They went on by themselves: row numbers tell exactly what was missed.
        if (std::all_of(m_streams.begin(), m_streams.end(),
                        [&stats](const StreamDescription& stream) { return stats.streaming & (1u << stream.number); }))
            return {};
    }
    m_board.session = now.session;
    m_lastStats.reset();
    for (SampleAssembler& assembler : m_assemblers)
        assembler.restart(steadyNanos());
    return start();
}

// Over a bad cable most requests and answers are damaged, and without the last ones the ledger would not know what was
// lost at the end: they are tried while anything arrives, but not for longer than somebody waits who pressed Stop. A
// board that says nothing at all is given up sooner.
template <typename Ask>
auto AgentLink::insist(qint64 deadline, const Ask& ask) -> decltype(ask())
{
    int silent = 0;
    while (true) {
        const qint64 before = totals().bytes;
        auto answer = ask();
        if (answer || !m_session->transport().isOpen())
            return answer;
        silent = totals().bytes == before ? silent + 1 : 0;
        if (silent == kMostSilences || steadyNanos() > deadline)
            return answer;
    }
}

void AgentLink::finish(bool settle)
{
    if (!m_session->transport().isOpen() || !m_session->transport().isInteractive())
        return;
    // Rows that the board had when it was stopped still arrive before its answer; an answer that does not come harms
    // nothing any more.
    const qint64 deadline = steadyNanos() + kMostFinishNanos;
    if (!insist(deadline, [this] { return m_session->stop(-1, kOnce); }) || !settle)
        return;
    for (size_t i = 0; i < m_streams.size(); ++i) {
        const auto stats = insist(deadline, [this, i] { return m_session->stats(kOnce, m_streams[i].number); });
        if (stats)
            m_assemblers[i].settle(stats->rowsProduced, stats->rowsDropped);
    }
}

bool AgentLink::hasProduced(qint64 rows) const
{
    return m_lastStats && m_lastStats->rowsProduced >= rows;
}

void AgentLink::addTo(signal::Ledger& ledger, size_t stream) const
{
    const DecoderCounts counts = totals();
    ledger.bytes = counts.bytes;
    ledger.frames = counts.frames;
    ledger.crcErrors = counts.refused();
    if (!hasBegun())
        return;
    const SampleAssembler& assembler = m_assemblers[stream];
    ledger.deviceDrops = assembler.counts().deviceDrops;
    ledger.linkGaps = assembler.counts().linkGaps;
    ledger.crcErrors += assembler.counts().malformed;
    ledger.restarts = assembler.counts().clockSets;
    ledger.measuredRateHz = assembler.measuredRateHz();
}

// --- what arrives ---

void AgentLink::onFrame(const Frame& frame, qint64 hostNanos)
{
    switch (frame.type()) {
    case MessageType::Samples:
        onSamples(frame, hostNanos);
        break;
    case MessageType::Stats:
        if (const auto stats = parseStats(frame.payload);
            stats && !m_streams.empty() && frame.header.stream == m_streams.front().number)
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
        if (!result || !hasBegun() || frame.header.stream != m_streams.front().number)
            break;
        result->endRow = m_assemblers.front().rowOf(static_cast<quint32>(result->endRow));
        m_handlers.onInference(*result);
        break;
    }
    case MessageType::Event: {
        auto notice = parseEvent(frame.payload);
        if (!notice || !hasBegun() || frame.header.stream != m_streams.front().number)
            break;
        notice->endRow = m_assemblers.front().rowOf(static_cast<quint32>(notice->endRow));
        m_handlers.onEvent(*notice);
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
    if (!hasBegun())
        return;
    const auto board = parseDescription(frame.payload);
    if (!board || board->session != m_board.session)
        return;
    const bool same = std::all_of(m_streams.begin(), m_streams.end(), [&board](const StreamDescription& before) {
        const StreamDescription* stream = board->stream(before.number);
        return stream && stream->spec == before.spec;
    });
    if (same && board->streams == m_board.streams)
        return;
    if (same) {
        // A sensor was found, or went away, beside those that are captured.
        m_board.streams = board->streams;
        m_handlers.onDescription(m_board);
        return;
    }
    m_handlers.onFailure(Error(ErrorKind::Board,
                               QStringLiteral("The sensor of %1 changed while it was recorded.").arg(m_board.board),
                               QStringLiteral("What was recorded is kept; start a new recording.")));
}

void AgentLink::onSamples(const Frame& frame, qint64 hostNanos)
{
    for (size_t i = 0; m_rowsWanted && i < m_streams.size(); ++i) {
        if (frame.header.stream != m_streams[i].number)
            continue;
        if (const auto block = m_assemblers[i].take(frame, hostNanos))
            m_handlers.onBlock(i, *block);
    }
}

} // namespace ember::device
