// SPDX-License-Identifier: MIT-0
#include "analog_inputs.hpp"

#include "../../agent/flash_text.hpp"
#include "cycle_clock.hpp"
#include "described.hpp"

#include <avr/io.h>

namespace ember {
namespace avr {

namespace {

// With a model it is the only stream, else the second.
constexpr uint8_t kNumber = agent::kWithModel ? 0 : 1;
constexpr float kVoltsPerCount = 5.0f / 1024.0f;

// The converter's clock is the core's by 128: 125 kHz, of the 50 to 200 kHz that it needs for all its bits.
constexpr uint8_t kOn = (1 << ADEN) | (1 << ADPS2) | (1 << ADPS1) | (1 << ADPS0);
// Turns of a waiting loop, about eight cycles each; the first conversion takes 25 clocks of the converter's.
constexpr uint16_t kPatience = 1000;

EMBER_APART uint16_t convert(uint8_t input)
{
    ADMUX = static_cast<uint8_t>((1 << REFS0) | input);
    ADCSRA = kOn | (1 << ADSC);
    for (uint16_t i = 0; i < kPatience && (ADCSRA & (1 << ADSC)) != 0; ++i) {
    }
    return ADC;
}

} // namespace

#define EMBER_ANALOG(number)                                                                                           \
    EMBER_CHANNEL_NAME(0x62, 'a', number), EMBER_CHANNEL_UNIT(0x61, 'V'), EMBER_CHANNEL_SCALE(kVoltsPerCount)

const uint8_t AnalogInputs::kDescribed[] EMBER_IN_FLASH = {EMBER_STREAM(kNumber, kInputs, 0x63, 'a', 'd', 'c'),
                                                           EMBER_ANALOG('0'), EMBER_ANALOG('1'), EMBER_RATE_FOLLOWS};

void AnalogInputs::start()
{
    static_assert(sizeof kDescribed == kDescribedBytes, "as long as the header says");
    ADCSRA = kOn;
    m_running = true;
    m_batch.count = 0;
    m_batch.firstRow = 0xFFFFFFFFu; // the row before the first
    m_dueAt = CycleClock::micros();
}

void AnalogInputs::stop()
{
    ADCSRA = 0;
    m_running = false;
    m_batch.count = 0;
}

// A row that waits keeps the next one from being taken; what becomes due meanwhile shows as a jump of the number.
void AnalogInputs::poll(uint32_t nowMicros, uint16_t)
{
    if (!m_running || m_batch.count > 0)
        return;
    for (; static_cast<int32_t>(nowMicros - m_dueAt) >= 0; m_dueAt += m_period) {
        ++m_batch.firstRow;
        m_batch.count = 1;
    }
    if (m_batch.count == 0)
        return;
    m_batch.ticks = nowMicros;
    for (uint8_t i = 0; i < kInputs; ++i)
        m_row[i] = convert(i);
    m_batch.rows = reinterpret_cast<const uint8_t*>(m_row);
}

} // namespace avr
} // namespace ember
