// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/cable_write.h"

#include <QByteArray>

#include <atomic>
#include <chrono>
#include <functional>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace ember::test {

/// A board with other people's firmware at the end of a cable: sends pieces of bytes at a steady rate, in real time.
class ForeignBoard
{
public:
    /// Piece `number` of the stream; `heard` is all that the host has sent so far. An empty piece sends nothing.
    using Piece = std::function<QByteArray(qint64 number, const QByteArray& heard)>;

    /// `fd` stays the caller's, and must not block. Stops by itself after `count` pieces; negative: goes on.
    ForeignBoard(int fd, double piecesPerSecond, Piece piece, qint64 count = -1)
        : m_fd(fd)
        , m_rate(piecesPerSecond)
        , m_count(count)
        , m_piece(std::move(piece))
        , m_thread([this] { run(); })
    {}
    ~ForeignBoard()
    {
        m_stop = true;
        m_thread.join();
    }
    ForeignBoard(const ForeignBoard&) = delete;
    ForeignBoard& operator=(const ForeignBoard&) = delete;

    qint64 sent() const { return m_sent; }

private:
    void run()
    {
        const auto begun = std::chrono::steady_clock::now();
        QByteArray heard;
        while (!m_stop && (m_count < 0 || m_sent < m_count)) {
            char input[256];
            if (const ssize_t count = ::read(m_fd, input, sizeof input); count > 0)
                heard.append(input, count);
            const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begun;
            while (!m_stop && static_cast<double>(m_sent) < time.count() * m_rate &&
                   (m_count < 0 || m_sent < m_count)) {
                if (!write(m_piece(m_sent, heard)))
                    return;
                ++m_sent;
            }
            ::poll(nullptr, 0, 2);
        }
    }

    bool write(const QByteArray& bytes) { return writeToCable(m_fd, bytes, m_stop); }

    const int m_fd;
    const double m_rate;
    const qint64 m_count;
    const Piece m_piece;
    std::atomic<qint64> m_sent{0};
    std::atomic_bool m_stop{false};
    std::thread m_thread; // last: it uses the others
};

} // namespace ember::test
