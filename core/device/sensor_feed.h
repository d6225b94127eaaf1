// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/signal/stream_spec.h"

#include <QByteArray>
#include <QString>

#include <memory>
#include <optional>
#include <span>

namespace ember::device {

/// What an emulated sensor plays: rows in the stream's own type.
struct FeedRecording
{
    signal::StreamSpec spec;
    QByteArray rows; ///< row-major, little-endian

    qint64 rowCount() const;
};

/// Turns physical values (row-major, one column for each channel of `spec`) into the int16 rows a sensor would give.
/// Channels of one unit share one scale, the smallest power of two that holds their range, so that raw * scale is exact
/// in float32; acceleration and rotation get at least the range such sensors are usually set to, so that recordings
/// of one kind have one scale. `scale` sets it for all channels instead, and values beyond its range are clipped as a
/// sensor clips them. Errors: BadData when the counts do not match or a value is not finite.
Result<FeedRecording> quantiseForFeed(const signal::StreamSpec& spec, std::span<const float> values,
                                      std::optional<double> scale = {});

struct SensorFeedOptions
{
    enum class Pacing
    {
        Clock,    ///< rows appear at rate x speed, as on a real sensor; what nobody reads in time is lost and counted
        OnDemand, ///< every read gets what it asks for: as fast as the board can, nothing lost
    };
    Pacing pacing = Pacing::Clock;
    double speed = 1.0;
    bool loop = false;
    int fifoRows = 16'384; ///< what the sensor keeps for a reader that is late
};

struct SensorFeedProgress
{
    qint64 delivered = 0; ///< rows that the board has read since it started the sensor
    qint64 overruns = 0;  ///< rows that nobody read in time
    qint64 total = 0;     ///< rows of the recording
    bool started = false;
    bool ended = false; ///< played to its end and read; never with loop
};

struct FeedBatch;

/// The sensor of an emulated board. With listen() it answers the Sensor messages on a link of its own, in a thread of
/// its own, until it is destroyed; without, somebody else plays it, one thread at a time. Its clock is that of the
/// recording: row / rate.
class SensorFeed
{
public:
    /// Errors: BadData for a recording it cannot play (no rows, no rate, too many channels).
    static Result<std::unique_ptr<SensorFeed>> create(FeedRecording recording, const SensorFeedOptions& options = {});
    ~SensorFeed();
    SensorFeed(const SensorFeed&) = delete;
    SensorFeed& operator=(const SensorFeed&) = delete;

    /// Waits for the board on a UNIX socket at `path` (removed when done) and serves it; again after it hung up.
    /// Call once. Error Io.
    Status listen(const QString& path);

    // Only where it does not listen:
    /// From the first row on.
    void startPlaying();
    void stopPlaying();
    /// The rows that exist by now, those that nobody has read yet.
    FeedBatch readRows(int most);
    /// The sensor's clock at a row.
    qint64 microsAt(qint64 row) const;
    /// What rows look like, as payload of SensorSpec and Declare.
    QByteArray specPayload() const;

    /// Any thread.
    SensorFeedProgress progress() const;
    /// Rows in all, lost ones included, once the recording has been played to its end.
    std::optional<qint64> finalRows() const;
    const signal::StreamSpec& spec() const;
    const SensorFeedOptions& options() const;

private:
    class Server;

    explicit SensorFeed(std::unique_ptr<Server> server);

    std::unique_ptr<Server> m_server;
};

} // namespace ember::device
