// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/capture.h"
#include "core/device/capture_link.h"
#include "core/device/raw_log.h"
#include "core/device/stream_track.h"

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
    void onBlock(size_t stream, const signal::SampleBlock& block);
    void onBytes(QByteArrayView bytes, qint64 hostNanos);

    bool tick();
    bool isDone();
    bool hasSourceEnded();
    Status checkSilence();
    void handleTakeRequests();
    Status openTake(const SinkFactory& sink, const TakeOptions& options, bool fromFirstRow);
    Status openTracks(const SinkFactory& sink, const TakeOptions& options, bool fromFirstRow);
    void closeTakeIfComplete();
    Status updateTake();
    void closeTake();
    void tellTakeEnded(const TakeResult& result);
    double timeScale() const;
    signal::Ledger ledger(size_t stream = 0) const;
    void setState(CaptureState state, const Error& error = {});
    void publish();

    const CaptureOptions m_options;
    const CaptureHandlers m_handlers;
    std::unique_ptr<CaptureLink> m_link; // null until it is known what the board speaks
    RawLogWriter m_rawLog;
    std::vector<StreamTrack> m_tracks; // as CaptureLink::streams(); empty until streaming begins
    bool m_takeRuns = false;
    qint64 m_takeFullNanos = 0; // when the main stream had its length
    bool m_takeIsMain = false;  // the one of the options: its end is the capture's
    bool m_mainTakeEnded = false;
    Status m_failure; // what a handler ran into
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
    std::shared_ptr<LiveBuffer> m_buffer; // of the main stream
    std::optional<TakeResult> m_lastTake;
    std::vector<TakeRequest> m_requests;
};

} // namespace ember::device
