// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture_worker.h"

#include "core/device/polled_transport.h"
#include "core/device/steady_clock.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace ember::device {
namespace {

constexpr qint64 kNanosPerMs = 1'000'000;
constexpr int kPollMs = 20;
// Well under the 250 ms that a killed program may lose.
constexpr qint64 kLedgerNanos = 100 * kNanosPerMs;
constexpr qint64 kStatusNanos = 250 * kNanosPerMs;
// Without a new row for so long after the source's end, the last ones are lost.
constexpr qint64 kEndGraceNanos = 10'000 * kNanosPerMs;
constexpr double kFallbackRateHz = 1000;
// The live buffer of a fast stream is shorter; a rate that was measured on a lump of bytes may be absurd.
constexpr double kMaxLiveValues = 16e6;
// A slow stream is not dead between two of its rows.
constexpr double kSilentRows = 5;

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
    if (const Status closed = m_rawLog.close(); !closed && done)
        done = closed;
    if (m_take && !done)
        m_take->fail(done.error());
    closeTake();
    if (m_link)
        m_link->drop();
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
    if (!m_options.rawLog.isEmpty())
        EMBER_CHECK(m_rawLog.open(m_options.rawLog));
    EMBER_CHECK(connect());
    EMBER_CHECK(beginStreaming());
    EMBER_CHECK(streamUntilDone());
    m_link->finish(m_sourceIsOver);
    return m_failure;
}

Status CaptureWorker::connect()
{
    const auto onTick = [this] { return tick(); };
    EMBER_TRY(m_link, chooseLink(m_options, linkHandlers(), onTick,
                                 [this](const FormatReport& report) { call(m_handlers.onFormatReport, report); }));
    return m_link->connect(m_options.connectTimeoutMs, false, onTick);
}

LinkHandlers CaptureWorker::linkHandlers()
{
    LinkHandlers handlers;
    handlers.onBlock = [this](const signal::SampleBlock& block) { onBlock(block); };
    handlers.onInference = [this](const InferenceResult& result) { call(m_handlers.onInference, result); };
    handlers.onLog = [this](const QString& text) { call(m_handlers.onLog, text); };
    handlers.onText = [this](const formats::TextLine& line) { call(m_handlers.onText, line); };
    handlers.onBytes = [this](QByteArrayView bytes, qint64 hostNanos) { onBytes(bytes, hostNanos); };
    handlers.onFailure = [this](const Error& error) {
        if (m_failure)
            m_failure = error;
    };
    return handlers;
}

// Without a clock of the board there is nothing to compare.
double CaptureWorker::timeScale() const
{
    return m_link && m_link->hasDeviceClock() ? m_options.timeScale : 0;
}

Status CaptureWorker::beginStreaming()
{
    const signal::StreamSpec& spec = m_link->stream().spec;
    const double rate = spec.rateHz > 0 ? spec.rateHz : kFallbackRateHz;
    const double mostRows = kMaxLiveValues / static_cast<double>(spec.channels.size());
    auto buffer = std::make_shared<LiveBuffer>(
        spec, std::llround(std::clamp(rate * m_options.liveSeconds, 1.0, std::max(1.0, mostRows))));
    m_clock = ClockFit(timeScale());
    m_history = BlockHistory(spec, m_options.historySeconds);
    {
        const std::lock_guard lock(m_mutex);
        m_buffer = buffer;
    }
    call(m_handlers.onDescription, m_link->board());
    if (m_options.sink) {
        EMBER_CHECK(openTake(m_options.sink, m_options.take, true));
        m_takeIsMain = true;
    }
    EMBER_CHECK(m_link->start());
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
    EMBER_CHECK(m_link->poll(kPollMs));
    EMBER_CHECK(m_failure);
    EMBER_CHECK(m_link->keepAlive(m_sourceEndNanos > 0));
    if (m_link->transport()->isInteractive())
        EMBER_CHECK(checkSilence());
    tick();
    return m_failure;
}

Status CaptureWorker::checkSilence()
{
    const qint64 silentMs = (steadyNanos() - m_lastByteNanos) / kNanosPerMs;
    const double rate = m_link->stream().spec.rateHz;
    const qint64 patience =
        std::max<qint64>(m_options.silenceMs, rate > 0 ? std::llround(kSilentRows * 1000 / rate) : 0);
    if (m_options.silenceMs <= 0 || silentMs < patience)
        return {};
    return Error(ErrorKind::Board,
                 QStringLiteral("%1 has been silent for %2 s.").arg(m_options.address).arg(silentMs / 1000),
                 QStringLiteral("Check power and cable; reset the board."));
}

