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
    const std::vector<StreamDescription>& streams() const override { return m_streams; }
    bool hasDeviceClock() const override { return true; }
    Status start() override;
    Status poll(int timeoutMs) override;
    Status keepAlive(bool nearTheEnd) override;
    Status resume(const Tick& tick) override;
    void finish(bool settle) override;
    bool hasProduced(qint64 rows) const override;
    qint64 rowsReceived() const override { return m_assemblers.empty() ? 0 : m_assemblers.front().counts().received; }
    void addTo(signal::Ledger& ledger, size_t stream) const override;

protected:
    Status tryOnce(bool patient) override;

private:
    void adopt(std::unique_ptr<Transport> transport);
    Status chooseStreams(const BoardDescription& board);
    Status startStream(size_t index, quint8 outputs);
    bool hasBegun() const { return !m_assemblers.empty(); }
    DecoderCounts totals() const;
    template <typename Ask>
    auto insist(qint64 deadline, const Ask& ask) -> decltype(ask());
    void onFrame(const Frame& frame, qint64 hostNanos);
    void onSamples(const Frame& frame, qint64 hostNanos);
    void checkStream(const Frame& frame);

    const LinkHandlers m_handlers;
    std::unique_ptr<AgentSession> m_session;
    BoardDescription m_board; // as it was when the stream began
    std::vector<StreamDescription> m_streams;
    DecoderCounts m_closed;                    // of sessions that are over
    std::vector<SampleAssembler> m_assemblers; // one for each stream; empty before the first start
    bool m_rowsWanted = false;                 // Samples that arrive are those of the streams that were started
    qint64 m_lastStatsNanos = 0;
    std::optional<wire::StatsReport> m_lastStats;
};

} // namespace ember::device
