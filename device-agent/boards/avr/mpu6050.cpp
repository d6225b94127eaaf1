// SPDX-License-Identifier: MIT-0
#include "mpu6050.hpp"

#include "../../agent/flash_text.hpp"
#include "cycle_clock.hpp"
#include "described.hpp"
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

constexpr uint16_t kCollectEvery = 8; // 2 ms, in 256 us

// 8192 counts for one g, 16.4 for one degree a second.
constexpr float kAccelScale = 9.80665f / 8192.0f;
constexpr float kGyroScale = 3.14159265f / 180.0f / 16.4f;

// What the sensor is set to after it wakes; rate and queue follow.
const uint8_t kSettings[][2] EMBER_IN_FLASH = {{PowerManagement, kAwakeOnGyroClock},
                                               {UserControl, 0},
                                               {Config, kLowPass44Hz},
                                               {GyroConfig, kGyro2000},
                                               {AccelConfig, kAccel4g}};

uint16_t bigEndian(const uint8_t* at) // as the sensor is
{
    return static_cast<uint16_t>((at[0] << 8) | at[1]);
}

bool write(Register reg, uint8_t value)
{
    return Twi::writeRegister(kAddress, reg, value);
}

bool read(Register reg, uint8_t* to, uint8_t count)
{
    return Twi::readRegisters(kAddress, reg, to, count);
}

} // namespace

#define EMBER_ACCEL(axis)                                                                                              \
    EMBER_CHANNEL_NAME(0x62, 'a', axis), EMBER_CHANNEL_UNIT(0x64, 'm', '/', 's', '2'), EMBER_CHANNEL_SCALE(kAccelScale)
#define EMBER_GYRO(axis)                                                                                               \
    EMBER_CHANNEL_NAME(0x62, 'g', axis), EMBER_CHANNEL_UNIT(0x65, 'r', 'a', 'd', '/', 's'),                            \
        EMBER_CHANNEL_SCALE(kGyroScale)

#define EMBER_IMU(channels) EMBER_STREAM(0, channels, 0x63, 'i', 'm', 'u')

#if EMBER_WITH_MODEL
const uint8_t Mpu6050::kAccelDescribed[] EMBER_IN_FLASH = {EMBER_IMU(3), EMBER_ACCEL('x'), EMBER_ACCEL('y'),
                                                           EMBER_ACCEL('z'), EMBER_RATE_FOLLOWS};
#endif
const uint8_t Mpu6050::kDescribed[] EMBER_IN_FLASH = {EMBER_IMU(6),     EMBER_ACCEL('x'),  EMBER_ACCEL('y'),
                                                      EMBER_ACCEL('z'), EMBER_GYRO('x'),   EMBER_GYRO('y'),
                                                      EMBER_GYRO('z'),  EMBER_RATE_FOLLOWS};

uint8_t Mpu6050::s_rows[];

bool Mpu6050::look()
{
    uint8_t identity = 0;
    return read(WhoAmI, &identity, 1) && (identity & 0x7E) == kIdentity;
}

// The queue is switched on last: row 0 is the first that it takes.
bool Mpu6050::prepare()
{
    for (uint8_t i = 0; i < sizeof kSettings / sizeof kSettings[0]; ++i) {
        if (!write(static_cast<Register>(runtime::readFlash8(&kSettings[i][0])), runtime::readFlash8(&kSettings[i][1])))
            return false;
    }
    return write(SampleDivider, static_cast<uint8_t>(m_millis - 1)) &&
           write(FifoEnable, channels() > 3 ? kQueueAccel | kQueueGyro : kQueueAccel) && restartQueue();
}

bool Mpu6050::restartQueue()
{
    return write(UserControl, kQueueReset) && write(UserControl, kQueueOn);
}

void Mpu6050::lose()
{
    m_running = false;
    m_batch.count = 0;
    describe(nullptr);
}

void Mpu6050::start()
{
    static_assert(sizeof kDescribed == kDescribedBytes, "as long as the header says");
    m_batch.firstRow = 0;
    m_batch.ticks = CycleClock::micros();
    m_batch.count = 0;
    m_given = 0;
    m_running = true;
    if (!prepare())
        lose();
}

void Mpu6050::stop()
{
    m_running = false;
    m_batch.count = 0;
    if (stream() != nullptr && !write(PowerManagement, kAsleep))
        lose();
}

// Rows wait in the sensor's own queue, which is longer than any the board could have.
void Mpu6050::poll(uint32_t nowMicros, uint16_t room)
{
    const uint16_t now = static_cast<uint16_t>(nowMicros >> 8);
    if (static_cast<uint16_t>(now - m_askedAt) < (m_running ? kCollectEvery : kLookEvery))
        return;
    if (m_running) {
        if (m_batch.count > 0 || room == 0)
            return;
        m_askedAt = now;
        if (!collect(nowMicros, room))
            lose();
        return;
    }
    m_askedAt = now;
    const bool present = look();
    if (present != (stream() != nullptr))
        describe(present ? &m_stream : nullptr);
}

// False when the sensor does not answer.
bool Mpu6050::collect(uint32_t nowMicros, uint16_t room)
{
    uint8_t size[2];
    if (!read(FifoCount, size, sizeof size))
        return false;
    uint16_t bytes = bigEndian(size);
    const uint8_t rowBytes = static_cast<uint8_t>(2 * channels());
    if (bytes > kQueueBytes - 12) {
        countLost(nowMicros);
        return restartQueue();
    }
    // The newest row is on average half a period old.
    uint32_t ticks = nowMicros + m_period / 2;
    uint8_t count = 0;
    for (; bytes >= rowBytes; bytes = static_cast<uint16_t>(bytes - rowBytes)) {
        ticks -= m_period;
        ++count;
    }
    if (count > kMostRows)
        count = kMostRows;
    if (count > room)
        count = static_cast<uint8_t>(room);
    if (count == 0)
        return true;
    const uint8_t length = static_cast<uint8_t>(count * rowBytes);
    if (!read(FifoData, s_rows, length))
        return false;
    for (uint8_t i = 0; i < length; i = static_cast<uint8_t>(i + 2))
        wire::putU16(s_rows + i, bigEndian(s_rows + i));
    m_batch.firstRow += m_given;
    m_batch.ticks = ticks;
    m_batch.rows = s_rows;
    m_batch.count = count;
    m_given = count;
    return true;
}

// A queue that ran full has lost rows, and nobody can say how many; what the time that has passed makes likely counts
// as lost, and at least what the queue held. The batch before it says which row was sampled when.
void Mpu6050::countLost(uint32_t nowMicros)
{
    const uint32_t period = m_period;
    uint16_t passed = 0;
    for (uint32_t at = m_batch.ticks; static_cast<int32_t>(nowMicros - at) >= 0; at += period)
        ++passed;
    m_batch.ticks = nowMicros;
    const uint16_t atLeast = static_cast<uint16_t>(m_given + kQueueBytes / (channels() > 3 ? 12 : 6));
    m_batch.firstRow += passed > atLeast ? passed : atLeast;
    m_given = 0;
}

} // namespace avr
} // namespace ember
