// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/feed_player.h"

#include <algorithm>
#include <cmath>

namespace ember::device {

namespace {

// Far beyond any recording, and far from the end of 64 bits.
constexpr double kMaxCount = 1e15;

// Whatever rate and speed are: what is no number counts as zero.
qint64 bounded(double count)
{
    return count >= 0 ? static_cast<qint64>(std::min(std::floor(count), kMaxCount)) : 0;
}

} // namespace

FeedPlayer::FeedPlayer(FeedRecording recording, const SensorFeedOptions& options)
    : m_recording(std::move(recording))
    , m_options(options)
{
    m_progress.total = m_recording.rowCount();
}

void FeedPlayer::start(qint64 nowNanos)
{
    const qint64 total = m_progress.total;
    m_progress = {};
    m_progress.total = total;
    m_progress.started = true;
    m_startNanos = nowNanos;
    m_next = 0;
}

qint64 FeedPlayer::produced(qint64 nowNanos, int wanted) const
{
    qint64 rows = m_next + wanted;
    if (m_options.pacing == SensorFeedOptions::Pacing::Clock) {
        const double seconds = static_cast<double>(nowNanos - m_startNanos) * 1e-9;
        rows = bounded(seconds * m_recording.spec.rateHz * m_options.speed);
    }
    return m_options.loop ? rows : std::min(rows, m_progress.total);
}

FeedBatch FeedPlayer::read(qint64 nowNanos, int mostRows)
{
    if (!m_progress.started)
        return {m_next, {}, m_progress.overruns, false};
    const qint64 exists = produced(nowNanos, mostRows);
    const bool waits = m_options.pacing == SensorFeedOptions::Pacing::OnDemand; // for its reader; nothing is ever late
    if (const qint64 late = exists - m_next - m_options.fifoRows; late > 0 && !waits) {
        m_progress.overruns += late;
        m_next += late;
    }
    FeedBatch batch;
    batch.firstRow = m_next;
    batch.overruns = m_progress.overruns;
    const qint64 count = std::clamp<qint64>(exists - m_next, 0, mostRows);
    const auto rowBytes = static_cast<qsizetype>(m_recording.spec.bytesPerRow());
    for (qint64 left = count; left > 0;) {
        // Around the end of the recording when it is played in a loop.
        const qint64 at = m_next % m_progress.total;
        const qint64 piece = std::min(left, m_progress.total - at);
        batch.rows += m_recording.rows.mid(at * rowBytes, piece * rowBytes);
        m_next += piece;
        left -= piece;
    }
    m_progress.delivered += count;
    m_progress.ended = !m_options.loop && m_next >= m_progress.total;
    batch.ended = m_progress.ended;
    return batch;
}

qint64 FeedPlayer::microsAt(qint64 row) const
{
    return bounded(static_cast<double>(row) * 1e6 / m_recording.spec.rateHz);
}

} // namespace ember::device
