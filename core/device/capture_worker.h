// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/block_history.h"
#include "core/device/capture.h"
#include "core/device/capture_link.h"
#include "core/device/clock_fit.h"
#include "core/device/raw_log.h"
#include "core/device/take.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ember::device {

/// The thread behind a Capture. Members without a note are the thread's own.
class CaptureWorker
{
public:
    CaptureWorker(CaptureOptions options, CaptureHandlers handlers);
    ~CaptureWorker();

    // Any thread:
    void start();
    void stop() { m_stop = true; }
    bool wait(int timeoutMs);
    CaptureStatus status() const;
    std::shared_ptr<const LiveBuffer> live() const;
    void beginTake(SinkFactory sink, const TakeOptions& options);
    void endTake();
    std::optional<TakeResult> lastTake() const;

private:
    struct TakeRequest
    {
        SinkFactory sink; ///< empty: end the take
        TakeOptions options;
    };

    void run();
    Status capture();
    Status connect();
    Status beginStreaming();
    Status streamUntilDone();
    Status streamOnce();
    Status reconnect();

    LinkHandlers linkHandlers();
    void onBlock(const signal::SampleBlock& block);
    void onBytes(QByteArrayView bytes, qint64 hostNanos);

    bool tick();
    bool isDone();
    bool hasSourceEnded();
    Status checkSilence();
    void handleTakeRequests();
    Status openTake(const SinkFactory& sink, const TakeOptions& options, bool fromFirstRow);
    Status appendHistory(const std::vector<BlockHistory::Entry>& past);
    void closeTake();
    double timeScale() const;
    signal::Ledger ledger() const;
    void setState(CaptureState state, const Error& error = {});
    void publish();

    const CaptureOptions m_options;
    const CaptureHandlers m_handlers;
    std::unique_ptr<CaptureLink> m_link; // null until it is known what the board speaks
    RawLogWriter m_rawLog;
    std::optional<Take> m_take;
    bool m_takeIsMain = false; // the one of the options: its end is the capture's
    bool m_mainTakeEnded = false;
    ClockFit m_clock;
    BlockHistory m_history{{}, 0};
    std::shared_ptr<LiveBuffer> m_buffer; // the pointer also guarded by m_mutex
    Status m_failure;                     // what a handler ran into
    CaptureState m_state = CaptureState::Connecting;
    Error m_error;
    qint64 m_reconnects = 0;
    qint64 m_lastLedgerNanos = 0;
    qint64 m_lastLogNanos = 0;
    qint64 m_lastStatusNanos = 0;
    qint64 m_lastByteNanos = 0;
    qint64 m_sourceEndNanos = 0; // when the source was first seen ended and no row came since
    bool m_sourceIsOver = false;

    std::atomic_bool m_stop{false};
    std::thread m_thread;
    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_ended;
    bool m_isOver = false;
    CaptureStatus m_status;
    std::optional<TakeResult> m_lastTake;
    std::vector<TakeRequest> m_requests;
};

} // namespace ember::device