Status CaptureWorker::reconnect()
{
    const Deadline deadline(m_options.reconnectTimeoutMs);
    const bool forEver = m_options.reconnectTimeoutMs <= 0;
    for (;;) {
        m_link->drop();
        const int patience = forEver ? 0 : std::max(1, deadline.remainingMs());
        const auto onTick = [this] { return tick(); };
        EMBER_CHECK(m_link->connect(patience, true, onTick));
        m_lastByteNanos = steadyNanos();
        const Status resumed = m_link->resume(onTick);
        if (resumed) {
            ++m_reconnects;
            return {};
        }
        // Lost again meanwhile; anything else is not cured by trying.
        if (!resumed.error().mayMend() || (!forEver && deadline.hasPassed()))
            return resumed;
    }
}

// --- what arrives ---

void CaptureWorker::onBytes(QByteArrayView bytes, qint64 hostNanos)
{
    m_lastByteNanos = steadyNanos();
    if (!m_rawLog.isOpen())
        return;
    if (const Status written = m_rawLog.write(bytes, hostNanos); !written)
        m_failure = written;
}

void CaptureWorker::onBlock(const signal::SampleBlock& block)
{
    if (!m_failure)
        return;
    m_sourceEndNanos = 0;
    m_clock.add(block, m_link->stream().spec.rateHz);
    m_buffer->append(block);
    if (!m_take && !m_history.isKept())
        return;
    const signal::Ledger now = ledger();
    m_history.append(block, now);
    if (!m_take)
        return;
    const Status appended = m_take->append(block, now);
    if (m_takeIsMain && !appended)
        m_failure = appended;
    if (m_take->isComplete())
        closeTake();
}

// --- takes, ledger, state ---

Status CaptureWorker::openTake(const SinkFactory& factory, const TakeOptions& options, bool fromFirstRow)
{
    auto sink = factory(m_link->board(), m_link->stream());
    if (sink) {
        const std::vector<BlockHistory::Entry> past = m_history.last(options.historySeconds);
        m_take.emplace(*sink, options, m_link->stream().spec, timeScale(),
                       past.empty() ? ledger() : past.front().before, fromFirstRow);
        return appendHistory(past);
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

Status CaptureWorker::appendHistory(const std::vector<BlockHistory::Entry>& past)
{
    if (past.empty())
        return {};
    const signal::SampleBlock& oldest = past.front().block;
    const signal::SampleBlock& newest = past.back().block;
    m_take->extend(newest.endRow() - oldest.firstRow, newest.deviceMicros - oldest.deviceMicros);
    for (const BlockHistory::Entry& entry : past) {
        if (Status appended = m_take->append(entry.block, entry.after); !appended) {
            closeTake();
            return appended;
        }
    }
    return {};
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
    signal::Ledger ledger;
    if (m_link)
        m_link->addTo(ledger);
    ledger.reconnects = m_reconnects;
    ledger.driftPpm = m_clock.driftPpm();
    return ledger;
}

/// What has to happen now and then, whatever the link does. False when the capture shall end.
bool CaptureWorker::tick()
{
    if (m_buffer)
        handleTakeRequests();
    if (m_take && isDue(m_lastLedgerNanos, kLedgerNanos)) {
        const Status updated = m_take->updateLedger(ledger());
        if (!updated && m_takeIsMain)
            m_failure = updated;
        if (!updated)
            closeTake();
    }
    if (isDue(m_lastLogNanos, kLedgerNanos)) {
        if (const Status flushed = m_rawLog.flush(); !flushed && m_failure)
            m_failure = flushed;
    }
    if (isDue(m_lastStatusNanos, kStatusNanos))
        publish();
    return !m_stop && m_failure;
}

bool CaptureWorker::isDone()
{
    if (m_stop || m_mainTakeEnded || m_link->transport()->atEnd())
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
    m_sourceIsOver = m_link->hasProduced(*rows) || now - m_sourceEndNanos > kEndGraceNanos;
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
    CaptureStatus status{m_state, m_error, ledger(), m_link ? m_link->rowsReceived() : 0};
    {
        const std::lock_guard lock(m_mutex);
        m_status = status;
    }
    call(m_handlers.onStatus, status);
}

} // namespace ember::device
