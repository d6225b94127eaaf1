// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/capture_link.h"
#include "core/device/clock_fit.h"
#include "core/formats/format.h"

#include <deque>

namespace ember::device {

/// The link to a board with other people's firmware, whose format is known.
class FormatLink final : public CaptureLink, private formats::Sink
{
public:
    /// Errors: Usage when the options' channel names do not fit.
    static Result<std::unique_ptr<FormatLink>> create(const CaptureOptions& options, LinkHandlers handlers,
                                                      formats::Guess guess, std::unique_ptr<Transport> transport);

    void drop() override;
    Transport* transport() override { return m_transport.get(); }
    const BoardDescription& board() const override { return m_board; }
    const std::vector<StreamDescription>& streams() const override { return m_board.streams; }
    bool hasDeviceClock() const override { return m_guess.hasTime; }
    Status start() override;
    Status poll(int timeoutMs) override;
    Status keepAlive(bool) override { return {}; }
    Status resume(const Tick& tick) override;
    void finish(bool settle) override;
    bool hasProduced(qint64) const override { return false; }
    qint64 rowsReceived() const override { return m_decoder->counts().rows; }
    void addTo(signal::Ledger& ledger, size_t stream) const override;

protected:
    Status tryOnce(bool patient) override;

private:
    struct Arrival
    {
        qint64 deviceMicros = 0;
        qint64 hostNanos = 0;
    };

    FormatLink(const CaptureOptions& options, LinkHandlers handlers, formats::Guess guess,
               std::unique_ptr<Transport> transport);

    void onRows(formats::Rows rows) override;
    void onText(const formats::TextLine& line) override;
    void onRefusal(const Error& error) override { m_handlers.onFailure(error); }
    void countMissed(qint64 rowCount);
    void settleClock(signal::SampleBlock& block);
    qint64 microsOf(const formats::Rows& rows) const;
    void measure() const;

    const LinkHandlers m_handlers;
    formats::Guess m_guess;
    std::unique_ptr<Transport> m_transport;
    std::unique_ptr<formats::Decoder> m_decoder;
    BoardDescription m_board;       // what can be said of a board that does not describe itself
    ClockFit m_clock;               // rows at the nominal rate, or the board's clock, against the host's
    std::deque<Arrival> m_arrivals; // the last ones, for the jitter
    qint64 m_hostNanos = 0;         // of the chunk that is being decoded
    bool m_resumed = false;         // no row has come since the link was lost
    qint64 m_missed = 0;            // rows that were counted as missed while it was down, not in the decoder's count
    qint64 m_missedMicros = 0;
    qint64 m_clockJumps = 0; // of the board's clock ahead of ours
    qint64 m_endRow = 0;
    qint64 m_firstNanos = 0;
    qint64 m_lastNanos = 0; // host time of the last row
    qint64 m_firstRow = -1;
    qint64 m_firstMicros = 0;
    qint64 m_lastRow = 0;
    qint64 m_lastMicros = 0;
    qint64 m_textSecond = 0;
    int m_textsInSecond = 0;
    // What takes a moment to compute is not computed for each block.
    mutable qint64 m_measuredNanos = 0;
    mutable double m_rateHz = 0;
    mutable double m_jitterMs = 0;
};

} // namespace ember::device
