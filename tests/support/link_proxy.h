// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QRandomGenerator>
#include <QString>
#include <QTemporaryDir>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

namespace ember::test {

/// How often what happens to a byte on the cable, in both directions: probabilities.
struct LinkFaults
{
    double flip = 0; ///< one of its bits changes
    double drop = 0;
    double duplicate = 0;
    double burst = 0;  ///< it is the first of 8 to 64 that are noise
    double repeat = 0; ///< of a frame: it comes twice

    friend bool operator==(const LinkFaults&, const LinkFaults&) = default;
};

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
    /// From now on; what happens follows from the seed and the bytes so far.
    void setFaults(const LinkFaults& faults, quint32 seed);
    /// Bytes that were flipped, dropped or doubled so far.
    qint64 faultCount() const { return m_faultCount; }
    /// Passes nothing on from the board, but keeps the connection.
    void mute(bool on) { m_muted = on; }
    bool isConnected() const { return m_connected; }

private:
    void run();
    bool pass(int from, int to);
    struct Direction
    {
        int burstLeft = 0; ///< bytes
        QByteArray frame;  ///< what has been passed on of it
    };

    QByteArray damaged(const char* bytes, qsizetype count, Direction& way);

    QTemporaryDir m_folder;
    int m_board;
    int m_listener = -1;
    std::atomic_bool m_plugged{true};
    std::atomic_bool m_muted{false};
    std::atomic_bool m_connected{false};
    std::atomic_bool m_stop{false};
    std::mutex m_faultMutex; // guards the next two
    LinkFaults m_faults;
    QRandomGenerator m_random;
    std::atomic<qint64> m_faultCount{0};
    Direction m_toBoard; // of the thread, as is the next
    Direction m_fromBoard;
    std::thread m_thread;
};

} // namespace ember::test
