// SPDX-License-Identifier: MIT-0
#include "EmberAgent.h"

#include "agent/flash_text.hpp"

#if defined(__AVR__)
#include <avr/wdt.h>
#endif

// The id of the board file that the host knows the board by.
#if !defined(EMBER_BOARD_ID)
#if defined(ARDUINO_AVR_UNO)
#define EMBER_BOARD_ID "arduino-uno"
#elif defined(ARDUINO_AVR_NANO)
#define EMBER_BOARD_ID "arduino-nano"
#elif defined(ARDUINO_AVR_MEGA2560)
#define EMBER_BOARD_ID "arduino-mega"
#elif defined(ARDUINO_ARDUINO_NANO33BLE)
#define EMBER_BOARD_ID "arduino-nano-33-ble"
#elif defined(ARDUINO_SAMD_ZERO)
#define EMBER_BOARD_ID "arduino-zero"
#elif defined(ARDUINO_RASPBERRY_PI_PICO)
#define EMBER_BOARD_ID "raspberry-pi-pico"
#elif defined(ARDUINO_ARCH_ESP32)
#define EMBER_BOARD_ID "esp32-devkit"
#else
#define EMBER_BOARD_ID "arduino"
#endif
#endif

namespace ember {
namespace arduino {

namespace {

constexpr float kFastestHz = 10000.0f;

// The Arduino tools give an image no build id; zeros say so.
const uint8_t kNoBuildId[20] EMBER_IN_FLASH = {0};

} // namespace

bool CallbackSensor::set(const char* nameInFlash, float rateHz, EmberReadRow read, const EmberChannel* channels,
                         uint8_t count)
{
    if (m_read != nullptr || read == nullptr || count == 0 || count > kMostChannels || !(rateHz > 0) ||
        rateHz > kFastestHz)
        return false;
    m_stream.name = nameInFlash;
    m_stream.type = wire::ElementType::Int16;
    m_stream.channels = count;
    m_stream.channel = channels;
    m_read = read;
    return setRate(static_cast<uint32_t>(rateHz * 1000.0f));
}

bool CallbackSensor::setRate(uint32_t milliHz)
{
    if (milliHz == 0 || milliHz > static_cast<uint32_t>(kFastestHz) * 1000u)
        return false;
    m_period = (1000000000u + milliHz / 2) / milliHz;
    m_stream.rateHz = 1000000.0f / static_cast<float>(m_period);
#if !EMBER_SMALL
    m_stream.period = agent::rowPeriod(m_stream.rateHz);
#endif
    describe(&m_stream);
    return true;
}

void CallbackSensor::start()
{
    m_running = true;
    m_fresh = true;
    m_batch.count = 0;
    m_nextRow = 0;
}

void CallbackSensor::stop()
{
    m_running = false;
    m_batch.count = 0;
}

void CallbackSensor::poll(uint32_t nowMicros, uint16_t)
{
    if (!m_running)
        return;
    if (m_fresh)
        m_dueAt = nowMicros;
    m_fresh = false;
    const uint32_t late = nowMicros - m_dueAt;
    if (static_cast<int32_t>(late) < 0)
        return;
    const uint32_t missed = late / m_period;
    m_nextRow += missed;
    m_dueAt += (missed + 1) * m_period;
    const uint32_t number = m_nextRow++;
    if (m_batch.count > 0 || !m_read(m_row))
        return; // its number is used up: lost
    m_batch.firstRow = number;
    m_batch.ticks = nowMicros;
    m_batch.rows = reinterpret_cast<const uint8_t*>(m_row);
    m_batch.count = 1;
}

void CorePort::begin(Stream& link)
{
    m_link = &link;
#if defined(__AVR__)
    // Noise after a power-up, and counted on by every restart.
    static uint32_t starts __attribute__((section(".noinit")));
    m_session = ++starts;
#else
    m_session = ::micros();
#endif
}

const char* CorePort::boardId() const
{
    return EMBER_TEXT(EMBER_BOARD_ID);
}

const uint8_t* CorePort::buildId() const
{
    return kNoBuildId;
}

bool CorePort::linkRead(uint8_t* byte)
{
    const int value = m_link != nullptr ? m_link->read() : -1;
    *byte = static_cast<uint8_t>(value);
    return value >= 0;
}

bool CorePort::linkWrite(uint8_t byte)
{
    return m_link != nullptr && m_link->availableForWrite() > 0 && m_link->write(byte) == 1;
}

// What still waits to be sent goes out first; the core's timer interrupt is part of what is measured.
void CorePort::beginMeasurement()
{
    if (m_link != nullptr)
        m_link->flush();
}

void CorePort::reset(bool)
{
    if (m_link != nullptr)
        m_link->flush();
#if defined(__AVR__)
    noInterrupts();
    wdt_enable(WDTO_15MS);
    for (;;) {
    }
#elif defined(ARDUINO_ARCH_ESP32) || defined(ARDUINO_ARCH_ESP8266)
    ESP.restart();
#elif defined(ARDUINO_ARCH_SAMD) || defined(ARDUINO_ARCH_STM32) || defined(ARDUINO_ARCH_NRF52840)
    NVIC_SystemReset();
#endif
}

} // namespace arduino
} // namespace ember

EmberAgent::EmberAgent()
    : m_agent(m_port, &m_sensor, nullptr, {m_receive, sizeof m_receive, m_send, sizeof m_send, m_rows, sizeof m_rows})
{}

bool EmberAgent::add(const char* nameInFlash, float rateHz, EmberReadRow read, const EmberChannel* channels,
                     uint8_t count)
{
    const size_t described = m_described + 20 + 21 * size_t{count};
    if (m_streams == EMBER_ARDUINO_STREAMS || described + ember::wire::kHeaderSize > EMBER_ARDUINO_SEND_BYTES)
        return false;
    if (m_streams == 0) {
        if (!m_sensor.set(nameInFlash, rateHz, read, channels, count))
            return false;
    } else {
        ember::arduino::FurtherStream& further = m_further[m_streams - 1];
        if (!further.sensor.set(nameInFlash, rateHz, read, channels, count))
            return false;
        m_agent.addStream(further.streamer);
    }
    m_described = described;
    ++m_streams;
    return true;
}
