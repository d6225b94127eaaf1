// SPDX-License-Identifier: MIT-0
#pragma once

#include "../wire/messages.hpp"
#include "live_model.hpp"
#include "row_queue.hpp"
#include "sensor.hpp"
#include "short_queue.hpp"

namespace ember {
namespace agent {

#if EMBER_SMALL
using StreamQueue = ShortQueue;
#else
using StreamQueue = RowQueue;
#endif

/// Takes rows from the sensor, or from the host in its place, to the link and through the model. Counts every row that
/// is lost on the way. One stream.
class Streamer
{
public:
    /// The agent's first stream, number 0, which the model works on. Sensor and model may be null; `memory` is the
    /// queue for rows that wait for the link, `next` a stream beside it that has its number already.
    EMBER_CONSTANT Streamer(Sensor* sensor, const ModelDescriptor* model, Inference& inference, uint8_t* memory,
                            size_t size, Streamer* next = nullptr)
        : m_sensor(sensor)
        , m_next(next)
        , m_queue(memory, size)
        , m_model(model, &inference)
    {}
    /// A stream beside it: Agent::addStream() gives it its number, unless it is a constant. Sensor and memory outlive
    /// it.
    EMBER_CONSTANT Streamer(Sensor& sensor, uint8_t* memory, size_t size, uint8_t number = 0)
        : m_sensor(&sensor)
        , m_number(number)
        , m_queue(memory, size)
        , m_model(nullptr, nullptr)
    {}

    /// The stream's number in frames.
    uint8_t number() const { return m_number; }
    /// The agent's streams are a list, so that a board with one has no memory for more.
    Streamer* next() const { return m_next; }
    void append(Streamer& more)
    {
        more.m_number = static_cast<uint8_t>(m_number + 1);
        m_next = &more;
    }

    /// What rows look like; null as long as the board has neither a sensor nor a model that takes windows.
    const StreamInfo* stream() const;
    /// Whether the model can run on the rows as they come.
    bool modelFitsStream() const;
    /// Whether stream() has changed since the last call; a running stream ends when it does.
    bool takeStreamChange();

    /// Begins anew with kStartSamples and kStartInference as asked; there must be a stream.
    void start(uint8_t outputs);
    /// Ends the stream after what waits has been sent; false as long as something waits. To be called until true.
    bool finish();
    bool running() const { return m_state == State::Running; }
    bool inferring() const { return running() && wants(wire::kStartInference); }
    bool setRate(uint32_t milliHz) { return hasSensor() && m_sensor->setRate(milliHz); }
    bool declare(const uint8_t* spec, size_t size) { return hasSensor() && m_sensor->declare(spec, size); }

    /// The host gives rows in the place of the sensor, which stands still until the next start(). The rows must stay
    /// where they are until injectionTaken().
    void inject(const SensorBatch& rows);
#if EMBER_WITH_INJECT
    bool injectionTaken() const
    {
        return !m_injectionOpen;
    }
#else
    bool injectionTaken() const
    {
        return true;
    }
#endif

    /// Asks the sensor, takes rows, runs the model; whether it did anything.
    bool poll(uint32_t now);

    /// Whether it is time for a frame of samples, and the payload for it.
    bool samplesDue(uint32_t now, size_t capacity) const;
    size_t packSamples(uint8_t* at, size_t capacity, uint32_t now);
    /// When its first row was sampled.
    uint32_t headTicks()
    {
        return m_queue.headTicks();
    }

    /// The newest result that has not been sent, and the payload for it; outputs are left out when they do not fit.
    bool resultWaiting() const
    {
        return m_model.resultWaiting();
    }
    size_t packResult(uint8_t* at, size_t capacity)
    {
        return m_model.packResult(at, capacity);
    }

    /// What began or ended and has not been told, and the payload for it.
    bool eventWaiting() const
    {
        return m_model.eventWaiting();
    }
    size_t packEvent(uint8_t* at)
    {
        return m_model.packEvent(at);
    }

    uint32_t rowsProduced() const
    {
        return m_nextRow;
    }
    uint32_t rowsDropped() const
    {
        return m_dropped;
    }

private:
    enum class State : uint8_t
    {
        Idle,
        Running,
        Draining
    };

    bool hasSensor() const
    {
        return EMBER_SMALL || m_sensor != nullptr;
    } // a small board has one, or no agent
#if EMBER_WITH_MODEL
    bool wants(uint8_t output) const
    {
        return (m_outputs & output) != 0;
    }
#else
    static constexpr bool wants(uint8_t output)
    {
        return output == wire::kStartSamples;
    }
#endif
#if EMBER_WITH_INJECT
    bool injecting() const
    {
        return m_injecting;
    }
#else
    static constexpr bool injecting()
    {
        return false;
    }
#endif
    uint16_t room() const;
    bool noticeStreamChange();
    bool takeRows(uint32_t now);
    const SensorBatch* currentBatch() const;
    void releaseBatch();
    void endInjection();
    EMBER_APART bool align(const SensorBatch& batch, uint32_t now);
    uint16_t acceptable(uint16_t offered, uint32_t now) const;
    void take(const uint8_t* rows, uint16_t count, uint32_t now);
    uint16_t rowsPerFrame(size_t capacity) const;

    Sensor* m_sensor;
    Streamer* m_next = nullptr;

    uint8_t m_number = 0;
    State m_state = State::Idle;
#if EMBER_WITH_MODEL
    uint8_t m_outputs = 0;
#endif
    uint8_t m_streamVersion = 0;
    bool m_streamChanged = false;
    bool m_flush = false; ///< what is queued goes out at once
#if !EMBER_WHOLE_BATCHES
    uint16_t m_taken = 0; ///< rows of the current batch that are done
#endif
    uint32_t m_nextRow = 0;
    uint32_t m_dropped = 0;
#if !EMBER_SMALL
    uint32_t m_queuedSince = 0;
#endif
#if EMBER_WITH_INJECT
    bool m_injecting = false;
    bool m_injectionOpen = false;
    uint32_t m_rowOffset = 0; ///< from the source's row numbers to the stream's
    SensorBatch m_injection = {0, 0, nullptr, 0};
#endif
    StreamQueue m_queue;
    LiveModel m_model;
};

} // namespace agent
} // namespace ember
