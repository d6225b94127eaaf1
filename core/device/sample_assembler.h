// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/frame_decoder.h"
#include "core/signal/sample_block.h"

#include <optional>

namespace ember::device {

/// What became of the rows of a stream. Every lost row is counted in exactly one of the two losses.
struct RowCounts
{
    qint64 received = 0;
    qint64 deviceDrops = 0; ///< lost on the board, by its own count
    qint64 linkGaps = 0;    ///< lost between board and host
    qint64 staleFrames = 0; ///< frames of rows that were there already; ignored
    qint64 malformed = 0;   ///< Samples frames whose payload is no whole number of rows
    qint64 clockSets = 0;   ///< times the board set its clock while the stream ran
};

/// Turns the Samples frames of one stream into blocks: unwraps row numbers and clock, notices gaps, keeps the counts.
///
/// The board says with each frame which row comes first and how many rows it has lost itself so far. A jump of the row
/// number is a loss; as much of it as the board's own count grew is the board's, the rest is the link's. The board may
/// count a drop a frame before the jump shows (its queue was full while a frame waited), so growth without a jump is
/// kept until its jump comes.
///
/// A board may set its clock while it streams. What neither its rows nor the host's clock bear out is not taken for
/// time that passed: rows and time go on as if nothing had happened, and it is counted. A stream without a rate says
/// nothing of how long its rows took: there only a clock that goes back was set.
class SampleAssembler
{
public:
    /// `timeScale`: device seconds per host second, 0 where that is not known.
    explicit SampleAssembler(const signal::StreamSpec& spec, double timeScale = 1.0);

    /// The frame's rows as a block; empty when it brought nothing new. Frames must be Samples of this stream.
    std::optional<signal::SampleBlock> take(const Frame& frame, qint64 hostNanos);

    /// The board began its stream anew after the link was lost: its rows and clock count from zero. How many rows were
    /// missed cannot be known; the time that passed says it best, and they are counted as lost on the link.
    void restart(qint64 hostNanos);

    /// The board's final count at the end of the stream, after the last frame: settles rows lost behind it.
    void settle(quint32 rowsProduced, quint32 rowsDropped);

    const RowCounts& counts() const { return m_counts; }
    /// A row number of the board in our count.
    qint64 rowOf(quint32 boardRow) const;
    /// One past the last row that is known of, since the first Start.
    qint64 endRow() const { return m_nextRow; }
    /// Rows per second of the device's clock, from the first to the last frame; 0 until it can be told.
    double measuredRateHz() const;

private:
    void countLoss(qint64 jump, quint32 dropped);
    qint64 unwrapTicks(quint32 ticks, qint64 firstRow, qint64 hostNanos);
    void passTime(qint64 micros);
    qint64 believableStep(qint64 step, qint64 rows, qint64 hostStep);

    signal::StreamSpec m_spec;
    double m_timeScale;
    RowCounts m_counts;
    qint64 m_nextRow = 0;      // in our count
    quint32 m_nextRaw = 0;     // the same in the board's
    quint32 m_lastDropped = 0; // the board's running count
    qint64 m_pendingDrops = 0; // counted by the board, jump not seen yet
    bool m_started = false;    // a frame has come since (re)start
    quint32 m_lastTicks = 0;
    qint64 m_lastMicros = 0;
    qint64 m_lastHostNanos = 0;
    qint64 m_firstTimedRow = -1;
    qint64 m_firstMicros = 0;
    qint64 m_lastTimedRow = 0;
};

} // namespace ember::device
