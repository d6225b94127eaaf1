// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/agent_session.h"
#include "core/device/capture_link.h"
#include "core/device/sample_assembler.h"

#include <optional>

namespace ember::device {

/// The link to a board that runs our agent.
class AgentLink final : public CaptureLink
{
public:
    /// With a transport that is open already, the first connect() uses it.
    AgentLink(const CaptureOptions& options, LinkHandlers handlers, std::unique_ptr<Transport> transport = {});

    void drop() override;
    Transport* transport() override { return m_session ? &m_session->transport() : nullptr; }
    const BoardDescription& board() const override { return m_board; }
    const StreamDescription& stream() const override { return m_stream; }
    bool hasDeviceClock() const override { return true; }
    Status start() override;
    Status poll(int timeoutMs) override;
    Status keepAlive(bool nearTheEnd) override;
    Status resume(const Tick& tick) override;
    void finish(bool settle) override;
    bool hasProduced(qint64 rows) const override;
    qint64 rowsReceived() const override { return m_assembler ? m_assembler->counts().received : 0; }
    void addTo(signal::Ledger& ledger) const override;

protected:
    Status tryOnce(bool patient) override;

private:
    void adopt(std::unique_ptr<Transport> transport);
    Status chooseStream(const BoardDescription& board);
    DecoderCounts totals() const;
    void onFrame(const Frame& frame, qint64 hostNanos);
    void onSamples(const Frame& frame, qint64 hostNanos);
    void checkStream(const Frame& frame);

    const LinkHandlers m_handlers;
    std::unique_ptr<AgentSession> m_session;
    BoardDescription m_board; // as it was when the stream began
    StreamDescription m_stream;
    DecoderCounts m_closed; // of sessions that are over
    std::optional<SampleAssembler> m_assembler;
    bool m_rowsWanted = false; // Samples that arrive are those of the stream that was started
    qint64 m_lastStatsNanos = 0;
    std::optional<wire::StatsReport> m_lastStats;
};

} // namespace ember::device
