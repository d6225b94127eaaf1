// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/messages.hpp"
#include "event_teller.hpp"
#include "flash_text.hpp"
#include "inference.hpp"
#include "limits.hpp"
#include "model_port.hpp"
#include "sensor.hpp"
#include "window_filler.hpp"

#include <string.h>

namespace ember {
namespace agent {

#if EMBER_WITH_MODEL

/// The model at work on a stream: collects windows, runs, keeps the newest result until it has been sent.
class LiveModel
{
public:
    /// Both may be null: a stream that the model does not work on.
    LiveModel(const ModelDescriptor* model, Inference* inference)
        : m_model(model)
        , m_inference(inference)
        , m_window(model)
        , m_events(model)
    {
        m_stream = StreamInfo();
        if (model == nullptr || model->input != InputKind::Window || model->channels > wire::kMaxChannels)
            return;
        m_stream.name = EMBER_TEXT("inject");
        m_stream.type = model->windowType;
        m_stream.channels = static_cast<uint8_t>(model->channels);
    }

    /// What rows the model wants, for a board without a sensor; null when it wants none.
    const StreamInfo* stream() const { return m_stream.channels > 0 ? &m_stream : nullptr; }
    bool fits(const StreamInfo& rows) const
    {
        return m_model != nullptr && m_model->input == InputKind::Window && m_model->windowType == rows.type &&
               m_model->channels == rows.channels;
    }

    /// Nothing has been seen of the stream.
    void start()
    {
        m_waiting = false;
        m_window.restart();
        m_events.start();
    }
    /// The next rows do not follow the ones before. What ends with that has its time to be told, as a result has.
    void breakWindow(uint32_t now)
    {
        m_window.restart();
        m_events.interrupt();
        if (m_events.waiting())
            m_resultSince = now;
    }
    /// What waits to be told is not told any more.
    void forgetResult()
    {
        m_waiting = false;
        m_events.forget();
    }
    bool resultWaiting() const { return m_waiting; }
    bool eventWaiting() const { return m_events.waiting(); }
    /// The payload of Event.
    size_t packEvent(uint8_t* at) { return m_events.pack(at); }

    /// How many of the offered rows may be taken now: a window ends a part, so that its result has a chance to be sent
    /// before the next. `patient`: nothing is ever given up for what is newer.
    uint16_t acceptable(uint16_t offered, bool patient, uint32_t now) const
    {
        if ((m_waiting || m_events.waiting()) && (patient || now - m_resultSince < kPatienceMicros))
            return 0;
        const uint32_t wanted = m_window.wanted();
        return wanted < offered ? static_cast<uint16_t>(wanted) : offered;
    }

    /// Takes rows, no more than acceptable(); `endRow` is the number behind them.
    void take(const uint8_t* rows, uint16_t count, uint32_t endRow, uint32_t now)
    {
        m_window.push(rows, count);
        if (!m_window.full())
            return;
        const InferenceResult result = m_inference->runWindow();
        m_window.advance();
        m_result.endRow = endRow;
        m_result.winner = result.winner;
        m_result.cpuTicks = result.featureTicks + result.modelTicks;
        m_waiting = true;
        m_resultSince = now;
        m_events.look(endRow);
    }

    /// The payload of Inference; outputs are left out when they do not fit.
    size_t packResult(uint8_t* at, size_t capacity)
    {
        size_t bytes = m_model->outputCount * wire::elementSize(m_model->outputType);
        const bool fit = wire::InferenceHeader::kSize + bytes <= capacity;
        m_result.outputs = fit ? m_model->outputCount : uint16_t{0};
        bytes = fit ? bytes : 0;
        m_result.pack(at);
        memcpy(at + wire::InferenceHeader::kSize, m_model->outputBuffer, bytes); // little-endian, as the wire is
        m_waiting = false;
        return wire::InferenceHeader::kSize + bytes;
    }

private:
    // A result waits this long for the link before a newer one takes its place.
    static constexpr uint32_t kPatienceMicros = 20000;

    const ModelDescriptor* m_model;
    Inference* m_inference;
    bool m_waiting = false;
    uint32_t m_resultSince = 0;
    WindowFiller m_window;
    EventTeller m_events;
    wire::InferenceHeader m_result;
    StreamInfo m_stream;
};

#else

/// What stands in its place in a firmware that never has a model.
class LiveModel
{
public:
    constexpr LiveModel(const ModelDescriptor*, Inference*) {}
    const StreamInfo* stream() const { return nullptr; }
    bool fits(const StreamInfo&) const { return false; }
    void start() {}
    void breakWindow(uint32_t) {}
    void forgetResult() {}
    bool resultWaiting() const { return false; }
    bool eventWaiting() const { return false; }
    size_t packEvent(uint8_t*) { return 0; }
    uint16_t acceptable(uint16_t offered, bool, uint32_t) const { return offered; }
    void take(const uint8_t*, uint16_t, uint32_t, uint32_t) {}
    size_t packResult(uint8_t*, size_t) { return 0; }
};

#endif

} // namespace agent
} // namespace ember
