// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture_link.h"

#include "core/device/agent_link.h"
#include "core/device/at_link.h"
#include "core/device/format_link.h"
#include "core/device/format_probe.h"
#include "core/device/polled_transport.h"

#include <algorithm>
#include <limits>
#include <poll.h>

namespace ember::device {

Result<std::unique_ptr<Transport>> CaptureLink::open(bool patient) const
{
    TransportOptions options = m_options.transport;
    if (patient)
        options.connectTimeoutMs = std::min(options.connectTimeoutMs, kLinkSliceMs);
    return openTransport(m_options.address, options);
}

Status CaptureLink::connect(int timeoutMs, bool patient, const Tick& tick)
{
    const Deadline deadline(timeoutMs);
    const Deadline ofWork(std::min(timeoutMs, std::numeric_limits<int>::max() - kMostWorkMs) + kMostWorkMs);
    for (;;) {
        if (!tick())
            return Error(ErrorKind::Cancelled, QStringLiteral("Connecting to %1 was stopped.").arg(m_options.address));
        auto tried = tryOnce(patient);
        if (tried)
            return {};
        const bool curable = tried.error().mayMend() && (transport() || patient);
        const bool isLate = timeoutMs > 0 && deadline.hasPassed() && (!isAtWork() || ofWork.hasPassed());
        if (!curable || isLate) {
            drop();
            return tried;
        }
        // A transport that cannot be opened says so at once.
        if (!transport())
            ::poll(nullptr, 0, kLinkSliceMs);
    }
}

Result<std::unique_ptr<CaptureLink>> chooseLink(const CaptureOptions& options, LinkHandlers handlers,
                                                const CaptureLink::Tick& tick,
                                                const std::function<void(const FormatReport&)>& onReport)
{
    if (options.format == QLatin1String(kAgentFormat))
        return std::unique_ptr<CaptureLink>(std::make_unique<AgentLink>(options, std::move(handlers)));
    if (options.format == QLatin1String(formats::kEdgeImpulseAt))
        return std::unique_ptr<CaptureLink>(std::make_unique<AtLink>(options, std::move(handlers)));
    EMBER_TRY(auto transport, openTransport(options.address, options.transport));
    EMBER_TRY(ProbeOutcome outcome,
              probeFormat(*transport, {options.format, options.connectTimeoutMs}, tick, onReport));
    transport = giveBack(std::move(transport), std::move(outcome.chunks));
    if (outcome.isAgent)
        return std::unique_ptr<CaptureLink>(
            std::make_unique<AgentLink>(options, std::move(handlers), std::move(transport)));
    if (outcome.guess.isConversation)
        return std::unique_ptr<CaptureLink>(
            std::make_unique<AtLink>(options, std::move(handlers), outcome.guess.reason, std::move(transport)));
    EMBER_TRY(auto link,
              FormatLink::create(options, std::move(handlers), std::move(outcome.guess), std::move(transport)));
    return std::unique_ptr<CaptureLink>(std::move(link));
}

} // namespace ember::device
