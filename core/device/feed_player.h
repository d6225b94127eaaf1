// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/sensor_feed.h"

namespace ember::device {

/// What a read of the sensor gives.
struct FeedBatch
{
    qint64 firstRow = 0; ///< since the sensor was started
    QByteArray rows;
    qint64 overruns = 0; ///< so far
    bool ended = false;  ///< nothing comes after these rows
};

/// The sensor itself, without link or thread: says which rows exist at a time, forgets what its queue cannot hold. Time
/// is given to it, so that tests need not wait.
class FeedPlayer
{
public:
    FeedPlayer(FeedRecording recording, const SensorFeedOptions& options);

    void start(qint64 nowNanos);
    void stop() { m_progress.started = false; }
    FeedBatch read(qint64 nowNanos, int mostRows);

    const SensorFeedProgress& progress() const { return m_progress; }
    const FeedRecording& recording() const { return m_recording; }
    /// The sensor's clock at a row.
    qint64 microsAt(qint64 row) const;

private:
    qint64 produced(qint64 nowNanos, int wanted) const;

    FeedRecording m_recording;
    SensorFeedOptions m_options;
    SensorFeedProgress m_progress;
    qint64 m_startNanos = 0;
    qint64 m_next = 0; // the oldest row that is kept
};

} // namespace ember::device
