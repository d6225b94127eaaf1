// SPDX-License-Identifier: MIT-0
#pragma once

#include "agent/agent.hpp"

#include <Arduino.h>

// Sizes of the agent's memory; a sketch's build may define them otherwise. The send buffer must hold the description:
// 110 bytes, 20 for each stream and 21 for each of its channels.
#if defined(__AVR__)
#define EMBER_ARDUINO_DEFAULT(small, large) small
#else
#define EMBER_ARDUINO_DEFAULT(small, large) large
#endif
#if !defined(EMBER_ARDUINO_SEND_BYTES)
#define EMBER_ARDUINO_SEND_BYTES EMBER_ARDUINO_DEFAULT(304, 2048)
#endif
#if !defined(EMBER_ARDUINO_ROW_BYTES) // that wait in each stream
#define EMBER_ARDUINO_ROW_BYTES EMBER_ARDUINO_DEFAULT(72, 2048)
#endif
#if !defined(EMBER_ARDUINO_RECEIVE_BYTES)
#define EMBER_ARDUINO_RECEIVE_BYTES EMBER_ARDUINO_DEFAULT(80, 512)
#endif
#if !defined(EMBER_ARDUINO_STREAMS) // at most, 2 to 8
#define EMBER_ARDUINO_STREAMS EMBER_ARDUINO_DEFAULT(2, 4)
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
    void start() override;
    void stop() override;
    bool setRate(uint32_t milliHz) override;

private:
    EmberReadRow m_read = nullptr;
    agent::StreamInfo m_stream = agent::StreamInfo();
    uint32_t m_period = 0; ///< microseconds
    uint32_t m_dueAt = 0;
    uint32_t m_nextRow = 0;
    bool m_running = false;
    bool m_fresh = false; ///< started, and no row yet
    int16_t m_row[kMostChannels];
};

static_assert(EMBER_ARDUINO_ROW_BYTES >= 2 * kMostChannels, "EMBER_ARDUINO_ROW_BYTES has to hold a row");

/// A stream beside the first one, with all that it needs.
struct FurtherStream
{
    CallbackSensor sensor;
    uint8_t rows[EMBER_ARDUINO_ROW_BYTES];
    agent::Streamer streamer;

    FurtherStream()
        : streamer(sensor, rows, sizeof rows)
    {}
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

    /// A sensor of this sketch, before begin(), with its name as F("..."): `read` is called `rateHz` times a second
    /// from poll(). Each sensor has a stream and a rate of its own. False when there are EMBER_ARDUINO_STREAMS already
    /// (2 on AVR, else 4), when their description would be longer than EMBER_ARDUINO_SEND_BYTES (on AVR 7 channels in
    /// two streams fit), when there are no channels or more than six, or when the rate makes no sense (above 0, at most
    /// 10000).
    template <size_t Count>
    bool addStream(const __FlashStringHelper* name, float rateHz, EmberReadRow read,
                   const EmberChannel (&channels)[Count])
    {
        static_assert(Count <= ember::arduino::kMostChannels, "a stream has six channels at most");
        return add(reinterpret_cast<const char*>(name), rateHz, read, channels, static_cast<uint8_t>(Count));
    }
    /// Speaks to the host over this line, which the sketch has opened.
    void begin(Stream& link) { m_port.begin(link); }
    /// To be called from loop(), as often as possible: a row that is not read when it is due is lost, and counted.
    void poll() { m_agent.step(); }

private:
    static_assert(EMBER_ARDUINO_STREAMS >= 2 && EMBER_ARDUINO_STREAMS <= 8, "EMBER_ARDUINO_STREAMS is from 2 to 8");

    bool add(const char* nameInFlash, float rateHz, EmberReadRow read, const EmberChannel* channels, uint8_t count);

    ember::arduino::CorePort m_port;
    ember::arduino::CallbackSensor m_sensor;
    ember::arduino::FurtherStream m_further[EMBER_ARDUINO_STREAMS - 1];
    uint8_t m_streams = 0;
    size_t m_described = 110; ///< bytes of the description, at most
    uint8_t m_receive[EMBER_ARDUINO_RECEIVE_BYTES];
    uint8_t m_send[EMBER_ARDUINO_SEND_BYTES];
    uint8_t m_rows[EMBER_ARDUINO_ROW_BYTES];
    ember::agent::Agent m_agent;
};
