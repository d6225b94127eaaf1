// SPDX-License-Identifier: MIT-0
#include "analog_inputs.hpp"

#include "../../agent/flash_text.hpp"
#include "milli_rate.hpp"

#include <avr/io.h>

namespace ember {
namespace avr {

namespace {

constexpr uint32_t kDefaultMilliHz = 50000;
constexpr uint16_t kSlowest = 500; // 2 Hz
constexpr float kVoltsPerCount = 5.0f / 1024.0f;

// The converter's clock is the core's by 128: 125 kHz, of the 50 to 200 kHz that it needs for all its bits.
constexpr uint8_t kOn = (1 << ADEN) | (1 << ADPS2) | (1 << ADPS1) | (1 << ADPS0);
// Turns of a waiting loop, about eight cycles each; the first conversion takes 25 clocks of the converter's.
constexpr uint16_t kPatience = 1000;

const agent::ChannelInfo kChannels[2] EMBER_IN_FLASH = {
    {"a0", "V", kVoltsPerCount, 0.0f},
    {"a1", "V", kVoltsPerCount, 0.0f},
};

uint16_t convert(uint8_t input)
{
    ADMUX = static_cast<uint8_t>((1 << REFS0) | input);
    ADCSRA = kOn | (1 << ADSC);
    for (uint16_t i = 0; i < kPatience && (ADCSRA & (1 << ADSC)) != 0; ++i) {
    }
    return ADC;
}

} // namespace

AnalogInputs::AnalogInputs()
{
    m_stream.name = EMBER_TEXT("adc");
    m_stream.type = wire::ElementType::Int16;
    m_stream.channels = kInputs;
    m_stream.channel = kChannels;
    setRate(kDefaultMilliHz);
}

bool AnalogInputs::setRate(uint32_t milliHz)
{
    m_period = setMilliRate(m_stream, milliHz, kSlowest) * uint32_t{1000};
    ++m_version;
    return true;
}

void AnalogInputs::start()
{
    ADCSRA = kOn;
    m_running = true;
    m_fresh = true;
    m_waiting = false;
    m_nextRow = 0;
}

void AnalogInputs::stop()
{
    ADCSRA = 0;
    m_running = false;
    m_waiting = false;
}

// A row that waits keeps the next one from being taken; what becomes due meanwhile shows as a jump of the number.
void AnalogInputs::poll(uint32_t nowMicros, uint16_t)
{
    if (!m_running || m_waiting)
        return;
    if (m_fresh)
        m_dueAt = nowMicros;
    m_fresh = false;
    if (static_cast<int32_t>(nowMicros - m_dueAt) < 0)
        return;
    for (; nowMicros - m_dueAt >= m_period; m_dueAt += m_period)
        ++m_nextRow;
    m_dueAt += m_period;
    m_takenAt = nowMicros;
    for (uint8_t i = 0; i < kInputs; ++i)
        m_row[i] = convert(i);
    m_waiting = true;
}

bool AnalogInputs::batch(agent::SensorBatch* out)
{
    if (!m_waiting)
        return false;
    out->firstRow = m_nextRow;
    out->ticks = m_takenAt;
    out->rows = reinterpret_cast<const uint8_t*>(m_row);
    out->count = 1;
    return true;
}

void AnalogInputs::release()
{
    m_waiting = false;
    ++m_nextRow;
}

} // namespace avr
} // namespace ember
