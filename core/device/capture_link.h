// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/agent_session.h"
#include "core/device/capture.h"

#include <functional>
#include <memory>

namespace ember::device {

/// The link of a capture over its whole life: opens it, opens it again, and adds up what the sessions counted. Lives on
/// the acquisition thread.
class CaptureLink
{
public:
    /// Called between two waits, some ten times a second; false gives up.
    using Tick = std::function<bool()>;

    CaptureLink(const CaptureOptions& options, AgentSession::FrameHandler onFrame, AgentSession::ByteSink onBytes);

    /// Opens the link and waits until the board has described itself and the wanted stream. With `patient` a port that
    /// is not there is waited for. A time-out of 0 waits for ever. Errors: Board, Cancelled when a tick said so, and
    /// what waiting does not cure.
    Status connect(int timeoutMs, bool patient, const Tick& tick);
    void drop();

    AgentSession& session() { return *m_session; }
    /// The wanted stream of the connected board.
    const StreamDescription& stream() const { return m_stream; }
    DecoderCounts totals() const;

private:
    Status tryOnce(bool patient);
    Status chooseStream(const BoardDescription& board);

    const CaptureOptions& m_options;
    AgentSession::FrameHandler m_onFrame;
    AgentSession::ByteSink m_onBytes;
    std::unique_ptr<AgentSession> m_session;
    StreamDescription m_stream;
    DecoderCounts m_closed; // of sessions that are over
};

} // namespace ember::device
