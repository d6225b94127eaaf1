// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/signal/arrival_histogram.h"
#include "core/signal/sample_block.h"

namespace ember::signal {

/// What the loss ledger of a recording counts; the counts only grow while recording.
struct Ledger
{
    qint64 bytes = 0;          ///< received on the link, noise included
    qint64 frames = 0;         ///< whole, checked frames
    qint64 crcErrors = 0;      ///< frames refused: damaged, torn, too long, of a version we do not speak
    qint64 deviceDrops = 0;    ///< rows lost on the board, by its own count
    qint64 linkGaps = 0;       ///< rows lost between board and host, from the row numbers
    bool seesLoss = true;      ///< false: the stream has no row numbers, so what is lost on the way is not noticed
    double driftPpm = 0;       ///< device clock against host clock over the recording; meaningless under a second
    double measuredRateHz = 0; ///< rows per second of device time
    qint64 reconnects = 0;     ///< how often the link was lost and came back

    // Of streams of other people's firmware:
    qint64 badLines = 0;     ///< lines or frames that should be rows and are none; each is a lost row
    qint64 textLines = 0;    ///< lines for people
    qint64 skippedBytes = 0; ///< outside of any line or frame
    qint64 heldValues = 0;   ///< values that did not come for a row and have the one before in their place
    qint64 restarts = 0;     ///< how often the board began anew, or set its clock, while the link stood
    double jitterMs = 0;     ///< standard deviation of the arrivals around the fitted clock

    ArrivalHistogram arrivals; ///< how late the blocks of rows came

    /// Where the recording was cut off, because its program was killed for instance: rows from this one on are not
    /// there. -1: it came to its end.
    qint64 interruptedAtRow = -1;
    qint64 unknownTailMs = 0; ///< how much of what came after that row may have been received and lost, at most

    bool wasInterrupted() const { return interruptedAtRow >= 0; }
    qint64 lostRows() const { return deviceDrops + linkGaps; }
};

/// "half within 1 ms, 99 % within 5 ms": for people; empty when nothing was counted.
QString arrivalText(const ArrivalHistogram& arrivals);
/// "3 lost", "at least 3 lost", "losses not visible": for people.
QString lossText(const Ledger& ledger);

/// Where captured blocks go. Called by one acquisition thread, in order of firstRow.
class BlockSink
{
public:
    virtual ~BlockSink() = default;

    /// Takes the next block. An error (disk full ...) stops the capture; blocks taken before are kept.
    virtual Status append(const SampleBlock& block) = 0;

    /// The ledger as it stands; called at least every 250 ms while recording, whether or not samples came.
    virtual Status updateLedger(const Ledger& ledger) = 0;
};

} // namespace ember::signal
