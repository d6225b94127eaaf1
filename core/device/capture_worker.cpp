// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture_worker.h"

#include "core/device/polled_transport.h"
#include "core/device/steady_clock.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace ember::device {
namespace {

using wire::MessageType;

constexpr qint64 kNanosPerMs = 1'000'000;
constexpr int kPollMs = 20;
// Well under the 250 ms that a killed program may lose.
constexpr qint64 kLedgerNanos = 100 * kNanosPerMs;
constexpr qint64 kStatusNanos = 250 * kNanosPerMs;
// Also the heartbeat that tells a quiet board from a dead link.
constexpr qint64 kStatsNanos = 1000 * kNanosPerMs;
constexpr qint64 kStatsAtEndNanos = 100 * kNanosPerMs;
// Without a new row for so long after the source's end, the last ones are lost.
constexpr qint64 kEndGraceNanos = 10'000 * kNanosPerMs;
constexpr double kFallbackRateHz = 1000;

template <typename Handler, typename... Args>
void call(const Handler& handler, Args&&... args)
{
    if (handler)
        handler(std::forward<Args>(args)...);
}

bool isDue(qint64& last, qint64 period)
{
    const qint64 now = steadyNanos();
    if (now - last < period)
        return false;
    last = now;
    return true;
}

} // namespace

CaptureWorker::CaptureWorker(CaptureOptions options, CaptureHandlers handlers)
    : m_options(std::move(options))
    , m_handlers(std::move(handlers))
    , m_link(
          m_options, [this](const Frame& frame, qint64 nanos) { onFrame(frame, nanos); },
          [this](QByteArrayView bytes) { onBytes(bytes); })
    , m_clock(m_options.timeScale)
{}

CaptureWorker::~CaptureWorker()
{
    m_stop = true;
    if (m_thread.joinable())
        m_thread.join();
}

void CaptureWorker::start()
{
    if (!m_thread.joinable())
        m_thread = std::thread([this] { run(); });
}

bool CaptureWorker::wait(int timeoutMs)
{
    std::unique_lock lock(m_mutex);
    return m_ended.wait_for(lock, std::chrono::milliseconds(timeoutMs), [this] { return m_isOver; });
}

CaptureStatus CaptureWorker::status() const
{
    const std::lock_guard lock(m_mutex);
    return m_status;
}

std::shared_ptr<const LiveBuffer> CaptureWorker::live() const
{
    const std::lock_guard lock(m_mutex);
    return m_buffer;
}

std::optional<TakeResult> CaptureWorker::lastTake() const
{
    const std::lock_guard lock(m_mutex);
    return m_lastTake;
}

void CaptureWorker::beginTake(SinkFactory sink, const TakeOptions& options)
{
    const std::lock_guard lock(m_mutex);
    m_lastTake.reset();
    m_requests.push_back({std::move(sink), options});
}

void CaptureWorker::endTake()
{
    const std::lock_guard lock(m_mutex);
    m_requests.push_back({});
}

// --- the thread ---

void CaptureWorker::run()
{
    setState(CaptureState::Connecting);
    Status done = capture();
    if (!m_failure)
        done = m_failure; // waiting for the link ends early because of it, but it is the reason
    else if (!done && done.error().kind == ErrorKind::Cancelled)
        done = {}; // stop() while the link was down
    if (const Status closed = closeRawLog(); !closed && done)
        done = closed;
    if (m_take && !done)
        m_take->fail(done.error());
    closeTake();
    m_link.drop();
    if (done)
        setState(CaptureState::Finished);
    else
        setState(CaptureState::Failed, done.error());
    const std::lock_guard lock(m_mutex);
    m_isOver = true;
    m_ended.notify_all();
}

Status CaptureWorker::capture()
{
    EMBER_CHECK(openRawLog());
    EMBER_CHECK(m_link.connect(m_options.connectTimeoutMs, false, [this] { return tick(); }));
    EMBER_CHECK(beginStreaming());
    EMBER_CHECK(streamUntilDone());
    finishStream();
    return m_failure;
}

Status CaptureWorker::openRawLog()
{
    if (m_options.rawLog.isEmpty())
        return {};
    m_rawLog.setFileName(m_options.rawLog);
    if (m_rawLog.open(QIODevice::WriteOnly | QIODevice::NewOnly))
        return {};
    // Also what is no file at all, but there: nothing of the user's is written over.
    if (m_rawLog.exists())
        return Error(ErrorKind::Usage, QStringLiteral("The log '%1' exists already.").arg(m_options.rawLog),
                     QStringLiteral("Choose another name, or move it away."));
    return logFailed();
}

