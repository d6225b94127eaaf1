// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/live_buffer.h"
#include "core/signal/stream_spec.h"

#include <memory>

namespace ember::gui {

/// Where traces come from: a live buffer, or a recording in the store. Rows are numbered, time is row / rate.
class TraceSource
{
public:
    virtual ~TraceSource() = default;

    virtual const signal::StreamSpec& spec() const = 0;
    virtual qint64 firstRow() const = 0;
    virtual qint64 endRow() const = 0;
    /// Rows [begin, end) of a channel as at most about `maxPoints` lowest/highest pairs; NaN where rows are missing.
    virtual device::Envelope envelope(int channel, qint64 begin, qint64 end, int maxPoints) = 0;

    /// Where row 0 lies on the time axis, in seconds: streams with clocks of their own share one.
    virtual double beginSeconds() const { return 0; }

    /// Rows per second; 1 where the rate is unknown, so that the axis counts rows.
    double rate() const { return spec().rateHz > 0 ? spec().rateHz : 1.0; }
};

/// The recent past of a stream of the connected board.
class LiveTraceSource : public TraceSource
{
public:
    /// `reference`: the stream whose row 0 is the beginning of the time axis; null: this one.
    explicit LiveTraceSource(std::shared_ptr<const device::LiveBuffer> buffer,
                             std::shared_ptr<const device::LiveBuffer> reference = nullptr)
        : m_buffer(std::move(buffer))
        , m_reference(std::move(reference))
    {}

    const signal::StreamSpec& spec() const override { return m_buffer->spec(); }
    qint64 firstRow() const override { return m_buffer->firstRow(); }
    qint64 endRow() const override { return m_buffer->endRow(); }
    device::Envelope envelope(int channel, qint64 begin, qint64 end, int maxPoints) override
    {
        return m_buffer->envelope(channel, begin, end, maxPoints);
    }
    /// By the computer's clock, and zero until both streams are known to it.
    double beginSeconds() const override
    {
        if (!m_reference || m_buffer->originNanos() == 0 || m_reference->originNanos() == 0)
            return 0;
        return static_cast<double>(m_buffer->originNanos() - m_reference->originNanos()) * 1e-9;
    }

private:
    std::shared_ptr<const device::LiveBuffer> m_buffer;
    std::shared_ptr<const device::LiveBuffer> m_reference;
};

} // namespace ember::gui
