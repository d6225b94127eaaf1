// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/stream_spec.h"
#include "device-agent/agent/model_port.hpp"

#include <QByteArray>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace ember::test {

/// How a host board behaves.
struct HostBoardOptions
{
    double rateHz = 1000;
    int channels = 3;
    double secondRateHz = 0; ///< of a second sensor with one channel, as a stream "sensor2"; 0: there is none
    qint64 totalRows = -1;   ///< the sensor ends after them; negative: never
    /// Rows [first, second) that the sensor loses itself.
    std::vector<std::pair<qint64, qint64>> sensorLosses = {};
    /// Every frame on its way to the host, delimiter included; what comes back is sent instead. Runs on the board's
    /// thread.
    std::function<QByteArray(const QByteArray& frame)> link = {};
    const agent::ModelDescriptor* model = nullptr;
    quint32 session = 1;
    QByteArray buildId = QByteArray(20, '\x5A');
};

/// The real agent core, compiled for this computer and run in a thread of its own on one end of a socket or terminal,
/// with a sensor that produces numbered rows (tests/support/numbered_rows.h). Stops when destroyed.
class HostBoard
{
public:
    /// `fd` must not block and stays the caller's.
    HostBoard(int fd, HostBoardOptions options);
    ~HostBoard();
    HostBoard(const HostBoard&) = delete;
    HostBoard& operator=(const HostBoard&) = delete;

private:
    class Loop;
    std::unique_ptr<Loop> m_loop;
};

/// A connected pair of sockets that do not block; the test's end comes first. Closed when destroyed.
class SocketPair
{
public:
    SocketPair();
    ~SocketPair();
    SocketPair(const SocketPair&) = delete;
    SocketPair& operator=(const SocketPair&) = delete;

    /// The program's end; the caller owns it from now on.
    int takeHostEnd() { return std::exchange(m_host, -1); }
    int boardEnd() const { return m_board; }
    void closeBoardEnd();

private:
    int m_host = -1;
    int m_board = -1;
};

/// A window model of 8 rows x 3 int16 channels: the features are the channels' sums, the votes the features doubled,
/// the winner the channel with the largest sum.
const agent::ModelDescriptor* sumModel();

} // namespace ember::test
