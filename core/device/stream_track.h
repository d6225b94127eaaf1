// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/block_history.h"
#include "core/device/capture.h"
#include "core/device/clock_fit.h"
#include "core/device/take.h"

#include <functional>
#include <memory>
#include <optional>

namespace ember::device {

/// One stream of a capture: its clock, its live buffer, its history, and its part of the take that runs. Each stream
/// has rows, rate and clock of its own. Lives on the acquisition thread; the live buffer may be read on any.
class StreamTrack
{
public:
    /// `timeScale`: device seconds per host second, 0 where there is no clock to compare.
    StreamTrack(const StreamDescription& stream, double timeScale, double liveSeconds, double historySeconds);

    const StreamDescription& stream() const { return m_stream; }
    const std::shared_ptr<LiveBuffer>& live() const { return m_live; }
    double driftPpm() const { return m_clock.driftPpm(); }
    const signal::ArrivalHistogram& arrivals() const { return m_clock.arrivals(); }

    /// Takes a block; `ledger` is asked for the stream's counts with this block in them, where somebody wants them. The
    /// error is the take's.
    Status append(const signal::SampleBlock& block, const std::function<signal::Ledger()>& ledger);

    /// Begins the take, `options.historySeconds` ago; `now` is the stream's ledger.
    Status openTake(std::shared_ptr<signal::BlockSink> sink, const TakeOptions& options, const signal::Ledger& now,
                    bool fromFirstRow);
    bool hasTake() const { return m_take.has_value(); }
    /// Whether the take has its length, or has failed. True without one.
    bool isTakeComplete() const { return !m_take || m_take->isComplete(); }
    Status updateTake(const signal::Ledger& now);
    void failTake(const Error& error);
    /// Ends the take; its sink goes with it, on this thread.
    TakeResult closeTake(const signal::Ledger& now);

private:
    Status appendHistory(const std::vector<BlockHistory::Entry>& past);
    void tellOrigin(const signal::SampleBlock& block);

    StreamDescription m_stream;
    double m_timeScale;
    ClockFit m_clock;
    BlockHistory m_history;
    std::shared_ptr<LiveBuffer> m_live;
    std::optional<Take> m_take;
    qint64 m_originToldNanos = 0;
};

} // namespace ember::device
