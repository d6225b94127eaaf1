// SPDX-License-Identifier: MIT-0
#pragma once

#include "agent/agent.hpp"

#include <Arduino.h>

// Sizes of the agent's memory; a sketch's build may define them otherwise. The send buffer must hold the description:
// 110 bytes and 21 for each channel.
#if !defined(EMBER_ARDUINO_SEND_BYTES)
#if defined(__AVR__)
#define EMBER_ARDUINO_SEND_BYTES 264
#define EMBER_ARDUINO_ROW_BYTES 96
#define EMBER_ARDUINO_RECEIVE_BYTES 80
#else
#define EMBER_ARDUINO_SEND_BYTES 1024
#define EMBER_ARDUINO_ROW_BYTES 4096
#define EMBER_ARDUINO_RECEIVE_BYTES 512
#endif
#endif

/// One value of a row: name, unit, scale, offset; value = raw * scale + offset. Names and units have 15 characters at
/// most. Tables of channels are PROGMEM: they are read from flash.
typedef ember::agent::ChannelInfo EmberChannel;

/// Reads the sensor: fills `row`, an int16_t for each channel, and returns true; false when the sensor had nothing (the
/// row then counts as lost).
typedef bool (*EmberReadRow)(int16_t* row);

namespace ember {
namespace arduino {

constexpr uint8_t kMostChannels = 6;

/// The sketch's callback as a sensor with a clock of its own: a row at each period, or a counted loss.
class CallbackSensor final : public agent::Sensor
{
public:
    bool set(const char* nameInFlash, float rateHz, EmberReadRow read, const EmberChannel* channels, uint8_t count);

    void poll(uint32_t nowMicros, uint16_t room) override;
    const agent::StreamInfo* stream() const override { return m_read != nullptr ? &m_stream : nullptr; }
    uint8_t streamVersion() const override { return m_version; }
    void start() override;
    void stop() override { m_running = false; }
    bool setRate(uint32_t milliHz) override;
    bool batch(agent::SensorBatch* out) override;
    void release() override { m_waiting = false; }

private:
    EmberReadRow m_read = nullptr;
    agent::StreamInfo m_stream = agent::StreamInfo();
    uint32_t m_period = 0; ///< microseconds
    uint32_t m_dueAt = 0;
    uint32_t m_nextRow = 0;
    uint32_t m_rowNumber = 0; ///< of the row that waits
    uint32_t m_rowTicks = 0;
    uint8_t m_version = 0;
    bool m_running = false;
    bool m_fresh = false; ///< started, and no row yet
    bool m_waiting = false;
    int16_t m_row[kMostChannels];
};

/// The board as the agent sees it, through the Arduino core.
class CorePort final : public agent::BoardPort
{
public:
    void begin(Stream& link);

    const char* boardId() const override;
    const uint8_t* buildId() const override;
    uint32_t session() const override { return m_session; }
    bool linkRead(uint8_t* byte) override;
    bool linkWrite(uint8_t byte) override;
    uint32_t micros() override { return ::micros(); }
    uint32_t cpuTicks() override { return ::micros(); }
    uint32_t cpuTickHz() const override { return 1000000; }
    void beginMeasurement() override;
    void endMeasurement() override {}
    uint8_t* stackLimit() const override { return nullptr; }
    uint8_t* stackTop() const override { return nullptr; }
    uint8_t* stackPointer() const override { return nullptr; }
    /// Returns at once: the sketch's loop may have other things to do.
    void idle(uint32_t) override {}
    bool hasBootloader() const override { return false; }
    void reset(bool intoBootloader) override;

private:
    Stream* m_link = nullptr;
    uint32_t m_session = 0;
};

} // namespace arduino
} // namespace ember

/// The agent in a sketch. There is one; it is a global object.
class EmberAgent
{
public:
    EmberAgent();

    /// The sensor of this sketch, before begin(), with its name as F("..."): `read` is called `rateHz` times a second
    /// from poll(). False when there is a stream already, when there are no channels or more than six, or when the rate
    /// makes no sense (above 0, at most 10000).
    template <size_t Count>
    bool addStream(const __FlashStringHelper* name, float rateHz, EmberReadRow read,
                   const EmberChannel (&channels)[Count])
    {
        static_assert(Count <= ember::arduino::kMostChannels, "a stream has six channels at most");
        return m_sensor.set(reinterpret_cast<const char*>(name), rateHz, read, channels, static_cast<uint8_t>(Count));
    }
    /// Speaks to the host over this line, which the sketch has opened.
    void begin(Stream& link) { m_port.begin(link); }
    /// To be called from loop(), as often as possible: a row that is not read when it is due is lost, and counted.
    void poll() { m_agent.step(); }

private:
    ember::arduino::CorePort m_port;
    ember::arduino::CallbackSensor m_sensor;
    uint8_t m_receive[EMBER_ARDUINO_RECEIVE_BYTES];
    uint8_t m_send[EMBER_ARDUINO_SEND_BYTES];
    uint8_t m_rows[EMBER_ARDUINO_ROW_BYTES];
    ember::agent::Agent m_agent;
};