Error CaptureWorker::logFailed() const
{
    return Error(ErrorKind::Io,
                 QStringLiteral("The log '%1' cannot be written: %2.").arg(m_options.rawLog, m_rawLog.errorString()),
                 QStringLiteral("Check the folder and its free space. What was recorded is kept."));
}

/// Hands what was logged to the system, so that it outlives this program.
Status CaptureWorker::flushRawLog()
{
    return m_rawLog.isOpen() && !m_rawLog.flush() ? Status(logFailed()) : Status();
}

Status CaptureWorker::closeRawLog()
{
    if (!m_rawLog.isOpen())
        return {};
    EMBER_CHECK(flushRawLog());
    m_rawLog.close();
    return m_rawLog.error() == QFileDevice::NoError ? Status() : Status(logFailed());
}

Status CaptureWorker::beginStreaming()
{
    m_board = m_link.session().description();
    const StreamDescription& stream = m_link.stream();
    m_assembler.emplace(stream.spec);
    const double rate = stream.spec.rateHz > 0 ? stream.spec.rateHz : kFallbackRateHz;
    auto buffer = std::make_shared<LiveBuffer>(stream.spec, std::llround(std::max(1.0, rate * m_options.liveSeconds)));
    {
        const std::lock_guard lock(m_mutex);
        m_buffer = buffer;
    }
    call(m_handlers.onDescription, m_board);
    if (m_options.sink) {
        EMBER_CHECK(openTake(m_options.sink, m_options.take, true));
        m_takeIsMain = true;
    }
    EMBER_CHECK(startStream());
    m_lastByteNanos = steadyNanos();
    setState(CaptureState::Streaming);
    call(m_handlers.onStream, buffer);
    return {};
}

Status CaptureWorker::streamUntilDone()
{
    while (!isDone()) {
        const Status streamed = streamOnce();
        if (streamed)
            continue;
        if (!m_failure || !m_options.reconnect || !streamed.error().mayMend())
            return streamed;
        setState(CaptureState::LinkLost, streamed.error());
        EMBER_CHECK(reconnect());
        setState(CaptureState::Streaming);
    }
    return {};
}

Status CaptureWorker::streamOnce()
{
    AgentSession& session = m_link.session();
    EMBER_CHECK(session.poll(kPollMs));
    EMBER_CHECK(m_failure);
    if (session.transport().isInteractive()) {
        if (isDue(m_lastStatsNanos, m_sourceEndNanos > 0 ? kStatsAtEndNanos : kStatsNanos))
            EMBER_CHECK(session.postStatsRequest());
        EMBER_CHECK(checkSilence());
    }
    tick();
    return m_failure;
}

Status CaptureWorker::checkSilence()
{
    const qint64 silentMs = (steadyNanos() - m_lastByteNanos) / kNanosPerMs;
    if (m_options.silenceMs <= 0 || silentMs < m_options.silenceMs)
        return {};
    return Error(ErrorKind::Board,
                 QStringLiteral("%1 has been silent for %2 s.").arg(m_options.address).arg(silentMs / 1000),
                 QStringLiteral("Check power and cable; reset the board."));
}

Status CaptureWorker::startStream()
{
    AgentSession& session = m_link.session();
    const int number = m_link.stream().number;
    if (session.transport().isInteractive()) {
        // A stream that an earlier program left running has row numbers of its own.
        m_rowsWanted = false;
        EMBER_CHECK(session.stop(number));
    }
    m_rowsWanted = true;
    if (!session.transport().isInteractive())
        return {};
    // A firmware without a model would refuse the whole stream for the sake of inference.
    const quint8 unavailable = m_board.model ? 0 : wire::kStartInference;
    const auto wanted = static_cast<quint8>(m_options.outputs & ~unavailable);
    const Status started = session.start(number, wanted);
    const auto samplesAlone = static_cast<quint8>(wanted & ~wire::kStartInference);
    if (started || started.error().kind != ErrorKind::Board || samplesAlone == wanted || samplesAlone == 0)
        return started;
    // The model that it carries takes rows of another kind than its sensor gives. The samples are good all the same.
    call(m_handlers.onLog, started.error().message);
    return session.start(number, samplesAlone);
}

