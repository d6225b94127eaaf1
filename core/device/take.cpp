// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/take.h"

#include <algorithm>
#include <cmath>

namespace ember::device {

namespace {

// What is longer than this is never reached: 30 000 years in microseconds.
qint64 bounded(double count)
{
    return static_cast<qint64>(std::min(count, 1e18));
}

} // namespace

Take::Take(std::shared_ptr<signal::BlockSink> sink, const TakeOptions& options, const signal::StreamSpec& spec,
           double timeScale, const signal::Ledger& before, bool fromFirstRow)
    : m_sink(std::move(sink))
    , m_spec(spec)
    , m_before(before)
    , m_clock(timeScale)
    , m_maxRows(std::max<qint64>(0, options.maxRows))
    , m_begun(fromFirstRow)
{
    if (!(options.maxSeconds > 0))
        return;
    if (spec.rateHz > 0) {
        const qint64 rows = bounded(std::ceil(options.maxSeconds * spec.rateHz));
        m_maxRows = m_maxRows > 0 ? std::min(m_maxRows, rows) : rows;
    } else {
        m_maxMicros = bounded(options.maxSeconds * 1e6);
    }
}

void Take::extend(qint64 rows, qint64 micros)
{
    if (m_maxRows > 0)
        m_maxRows += rows;
    if (m_maxMicros > 0)
        m_maxMicros += micros;
}

void Take::begin(const signal::SampleBlock& block, const signal::Ledger& stream)
{
    m_begun = true;
    m_firstRow = block.firstRow;
    m_result.firstRow = block.firstRow;
    m_firstMicros = block.deviceMicros;
    m_firstDropped = block.droppedOnDevice;
    // Rows that were lost before the first one of this take.
    m_before.deviceDrops = stream.deviceDrops;
    m_before.linkGaps = stream.linkGaps;
}

Status Take::append(const signal::SampleBlock& block, const signal::Ledger& stream)
{
    if (m_complete)
        return {};
    if (!m_begun)
        begin(block, stream);
    signal::SampleBlock own = block;
    own.firstRow -= m_firstRow;
    own.deviceMicros -= m_firstMicros;
    own.droppedOnDevice -= m_firstDropped;
    if (m_maxRows > 0 && own.endRow() >= m_maxRows) {
        m_complete = true;
        forgive(own.firstRow - m_maxRows);
        own.rowCount = std::max<qint64>(0, m_maxRows - own.firstRow);
        own.rows.truncate(own.rowCount * static_cast<qsizetype>(m_spec.bytesPerRow()));
    }
    if (m_maxMicros > 0 && own.deviceMicros >= m_maxMicros) {
        m_complete = true;
        own.rowCount = 0;
    }
    if (own.rowCount > 0) {
        m_clock.add(own, m_spec.rateHz);
        if (auto appended = m_sink->append(own); !appended) {
            fail(appended.error());
            return appended;
        }
        m_result.rows += own.rowCount;
    }
    return m_complete ? updateLedger(stream) : Status();
}

/// Rows that were lost beyond the end of the take are not its own.
void Take::forgive(qint64 rowsBeyond)
{
    if (rowsBeyond > 0)
        m_beyond = rowsBeyond;
}

signal::Ledger Take::relative(const signal::Ledger& stream) const
{
    signal::Ledger own;
    own.bytes = stream.bytes - m_before.bytes;
    own.frames = stream.frames - m_before.frames;
    own.crcErrors = stream.crcErrors - m_before.crcErrors;
    own.deviceDrops = stream.deviceDrops - m_before.deviceDrops;
    own.linkGaps = stream.linkGaps - m_before.linkGaps;
    const qint64 ofLink = std::min(m_beyond, own.linkGaps);
    own.linkGaps -= ofLink;
    own.deviceDrops -= std::min(m_beyond - ofLink, own.deviceDrops);
    own.seesLoss = stream.seesLoss;
    own.badLines = stream.badLines - m_before.badLines;
    own.textLines = stream.textLines - m_before.textLines;
    own.skippedBytes = stream.skippedBytes - m_before.skippedBytes;
    own.heldValues = stream.heldValues - m_before.heldValues;
    own.restarts = stream.restarts - m_before.restarts;
    own.jitterMs = stream.jitterMs;
    own.reconnects = stream.reconnects - m_before.reconnects;
    own.driftPpm = m_clock.driftPpm();
    own.arrivals = m_clock.arrivals();
    own.measuredRateHz = stream.measuredRateHz;
    return own;
}

Status Take::updateLedger(const signal::Ledger& stream)
{
    m_result.ledger = relative(stream);
    if (auto updated = m_sink->updateLedger(m_result.ledger); !updated) {
        fail(updated.error());
        return updated;
    }
    return {};
}

TakeResult Take::result() const
{
    TakeResult result = m_result;
    if (result.rows > 0)
        result.beginNanos = m_clock.hostNanosAt(0);
    return result;
}

void Take::fail(const Error& error)
{
    m_complete = true;
    if (!m_result.error)
        m_result.error = error;
}

} // namespace ember::device
