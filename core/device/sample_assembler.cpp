// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/sample_assembler.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::device {
namespace {

// Beyond half of the clock's range a jump says nothing about how often it wrapped, and the host's clock decides.
constexpr qint64 kHalfRangeNanos = (Q_INT64_C(1) << 31) * 1000;
constexpr qint64 kTicksRange = Q_INT64_C(1) << 32;
constexpr double kMicrosPerSecond = 1e6;
// As for formats whose lines carry a time: what differs by less is a clock that runs badly, not one that was set.
constexpr qint64 kLeastClockSet = 2'000'000;
// Rates come from the board: with a tiny one, rows last longer than numbers hold. Years are nonsense already.
constexpr double kMostMicros = 1e15;
constexpr double kMostRows = 1e15;

/// Rounded, within what a count of microseconds may be; nonsense is 0.
qint64 clampedMicros(double micros)
{
    return micros > 0 ? std::llround(std::min(micros, kMostMicros)) : 0;
}

/// Signed distance from one wrapping count to another.
qint64 distance(quint32 from, quint32 to)
{
    return static_cast<qint32>(to - from);
}

} // namespace

SampleAssembler::SampleAssembler(const signal::StreamSpec& spec, double timeScale)
    : m_spec(spec)
    , m_timeScale(timeScale > 0 ? timeScale : 1.0)
{}

std::optional<signal::SampleBlock> SampleAssembler::take(const Frame& frame, qint64 hostNanos)
{
    constexpr auto kHeader = static_cast<qsizetype>(wire::SamplesHeader::kSize);
    const auto rowBytes = static_cast<qsizetype>(m_spec.bytesPerRow());
    const qsizetype bytes = frame.payload.size() - kHeader;
    if (bytes < 0 || rowBytes == 0 || bytes % rowBytes != 0) {
        ++m_counts.malformed;
        return {};
    }
    const auto header = wire::SamplesHeader::unpack(reinterpret_cast<const uint8_t*>(frame.payload.constData()));
    const qint64 jump = distance(m_nextRaw, header.firstRow);
    if (jump < 0) {
        ++m_counts.staleFrames;
        return {};
    }
    countLoss(jump, header.dropped);

    signal::SampleBlock block;
    block.firstRow = m_nextRow + jump;
    block.rowCount = bytes / rowBytes;
    block.rows = frame.payload.mid(kHeader);
    block.deviceMicros = unwrapTicks(frame.header.ticks, block.firstRow, hostNanos);
    block.hostNanos = hostNanos;
    block.droppedOnDevice = m_counts.deviceDrops;
    m_counts.received += block.rowCount;
    m_nextRow = block.endRow();
    m_nextRaw = header.firstRow + static_cast<quint32>(block.rowCount);
    if (block.rowCount == 0)
        return {};
    if (m_firstTimedRow < 0) {
        m_firstTimedRow = block.firstRow;
        m_firstMicros = block.deviceMicros;
    }
    m_lastTimedRow = block.firstRow;
    return block;
}

void SampleAssembler::countLoss(qint64 jump, quint32 dropped)
{
    const qint64 growth = std::max<qint64>(0, distance(m_lastDropped, dropped));
    m_lastDropped += static_cast<quint32>(growth);
    m_counts.deviceDrops += growth;
    m_pendingDrops += growth;
    const qint64 ofDevice = std::min(jump, m_pendingDrops);
    m_pendingDrops -= ofDevice;
    m_counts.linkGaps += jump - ofDevice;
}

qint64 SampleAssembler::unwrapTicks(quint32 ticks, qint64 firstRow, qint64 hostNanos)
{
    if (!m_started) {
        // Time goes on from where the lost link left it; at the first start that is zero.
        m_started = true;
    } else {
        qint64 step = distance(m_lastTicks, ticks);
        const qint64 hostStep = hostNanos - m_lastHostNanos;
        if (hostStep > kHalfRangeNanos) {
            const double wraps = static_cast<double>(hostStep / 1000 - step) / static_cast<double>(kTicksRange);
            step += std::llround(wraps) * kTicksRange;
        }
        // A clock that runs backwards a little is a broken one; time stands still until it has caught up.
        passTime(std::max<qint64>(0, believableStep(step, firstRow - m_lastTimedRow, hostStep)));
    }
    m_lastTicks = ticks;
    m_lastHostNanos = hostNanos;
    return m_lastMicros;
}

// Stands still where the count ends, thousands of years on.
void SampleAssembler::passTime(qint64 micros)
{
    m_lastMicros += std::min(micros, std::numeric_limits<qint64>::max() - m_lastMicros);
}

// Rows tell how much time passed while the sensor ran, the host's clock also while it did not. A clock that is ahead of
// both was set, and so was one that went back. Without a rate nothing is known of the rows, and they may have waited.
qint64 SampleAssembler::believableStep(qint64 step, qint64 rows, qint64 hostStep)
{
    const double ofRows = m_spec.rateHz > 0 ? static_cast<double>(rows) * kMicrosPerSecond / m_spec.rateHz : 0;
    const double ofHost = static_cast<double>(hostStep) * 1e-3 * m_timeScale;
    const double most = 2 * std::max(ofRows, ofHost) + static_cast<double>(kLeastClockSet);
    if (step > -kLeastClockSet && (!(m_spec.rateHz > 0) || static_cast<double>(step) < most))
        return step;
    ++m_counts.clockSets;
    return clampedMicros(m_spec.rateHz > 0 ? ofRows : ofHost);
}

void SampleAssembler::restart(qint64 hostNanos)
{
    if (m_started) {
        const double seconds = std::max(0.0, static_cast<double>(hostNanos - m_lastHostNanos) * 1e-9 * m_timeScale);
        const double rows = std::min(seconds * std::max(0.0, m_spec.rateHz), kMostRows);
        const qint64 missed = std::max<qint64>(0, std::llround(rows) - (m_nextRow - m_lastTimedRow));
        m_nextRow += missed;
        m_counts.linkGaps += missed;
        passTime(clampedMicros(seconds * kMicrosPerSecond));
    }
    m_started = false;
    m_nextRaw = 0;
    m_lastDropped = 0;
    m_pendingDrops = 0;
}

void SampleAssembler::settle(quint32 rowsProduced, quint32 rowsDropped)
{
    const qint64 jump = std::max<qint64>(0, distance(m_nextRaw, rowsProduced));
    countLoss(jump, rowsDropped);
    m_nextRow += jump;
    m_nextRaw += static_cast<quint32>(jump);
}

qint64 SampleAssembler::rowOf(quint32 boardRow) const
{
    return m_nextRow + distance(m_nextRaw, boardRow);
}

double SampleAssembler::measuredRateHz() const
{
    const double seconds = static_cast<double>(m_lastMicros - m_firstMicros) / kMicrosPerSecond;
    if (m_firstTimedRow < 0 || seconds <= 0)
        return 0;
    return static_cast<double>(m_lastTimedRow - m_firstTimedRow) / seconds;
}

} // namespace ember::device
