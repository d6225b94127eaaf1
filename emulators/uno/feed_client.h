// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/fd_handle.h"
#include "device-agent/wire/frame.hpp"
#include "device-agent/wire/messages.hpp"

#include <QByteArray>
#include <QString>

#include <deque>
#include <memory>
#include <vector>

namespace ember::uno {

/// One channel of the recording: value = raw * scale + offset, in `unit`.
struct FeedChannel
{
    QString name;
    QString unit;
    double scale = 1;
    double offset = 0;
};

/// Asks a sensor feed (core/device/sensor_feed.h) for its recording, row by row.
class FeedClient
{
public:
    /// Errors: Io, BadData for an answer that makes no sense, Unsupported for rows that are not int16.
    static Result<std::unique_ptr<FeedClient>> connect(const QString& path);

    const std::vector<FeedChannel>& channels() const { return m_channels; }
    double rateHz() const { return m_rateHz; }

    /// Plays the recording from its beginning.
    Status start();
    Status stop();

    enum class Row
    {
        Taken,
        NotYet, ///< the feed has none so far
        Ended   ///< and there will be none
    };
    /// The next row as physical values; waits up to `timeoutMs` for it. A feed that is gone has ended.
    Row next(std::vector<double>& values, int timeoutMs);
    /// The same without waiting: what has not arrived is asked for.
    Row nextIfThere(std::vector<double>& values);

private:
    explicit FeedClient(device::FdHandle fd);

    Status identify();
    Status send(wire::MessageType type, const QByteArray& payload = {});
    void ask();
    bool receive(int timeoutMs);
    void takeFrame();
    bool hasRow() const { return m_rows.size() >= m_channels.size(); }
    void takeRow(std::vector<double>& values);

    device::FdHandle m_fd;
    QByteArray m_buffer;
    wire::FrameReceiver m_receiver;
    std::vector<FeedChannel> m_channels;
    double m_rateHz = 0;
    quint32 m_seq = 0;
    QByteArray m_spec;         // payload of the last SensorSpec
    std::deque<qint16> m_rows; // values that were fetched and not taken
    bool m_asked = false;
    bool m_ended = false;
    bool m_gone = false;
};

} // namespace ember::uno
