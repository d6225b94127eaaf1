// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/agent_session.h"
#include "core/device/board.h"
#include "core/device/sensor_feed.h"

#include <QString>

#include <memory>
#include <optional>

namespace ember::device {

struct EmulatorOptions
{
    QString image; ///< ELF file to run
    /// QEMU: one instruction takes 2^shift ns of the board's time, which makes counts exact and repeatable; without it
    /// the board's clock follows real time, which is what live capture wants. An emulator that counts cycles anyway is
    /// only let run as fast as it can.
    std::optional<int> icountShift;
    std::unique_ptr<SensorFeed> feed;       ///< the board's sensor; null: it has none
    std::unique_ptr<SensorFeed> secondFeed; ///< its second one, where its board file has one
    bool programmer = false;                ///< with a serial port for the board's flashing tool
    int startTimeoutMs = 30'000;
};

/// A running emulated board. Starts with start(), stops when destroyed, dies with this process even when that is
/// killed. May be used and destroyed on any thread, one at a time.
class Emulator
{
public:
    /// Starts the board's emulator and waits until its link can be opened. Errors: MissingTool; Unsupported for a board
    /// without emulator; NotFound for the image; Board when it dies or is not up in time, with what it said.
    static Result<std::unique_ptr<Emulator>> start(const Board& board, EmulatorOptions options);
    ~Emulator();
    Emulator(const Emulator&) = delete;
    Emulator& operator=(const Emulator&) = delete;

    /// Opens the link and waits until the agent answers. Errors: Board, with what the emulator said when it died.
    Result<std::unique_ptr<AgentSession>> connectAgent(int timeoutMs = 60'000, const CancelToken& cancel = {}) const;

    /// For openTransport.
    QString linkAddress() const;
    /// Path of the serial port for flashing tools, when the options asked for one.
    QString programmerAddress() const;
    bool isRunning() const;
    /// What it wrote to its standard error, the last few kilobytes.
    QString messages() const;
    qint64 processId() const;
    /// Null when the board has no sensor.
    SensorFeed* feed() const;

private:
    struct Parts;

    explicit Emulator(std::unique_ptr<Parts> parts);
    Error whyItEnded() const;

    std::unique_ptr<Parts> m_parts;
};

} // namespace ember::device