Status CaptureWorker::reconnect()
{
    const Deadline deadline(m_options.reconnectTimeoutMs);
    const bool forEver = m_options.reconnectTimeoutMs <= 0;
    for (;;) {
        m_rowsWanted = false; // until it is certain whose they are
        m_link.drop();
        const int patience = forEver ? 0 : std::max(1, deadline.remainingMs());
        EMBER_CHECK(m_link.connect(patience, true, [this] { return tick(); }));
        const Status resumed = resumeStream();
        if (resumed) {
            ++m_reconnects;
            return {};
        }
        // Lost again meanwhile; anything else is not cured by trying.
        if (!resumed.error().mayMend() || (!forEver && deadline.hasPassed()))
            return resumed;
    }
}

Status CaptureWorker::resumeStream()
{
    AgentSession& session = m_link.session();
    const BoardDescription& now = session.description();
    const int number = m_link.stream().number;
    const StreamDescription* before = m_board.stream(number);
    if (now.board != m_board.board || !before || *before != m_link.stream()) {
        return Error::wrongBoard(QStringLiteral("Another board answers on %1 than before.").arg(m_options.address),
                                 QStringLiteral("What was recorded is kept; start a new recording for this board."));
    }
    m_lastByteNanos = steadyNanos();
    if (now.session == m_board.session) {
        m_rowsWanted = true;
        EMBER_TRY(const wire::StatsReport stats, session.stats());
        // It went on by itself: row numbers tell exactly what was missed.
        if (stats.streaming & (1u << number))
            return {};
    }
    m_board.session = now.session;
    m_lastStats.reset();
    m_assembler->restart(steadyNanos(), m_options.timeScale);
    return startStream();
}

void CaptureWorker::finishStream()
{
    AgentSession& session = m_link.session();
    if (!session.transport().isOpen() || !session.transport().isInteractive())
        return;
    // Rows that the board had when it was stopped still arrive before its answer; an answer that does not come harms
    // nothing any more.
    if (!session.stop(m_link.stream().number))
        return;
    if (!m_sourceIsOver)
        return;
    if (const auto stats = session.stats())
        m_assembler->settle(stats->rowsProduced, stats->rowsDropped);
}

// --- what arrives ---

void CaptureWorker::onBytes(QByteArrayView bytes)
{
    m_lastByteNanos = steadyNanos();
    if (!m_rawLog.isOpen() || m_rawLog.write(bytes.data(), bytes.size()) == bytes.size())
        return;
    m_failure = logFailed();
}

void CaptureWorker::onFrame(const Frame& frame, qint64 hostNanos)
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
            call(m_handlers.onLog, line->text);
        break;
    case MessageType::Inference: {
        auto result = parseInference(frame.payload, hostNanos);
        if (!result || !m_assembler)
            break;
        result->endRow = m_assembler->rowOf(static_cast<quint32>(result->endRow));
        call(m_handlers.onInference, *result);
        break;
    }
    default:
        break;
    }
}

// A board describes itself unasked when its sensor changes, and has stopped by then: without a look at it the capture
// would wait for rows for ever.
void CaptureWorker::checkStream(const Frame& frame)
{
    if (!m_assembler || !m_failure)
        return;
    const auto board = parseDescription(frame.payload);
    if (!board || board->session != m_board.session)
        return;
    const StreamDescription* stream = board->stream(m_link.stream().number);
    if (stream && stream->spec == m_link.stream().spec)
        return;
    m_failure =
        Error(ErrorKind::Board, QStringLiteral("The sensor of %1 changed while it was recorded.").arg(m_board.board),
              QStringLiteral("What was recorded is kept; start a new recording."));
}

void CaptureWorker::onSamples(const Frame& frame, qint64 hostNanos)
{
    if (!m_rowsWanted || !m_failure || frame.header.stream != m_link.stream().number)
        return;
    const auto block = m_assembler->take(frame, hostNanos);
    if (!block)
        return;
    m_sourceEndNanos = 0;
    m_clock.add(*block, m_link.stream().spec.rateHz);
    m_buffer->append(*block);
    if (!m_take)
        return;
    const Status appended = m_take->append(*block, ledger());
    if (m_takeIsMain && !appended)
        m_failure = appended;
    if (m_take->isComplete())
        closeTake();
}

