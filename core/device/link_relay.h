// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/sensor_feed.h"

#include <QString>

#include <memory>

namespace ember::device {

/// Stands between an emulator that speaks through two named pipes and the programs that open its board's link, a UNIX
/// socket. For emulated UARTs that throw away what the line does not take at once: a pipe holds a megabyte where a
/// socket holds some hundred single bytes. What a board says while nobody is connected is lost, as on a real line. With
/// a feed, the relay also is the board's sensor (RowInjector). A thread of its own, until it is destroyed.
class LinkRelay
{
public:
    /// Makes the pipes `pipe`.in (to the board) and `pipe`.out, and waits for programs at `socket`. The feed may be
    /// null and outlives the relay. Error Io.
    static Result<std::unique_ptr<LinkRelay>> start(const QString& pipe, const QString& socket, SensorFeed* feed);
    ~LinkRelay();
    LinkRelay(const LinkRelay&) = delete;
    LinkRelay& operator=(const LinkRelay&) = delete;

    /// Whether the emulator has opened its ends. Any thread.
    bool isBoardUp() const;

private:
    class Worker;

    explicit LinkRelay(std::unique_ptr<Worker> worker);

    std::unique_ptr<Worker> m_worker;
};

} // namespace ember::device
