// SPDX-License-Identifier: MIT-0
#include "mpu6050.hpp"

#include "../../agent/flash_text.hpp"
#include "milli_rate.hpp"
#include "twi.hpp"

namespace ember {
namespace avr {

namespace {

constexpr uint8_t kAddress = 0x68;

enum Register : uint8_t
{
    SampleDivider = 0x19,
    Config = 0x1A,
    GyroConfig = 0x1B,
    AccelConfig = 0x1C,
    FifoEnable = 0x23,
    UserControl = 0x6A,
    PowerManagement = 0x6B,
    FifoCount = 0x72,
    FifoData = 0x74,
    WhoAmI = 0x75
};

constexpr uint8_t kIdentity = 0x68;
constexpr uint8_t kLowPass44Hz = 3; // with it the sensor samples at 1 kHz before the divider
constexpr uint8_t kGyro2000 = 3 << 3;
constexpr uint8_t kAccel4g = 1 << 3;
constexpr uint8_t kQueueAccel = 0x08;
constexpr uint8_t kQueueGyro = 0x70;
constexpr uint8_t kQueueOn = 0x40;
constexpr uint8_t kQueueReset = 0x04;
constexpr uint8_t kAwakeOnGyroClock = 1;
constexpr uint8_t kAsleep = 0x40;
constexpr uint16_t kQueueBytes = 1024;

constexpr uint32_t kLookEveryMicros = 1000000;
constexpr uint32_t kCollectEveryMicros = 2000;

// 8192 counts for one g, 16.4 for one degree a second.
constexpr float kAccelScale = 9.80665f / 8192.0f;
constexpr float kGyroScale = 3.14159265f / 180.0f / 16.4f;

const agent::ChannelInfo kChannels[6] EMBER_IN_FLASH = {
    {"ax", "m/s2", kAccelScale, 0.0f}, {"ay", "m/s2", kAccelScale, 0.0f}, {"az", "m/s2", kAccelScale, 0.0f},
    {"gx", "rad/s", kGyroScale, 0.0f}, {"gy", "rad/s", kGyroScale, 0.0f}, {"gz", "rad/s", kGyroScale, 0.0f},
};

bool write(Register reg, uint8_t value)
{
    return Twi::writeRegister(kAddress, reg, value);
}

bool read(Register reg, uint8_t* to, uint8_t count)
{
    return Twi::readRegisters(kAddress, reg, to, count);
}

} // namespace

Mpu6050::Mpu6050(uint8_t channels)
{
    m_stream.name = EMBER_TEXT("imu");
    m_stream.type = wire::ElementType::Int16;
    m_stream.channels = channels;
    m_stream.channel = kChannels;
    Twi::begin();
    setRate(100000);
}

bool Mpu6050::setRate(uint32_t milliHz)
{
    const uint16_t whole = setMilliRate(m_stream, milliHz, 256);
    m_divider = static_cast<uint8_t>(whole - 1);
    m_period = whole * uint32_t{1000};
    ++m_version;
    return true;
}

bool Mpu6050::look()
{
    uint8_t identity = 0;
    return read(WhoAmI, &identity, 1) && (identity & 0x7E) == kIdentity;
}

// The queue is switched on last: row 0 is the first that it takes.
bool Mpu6050::prepare()
{
    return write(PowerManagement, kAwakeOnGyroClock) && write(UserControl, 0) && write(Config, kLowPass44Hz) &&
           write(SampleDivider, m_divider) && write(GyroConfig, kGyro2000) && write(AccelConfig, kAccel4g) &&
           write(FifoEnable, m_stream.channels > 3 ? kQueueAccel | kQueueGyro : kQueueAccel) &&
           write(UserControl, kQueueReset) && write(UserControl, kQueueOn);
}

void Mpu6050::lose()
{
    m_present = false;
    m_running = false;
    m_count = 0;
    ++m_version;
}

void Mpu6050::start()
{
    m_nextRow = 0;
    m_count = 0;
    m_running = true;
    m_startedAt = m_askedAt;
    if (!prepare())
        lose();
}

void Mpu6050::stop()
{
    m_running = false;
    m_count = 0;
    if (m_present && !write(PowerManagement, kAsleep))
        lose();
}

// Rows wait in the sensor's own queue, which is longer than any the board could have.
void Mpu6050::poll(uint32_t nowMicros, uint16_t room)
{
    if (m_running) {
        if (m_count == 0 && room > 0 && nowMicros - m_askedAt >= kCollectEveryMicros)
            collect(nowMicros, room);
        return;
    }
    if (m_looked && nowMicros - m_askedAt < kLookEveryMicros)
        return;
    m_looked = true;
    m_askedAt = nowMicros;
    const bool present = look();
    if (present != m_present)
        ++m_version;
    m_present = present;
}

void Mpu6050::collect(uint32_t nowMicros, uint16_t room)
{
    m_askedAt = nowMicros;
    uint8_t size[2];
    if (!read(FifoCount, size, sizeof size))
        return lose();
    const uint16_t bytes = static_cast<uint16_t>((size[0] << 8) | size[1]);
    const uint8_t rowBytes = static_cast<uint8_t>(2 * m_stream.channels);
    const uint16_t waiting = bytes / rowBytes;
    if (waiting == 0)
        return;
    if (bytes > kQueueBytes - rowBytes) {
        if (!emptyQueue(nowMicros))
            lose();
        return;
    }
    uint8_t count = waiting < kMostRows ? static_cast<uint8_t>(waiting) : kMostRows;
    if (room < count)
        count = static_cast<uint8_t>(room);
    if (!read(FifoData, m_rows, static_cast<uint8_t>(count * rowBytes)))
        return lose();
    for (uint8_t i = 0; i < count * rowBytes; i = static_cast<uint8_t>(i + 2)) {
        const uint8_t high = m_rows[i]; // the sensor is big-endian
        m_rows[i] = m_rows[i + 1];
        m_rows[i + 1] = high;
    }
    // The newest row is on average half a period old.
    m_firstTicks = nowMicros - (waiting - 1u) * m_period - m_period / 2;
    m_count = count;
}

// A queue that ran full has lost rows, and nobody can say how many; what the time that has passed makes likely counts
// as lost, and at least what the queue held.
bool Mpu6050::emptyQueue(uint32_t nowMicros)
{
    const uint32_t held = kQueueBytes / (2u * m_stream.channels);
    const uint32_t produced = (nowMicros - m_startedAt) / m_period;
    m_nextRow = produced > m_nextRow + held ? produced : m_nextRow + held;
    return write(UserControl, kQueueReset) && write(UserControl, kQueueOn);
}

bool Mpu6050::batch(agent::SensorBatch* out)
{
    if (m_count == 0)
        return false;
    out->firstRow = m_nextRow;
    out->ticks = m_firstTicks;
    out->rows = m_rows;
    out->count = m_count;
    return true;
}

void Mpu6050::release()
{
    m_nextRow += m_count;
    m_count = 0;
}

} // namespace avr
} // namespace ember
