// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/frame_decoder.h"
#include "core/device/sensor_feed.h"

#include <optional>

namespace ember::device {

/// Stands in for the sensor of a board that has no second line for one: declares the feed's stream on the board's own
/// link and injects its rows while a program has the stream running. Looks at the frames that go by, and says which
/// ones to put in between. Time is given to it, so that tests need not wait. One thread.
class RowInjector
{
public:
    /// The feed outlives this.
    explicit RowInjector(SensorFeed& feed)
        : m_feed(feed)
    {}

    /// A frame of the board's went by. False: it answers a frame of this injector's, and the program must not see it.
    bool takeFromBoard(const Frame& frame);

    /// What is to be sent to the board now, if anything; only between two frames of the program's.
    std::optional<QByteArray> next(qint64 nowNanos);

private:
    enum class Awaited
    {
        Nothing,
        Declared,
        Taken,
    };

    void takeDescription(const Frame& frame);
    void takeAnswer(const Frame& frame);
    void takeOwnAnswer(bool refused);
    QByteArray request(wire::MessageType type, quint32 ticks, const QByteArray& payload, Awaited answer, qint64 now);

    SensorFeed& m_feed;
    quint32 m_seq = 0;
    Awaited m_awaited = Awaited::Nothing;
    qint64 m_askedNanos = 0;
    std::optional<quint32> m_session; ///< of the board; another one means that it has forgotten everything
    qsizetype m_largestPayload = 0;
    bool m_declared = false;
    bool m_refused = false; ///< the board does not take such a stream
    bool m_streaming = false;
};

} // namespace ember::device