// --- takes, ledger, state ---

Status CaptureWorker::openTake(const SinkFactory& factory, const TakeOptions& options, bool fromFirstRow)
{
    auto sink = factory(m_board, m_link.stream());
    if (sink) {
        m_take.emplace(*sink, options, m_link.stream().spec, m_options.timeScale, ledger(), fromFirstRow);
        return {};
    }
    TakeResult refused;
    refused.error = sink.error();
    {
        const std::lock_guard lock(m_mutex);
        m_lastTake = refused;
    }
    call(m_handlers.onTakeEnded, refused);
    return sink.error();
}

void CaptureWorker::closeTake()
{
    if (!m_take)
        return;
    if (!m_take->result().error)
        static_cast<void>(m_take->updateLedger(ledger())); // a failure is in the result
    const TakeResult result = m_take->result();
    m_take.reset(); // the sink goes with it, on this thread
    m_mainTakeEnded = m_mainTakeEnded || m_takeIsMain;
    m_takeIsMain = false;
    {
        const std::lock_guard lock(m_mutex);
        m_lastTake = result;
    }
    call(m_handlers.onTakeEnded, result);
}

void CaptureWorker::handleTakeRequests()
{
    std::vector<TakeRequest> requests;
    {
        const std::lock_guard lock(m_mutex);
        requests.swap(m_requests);
    }
    for (const TakeRequest& request : requests) {
        closeTake();
        if (request.sink)
            static_cast<void>(openTake(request.sink, request.options, false)); // told through onTakeEnded
    }
}

signal::Ledger CaptureWorker::ledger() const
{
    const DecoderCounts counts = m_link.totals();
    signal::Ledger ledger;
    ledger.bytes = counts.bytes;
    ledger.frames = counts.frames;
    ledger.crcErrors = counts.refused();
    ledger.reconnects = m_reconnects;
    if (!m_assembler)
        return ledger;
    ledger.deviceDrops = m_assembler->counts().deviceDrops;
    ledger.linkGaps = m_assembler->counts().linkGaps;
    ledger.crcErrors += m_assembler->counts().malformed;
    ledger.driftPpm = m_clock.driftPpm();
    ledger.measuredRateHz = m_assembler->measuredRateHz();
    return ledger;
}

/// What has to happen now and then, whatever the link does. False when the capture shall end.
bool CaptureWorker::tick()
{
    if (m_assembler)
        handleTakeRequests();
    if (m_take && isDue(m_lastLedgerNanos, kLedgerNanos)) {
        const Status updated = m_take->updateLedger(ledger());
        if (!updated && m_takeIsMain)
            m_failure = updated;
        if (!updated)
            closeTake();
    }
    if (isDue(m_lastLogNanos, kLedgerNanos)) {
        if (const Status flushed = flushRawLog(); !flushed && m_failure)
            m_failure = flushed;
    }
    if (isDue(m_lastStatusNanos, kStatusNanos))
        publish();
    return !m_stop && m_failure;
}

bool CaptureWorker::isDone()
{
    if (m_stop || m_mainTakeEnded || m_link.session().transport().atEnd())
        return true;
    return hasSourceEnded();
}

bool CaptureWorker::hasSourceEnded()
{
    const std::optional<qint64> rows = m_options.sourceRows ? m_options.sourceRows() : std::nullopt;
    if (!rows)
        return false;
    const qint64 now = steadyNanos();
    if (m_sourceEndNanos == 0)
        m_sourceEndNanos = now;
    // The board has them all, and sends what it has before it acknowledges the stop. Without a word from it, or when
    // the last rows did not reach it, patience ends.
    m_sourceIsOver = (m_lastStats && m_lastStats->rowsProduced >= *rows) || now - m_sourceEndNanos > kEndGraceNanos;
    return m_sourceIsOver;
}

void CaptureWorker::setState(CaptureState state, const Error& error)
{
    m_state = state;
    m_error = error;
    publish();
}

void CaptureWorker::publish()
{
    CaptureStatus status{m_state, m_error, ledger(), m_assembler ? m_assembler->counts().received : 0};
    {
        const std::lock_guard lock(m_mutex);
        m_status = status;
    }
    call(m_handlers.onStatus, status);
}

} // namespace ember::device
