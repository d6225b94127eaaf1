// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QTemporaryDir>

#include <atomic>
#include <memory>
#include <thread>

namespace ember::test {

/// A cable with a plug: programs connect to a UNIX socket, the board sits on a descriptor that stays. While nobody is
/// connected, what the board sends is lost, as on a USB port without a computer. Runs a thread until destroyed.
class LinkProxy
{
public:
    /// `boardFd` must not block and stays the caller's.
    explicit LinkProxy(int boardFd);
    ~LinkProxy();
    LinkProxy(const LinkProxy&) = delete;
    LinkProxy& operator=(const LinkProxy&) = delete;

    /// For openTransport.
    QString address() const;

    /// Pulls the plug: the connected program hangs up, new ones are refused until plugIn().
    void unplug() { m_plugged = false; }
    void plugIn() { m_plugged = true; }
    /// Passes nothing on from the board, but keeps the connection.
    void mute(bool on) { m_muted = on; }
    bool isConnected() const { return m_connected; }

private:
    void run();

    QTemporaryDir m_folder;
    int m_board;
    int m_listener = -1;
    std::atomic_bool m_plugged{true};
    std::atomic_bool m_muted{false};
    std::atomic_bool m_connected{false};
    std::atomic_bool m_stop{false};
    std::thread m_thread;
};

} // namespace ember::test
