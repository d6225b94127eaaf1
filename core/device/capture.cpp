// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/capture.h"

#include "core/device/capture_worker.h"

namespace ember::device {

QString captureStateName(CaptureState state)
{
    switch (state) {
    case CaptureState::Connecting:
        return QStringLiteral("connecting");
    case CaptureState::Streaming:
        return QStringLiteral("streaming");
    case CaptureState::LinkLost:
        return QStringLiteral("link-lost");
    case CaptureState::Finished:
        return QStringLiteral("finished");
    case CaptureState::Failed:
        return QStringLiteral("failed");
    }
    return QStringLiteral("unknown");
}

Capture::Capture(CaptureOptions options, CaptureHandlers handlers)
    : m_worker(std::make_unique<CaptureWorker>(std::move(options), std::move(handlers)))
{}

Capture::~Capture() = default;

void Capture::start()
{
    m_worker->start();
}

void Capture::stop()
{
    m_worker->stop();
}

bool Capture::wait(int timeoutMs)
{
    return m_worker->wait(timeoutMs);
}

CaptureStatus Capture::status() const
{
    return m_worker->status();
}

std::shared_ptr<const LiveBuffer> Capture::live() const
{
    return m_worker->live();
}

void Capture::beginTake(SinkFactory sink, const TakeOptions& options)
{
    m_worker->beginTake(std::move(sink), options);
}

void Capture::endTake()
{
    m_worker->endTake();
}

std::optional<TakeResult> Capture::lastTake() const
{
    return m_worker->lastTake();
}

} // namespace ember::device
