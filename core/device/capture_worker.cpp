// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture_worker.h"

#include "core/device/polled_transport.h"
#include "core/device/steady_clock.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

namespace ember::device {
namespace {

constexpr qint64 kNanosPerMs = 1'000'000;
constexpr int kPollMs = 20;
// Well under the 250 ms that a killed program may lose.
constexpr qint64 kLedgerNanos = 100 * kNanosPerMs;
constexpr qint64 kStatusNanos = 250 * kNanosPerMs;
// Without a new row for so long after the source's end, the last ones are lost.
constexpr qint64 kEndGraceNanos = 10'000 * kNanosPerMs;
// So long a take waits for the last rows of its other streams once the main one has its length.
constexpr qint64 kOtherStreamsNanos = 1000 * kNanosPerMs;
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
    for (StreamTrack& track : m_tracks) {
        if (!done)
            track.failTake(done.error());
    }
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
    handlers.onBlock = [this](size_t stream, const signal::SampleBlock& block) { onBlock(stream, block); };
    handlers.onDescription = [this](const BoardDescription& board) { call(m_handlers.onDescription, board); };
    handlers.onInference = [this](const InferenceResult& result) { call(m_handlers.onInference, result); };
    handlers.onEvent = [this](const EventNotice& notice) { call(m_handlers.onEvent, notice); };
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
    for (const StreamDescription& stream : m_link->streams())
        m_tracks.emplace_back(stream, timeScale(), m_options.liveSeconds, m_options.historySeconds);
    const std::shared_ptr<LiveBuffer> buffer = m_tracks.front().live();
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
    // The buffers first: who hears that it streams may look at them.
    std::vector<std::shared_ptr<const LiveBuffer>> buffers;
    for (const StreamTrack& track : m_tracks)
        buffers.push_back(track.live());
    call(m_handlers.onStreams, buffers);
    setState(CaptureState::Streaming);
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
    if (m_link->isAtWork())
        m_lastByteNanos = steadyNanos();
    const qint64 silentMs = (steadyNanos() - m_lastByteNanos) / kNanosPerMs;
    const double rate = m_link->streams().front().spec.rateHz;
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

void CaptureWorker::onBlock(size_t stream, const signal::SampleBlock& block)
{
    if (!m_failure)
        return;
    if (stream == 0)
        m_sourceEndNanos = 0;
    const Status appended = m_tracks[stream].append(block, [this, stream] { return ledger(stream); });
    if (m_takeIsMain && !appended)
        m_failure = appended;
    if (!appended)
        return closeTake();
    closeTakeIfComplete();
}

// --- takes, ledger, state ---

Status CaptureWorker::openTake(const SinkFactory& factory, const TakeOptions& options, bool fromFirstRow)
{
    m_takeRuns = true;
    m_takeFullNanos = 0;
    const Status opened = openTracks(factory, options, fromFirstRow);
    if (opened)
        return {};
    for (StreamTrack& track : m_tracks)
        track.failTake(opened.error());
    if (m_tracks.front().hasTake()) {
        closeTake();
    } else {
        m_takeRuns = false;
        TakeResult refused;
        refused.error = opened.error();
        tellTakeEnded(refused);
    }
    return opened;
}

Status CaptureWorker::openTracks(const SinkFactory& factory, const TakeOptions& options, bool fromFirstRow)
{
    for (size_t i = 0; i < m_tracks.size(); ++i) {
        StreamTrack& track = m_tracks[i];
        EMBER_TRY(auto sink, factory(m_link->board(), track.stream()));
        EMBER_CHECK(track.openTake(std::move(sink), options, ledger(i), fromFirstRow));
    }
    return {};
}

// The other streams have rows on their way when the main one has its last; a sensor that stands still is not waited
// for.
void CaptureWorker::closeTakeIfComplete()
{
    if (!m_takeRuns || !m_tracks.front().isTakeComplete())
        return;
    const qint64 now = steadyNanos();
    if (m_takeFullNanos == 0)
        m_takeFullNanos = now;
    const bool all =
        std::all_of(m_tracks.begin(), m_tracks.end(), [](const StreamTrack& track) { return track.isTakeComplete(); });
    if (all || now - m_takeFullNanos > kOtherStreamsNanos)
        closeTake();
}

Status CaptureWorker::updateTake()
{
    for (size_t i = 0; i < m_tracks.size(); ++i)
        EMBER_CHECK(m_tracks[i].updateTake(ledger(i)));
    return {};
}

void CaptureWorker::closeTake()
{
    if (!m_takeRuns)
        return;
    m_takeRuns = false;
    std::vector<TakeResult> results;
    for (size_t i = 0; i < m_tracks.size(); ++i) {
        if (m_tracks[i].hasTake())
            results.push_back(m_tracks[i].closeTake(ledger(i)));
    }
    m_mainTakeEnded = m_mainTakeEnded || m_takeIsMain;
    m_takeIsMain = false;
    TakeResult first = std::move(results.front());
    first.others.assign(std::make_move_iterator(results.begin() + 1), std::make_move_iterator(results.end()));
    for (const TakeResult& other : first.others) {
        if (!first.error)
            first.error = other.error;
    }
    tellTakeEnded(first);
}

void CaptureWorker::tellTakeEnded(const TakeResult& result)
{
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

signal::Ledger CaptureWorker::ledger(size_t stream) const
{
    signal::Ledger ledger;
    if (m_link)
        m_link->addTo(ledger, stream);
    ledger.reconnects = m_reconnects;
    if (!m_tracks.empty()) {
        ledger.driftPpm = m_tracks[stream].driftPpm();
        ledger.arrivals = m_tracks[stream].arrivals();
    }
    return ledger;
}

/// What has to happen now and then, whatever the link does. False when the capture shall end.
bool CaptureWorker::tick()
{
    if (!m_tracks.empty())
        handleTakeRequests();
    if (m_takeRuns && isDue(m_lastLedgerNanos, kLedgerNanos)) {
        const Status updated = updateTake();
        if (!updated && m_takeIsMain)
            m_failure = updated;
        if (!updated)
            closeTake();
        closeTakeIfComplete();
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
