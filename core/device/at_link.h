// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/capture_link.h"
#include "core/formats/edge_impulse_at.h"
#include "core/signal/acquisition.h"

#include <optional>

namespace ember::device {

/// The link to a board with Edge Impulse's own firmware, which is talked to in AT commands: it is told to take a sample
/// of some seconds, and asked for it afterwards. Its first sample is a short one, that tells the channels and is not
/// kept. What the sensor has between two samples is not seen by anybody, and is counted as lost by the computer's
/// clock.
///
/// The board's settings of samples (label, interval, length) are changed by this; nothing else of it is.
class AtLink final : public CaptureLink
{
public:
    /// `reason`: why the board was taken for this. The options' first stream is the name of a sensor, their rate the
    /// one of its rates that is nearest; without them the first sensor at its highest rate.
    AtLink(const CaptureOptions& options, LinkHandlers handlers, QString reason = {},
           std::unique_ptr<Transport> transport = {});

    void drop() override;
    Transport* transport() override { return m_transport.get(); }
    const BoardDescription& board() const override { return m_board; }
    const std::vector<StreamDescription>& streams() const override { return m_board.streams; }
    bool hasDeviceClock() const override { return false; }
    /// Each step has a time-out of its own.
    bool isAtWork() const override { return m_step >= Step::Configure && m_step <= Step::Read; }
    Status start() override;
    Status poll(int timeoutMs) override;
    Status keepAlive(bool) override { return {}; }
    Status resume(const Tick&) override;
    void finish(bool settle) override;
    bool hasProduced(qint64) const override { return false; }
    qint64 rowsReceived() const override { return m_rows; }
    void addTo(signal::Ledger& ledger, size_t stream) const override;

protected:
    Status tryOnce(bool patient) override;

private:
    /// What the board is asked for, in the order of it.
    enum class Step
    {
        Nothing,   ///< not spoken to since the port was opened
        Interrupt, ///< whatever it does, it shall wait for commands
        Configure,
        Settings,
        Sample,
        Read,
        Idle ///< it waits for commands, and we know what it is
    };

    void ask(Step step, const QByteArray& command, int patienceMs);
    Status advance(int timeoutMs);
    Status sendPaced();
    Status onBytes(const QByteArray& bytes);
    Status onAnswer(const QByteArray& answer);
    Status checkDeadline();
    Status chooseSensor(const formats::AtConfig& config);
    void beginSample(double seconds);
    double nextSeconds() const;
    Status onSample(const signal::Acquisition& sample);
    Status describe(const signal::Acquisition& sample);
    void giveRows(const signal::Acquisition& sample);

    const LinkHandlers m_handlers;
    const QString m_reason;
    std::unique_ptr<Transport> m_transport;
    Step m_step = Step::Nothing;
    QByteArray m_toSend;
    QByteArray m_answer;
    qint64 m_sentNanos = 0;
    qint64 m_deadlineNanos = 0;
    int m_patienceMs = 0;
    formats::AtSensor m_sensor;
    double m_askedRateHz = 0;
    double m_sampleSeconds = 0;
    bool m_namesBaudRate = false;
    BoardDescription m_board; ///< its stream is there once a sample was
    bool m_running = false;
    qint64 m_sampleNanos = 0; ///< host time at which the sample that is being taken began
    qint64 m_firstNanos = 0;  ///< of the first row that was kept
    qint64 m_nextRow = 0;
    int m_refusedInARow = 0;
    // What was counted:
    qint64 m_bytes = 0;
    qint64 m_samples = 0;
    qint64 m_damaged = 0;
    qint64 m_rows = 0;
    qint64 m_missed = 0;
};

} // namespace ember::device
