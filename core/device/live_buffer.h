// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/sample_block.h"

#include <atomic>
#include <memory>
#include <vector>

namespace ember::device {

/// Lowest and highest value of equal pieces of one channel, for drawing.
struct Envelope
{
    qint64 firstRow = 0; ///< of the first point; a multiple of rowsPerPoint
    qint64 rowsPerPoint = 1;
    std::vector<float> least; ///< NaN where every row of the piece is missing
    std::vector<float> most;
};

/// The recent past of a stream in physical units, for views. One writer appends, any number of readers look; no lock:
/// every cell is atomic, the writer announces which rows it is about to overwrite, and a reader drops what was
/// overwritten while it read. Memory is fixed at construction. Missing rows are NaN, so gaps stay gaps.
class LiveBuffer
{
public:
    /// Keeps at least the last `rows` rows (rounded up to a multiple of 4096).
    LiveBuffer(const signal::StreamSpec& spec, qint64 rows);
    ~LiveBuffer();
    LiveBuffer(const LiveBuffer&) = delete;
    LiveBuffer& operator=(const LiveBuffer&) = delete;

    /// The writer's thread only. Blocks come in order; rows that were there already are passed over.
    void append(const signal::SampleBlock& block);
    /// When row 0 was there, by the writer's fit of the clocks: steady host clock, nanoseconds.
    void setOrigin(qint64 hostNanos) { m_originNanos.store(hostNanos, std::memory_order_relaxed); }

    // Any thread:
    const signal::StreamSpec& spec() const { return m_spec; }
    qint64 endRow() const { return m_end.load(std::memory_order_acquire); } ///< one past the newest row
    qint64 firstRow() const;                                                ///< the oldest row that is kept
    qint64 capacity() const { return m_capacity; }
    /// Host time of row 0, nanoseconds of the steady clock, such that the newest rows lie where they belong at the
    /// nominal rate; 0 as long as it is not known. What lines streams with clocks of their own up.
    qint64 originNanos() const { return m_originNanos.load(std::memory_order_relaxed); }

    /// Rows [begin, end) of a channel as at most `maxPoints` pieces (at least one row each), aligned to multiples of
    /// the piece so that a scrolling view does not flicker. Pieces that begin before the kept rows are left out, the
    /// newest piece may still be growing.
    Envelope envelope(int channel, qint64 begin, qint64 end, int maxPoints) const;

private:
    struct Level;

    void writeRow(qint64 row, const float* values, bool fresh);
    void dropOverwritten(Envelope& envelope) const;

    signal::StreamSpec m_spec;
    int m_channels;
    qint64 m_capacity;
    std::vector<std::unique_ptr<Level>> m_levels;
    const std::vector<float> m_missingRow;
    std::atomic<qint64> m_begun{0}; ///< rows before this may be in the middle of being written
    std::atomic<qint64> m_end{0};
    std::atomic<qint64> m_originNanos{0};
    std::atomic<qint64> m_origin{0}; ///< first row ever appended, or after a jump over the whole buffer
};

} // namespace ember::device
