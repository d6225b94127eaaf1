// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/stream_track.h"

#include <algorithm>
#include <cmath>

namespace ember::device {
namespace {

constexpr double kFallbackRateHz = 1000;
// Fitting takes a moment, and the clocks do not run apart within this.
constexpr qint64 kOriginNanos = 100'000'000;
// The live buffer of a fast stream is shorter; a rate that was measured on a lump of bytes may be absurd.
constexpr double kMaxLiveValues = 16e6;

qint64 liveRows(const signal::StreamSpec& spec, double seconds)
{
    const double rate = spec.rateHz > 0 ? spec.rateHz : kFallbackRateHz;
    const double mostRows = kMaxLiveValues / static_cast<double>(spec.channels.size());
    return std::llround(std::clamp(rate * seconds, 1.0, std::max(1.0, mostRows)));
}

} // namespace

StreamTrack::StreamTrack(const StreamDescription& stream, double timeScale, double liveSeconds, double historySeconds)
    : m_stream(stream)
    , m_timeScale(timeScale)
    , m_clock(timeScale)
    , m_history(stream.spec, historySeconds)
    , m_live(std::make_shared<LiveBuffer>(stream.spec, liveRows(stream.spec, liveSeconds)))
{}

Status StreamTrack::append(const signal::SampleBlock& block, const std::function<signal::Ledger()>& ledger)
{
    m_clock.add(block, m_stream.spec.rateHz);
    m_live->append(block);
    tellOrigin(block);
    if (!m_take && !m_history.isKept())
        return {};
    const signal::Ledger now = ledger();
    m_history.append(block, now);
    return m_take ? m_take->append(block, now) : Status();
}

// From the newest row back at the nominal rate: a sensor that is a little slower than it says would else run away from
// the streams that it is shown with.
void StreamTrack::tellOrigin(const signal::SampleBlock& block)
{
    const double rate = m_stream.spec.rateHz;
    if (rate <= 0 || block.hostNanos - m_originToldNanos < kOriginNanos)
        return;
    m_originToldNanos = block.hostNanos;
    const double scale = m_timeScale > 0 ? m_timeScale : 1.0;
    const double seconds = static_cast<double>(block.firstRow) / rate / scale;
    m_live->setOrigin(m_clock.hostNanosAt(block.deviceMicros) - std::llround(seconds * 1e9));
}

Status StreamTrack::openTake(std::shared_ptr<signal::BlockSink> sink, const TakeOptions& options,
                             const signal::Ledger& now, bool fromFirstRow)
{
    const std::vector<BlockHistory::Entry> past = m_history.last(options.historySeconds);
    m_take.emplace(std::move(sink), options, m_stream.spec, m_timeScale, past.empty() ? now : past.front().before,
                   fromFirstRow);
    return appendHistory(past);
}

Status StreamTrack::appendHistory(const std::vector<BlockHistory::Entry>& past)
{
    if (past.empty())
        return {};
    const signal::SampleBlock& oldest = past.front().block;
    const signal::SampleBlock& newest = past.back().block;
    m_take->extend(newest.endRow() - oldest.firstRow, newest.deviceMicros - oldest.deviceMicros);
    for (const BlockHistory::Entry& entry : past)
        EMBER_CHECK(m_take->append(entry.block, entry.after));
    return {};
}

Status StreamTrack::updateTake(const signal::Ledger& now)
{
    // What is counted behind its end is not its own.
    return isTakeComplete() ? Status() : m_take->updateLedger(now);
}

void StreamTrack::failTake(const Error& error)
{
    if (m_take)
        m_take->fail(error);
}

TakeResult StreamTrack::closeTake(const signal::Ledger& now)
{
    static_cast<void>(updateTake(now)); // a failure is in the result
    TakeResult result = m_take->result();
    result.stream = m_stream.spec.name;
    m_take.reset();
    return result;
}

} // namespace ember::device
