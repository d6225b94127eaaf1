// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/capture.h"
#include "core/device/clock_fit.h"

namespace ember::device {

/// One recording out of a stream: gives blocks to a sink with rows, time and losses counted from its own beginning, and
/// knows when it is long enough. Lives on the acquisition thread.
class Take
{
public:
    /// `before` is the stream's ledger at the beginning: what was lost before is not the take's. With `fromFirstRow`
    /// the take begins at row 0 of the stream, so that rows lost before the first block are its own.
    Take(std::shared_ptr<signal::BlockSink> sink, const TakeOptions& options, const signal::StreamSpec& spec,
         double timeScale, const signal::Ledger& before, bool fromFirstRow);

    /// `stream` is the ledger with this block counted in. After an error the take is over.
    Status append(const signal::SampleBlock& block, const signal::Ledger& stream);
    Status updateLedger(const signal::Ledger& stream);

    bool isComplete() const { return m_complete; }
    TakeResult result() const;
    void fail(const Error& error);

    /// Rows (and device time) that come on top of the length: those from before the take was asked for.
    void extend(qint64 rows, qint64 micros);

private:
    signal::Ledger relative(const signal::Ledger& stream) const;
    void forgive(qint64 rowsBeyond);
    void begin(const signal::SampleBlock& block, const signal::Ledger& stream);

    std::shared_ptr<signal::BlockSink> m_sink;
    signal::StreamSpec m_spec;
    signal::Ledger m_before;
    ClockFit m_clock;
    TakeResult m_result;
    qint64 m_maxRows = 0;   // 0: no limit
    qint64 m_maxMicros = 0; // where the rate is not known
    qint64 m_firstRow = 0;  // in the stream's count
    qint64 m_firstMicros = 0;
    qint64 m_firstDropped = 0;
    qint64 m_beyond = 0; // lost rows behind the end
    bool m_begun = false;
    bool m_complete = false;
};

} // namespace ember::device
