// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulators/uno/motion_sensor.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ember::uno {
namespace {

constexpr uint8_t kAddress = 0x68;

enum Register : uint8_t
{
    GyroConfig = 0x1B,
    AccelConfig = 0x1C,
    FifoEnable = 0x23,
    IntStatus = 0x3A,
    AccelX = 0x3B,
    Temperature = 0x41,
    GyroX = 0x43,
    UserControl = 0x6A,
    PowerManagement = 0x6B,
    FifoCountHigh = 0x72,
    FifoCountLow = 0x73,
    FifoData = 0x74,
    WhoAmI = 0x75
};

constexpr uint8_t kDeviceReset = 0x80;
constexpr uint8_t kSleep = 0x40;
constexpr uint8_t kQueueOn = 0x40;
constexpr uint8_t kQueueReset = 0x04;
constexpr uint8_t kQueueAccel = 0x08;
constexpr uint8_t kQueueTemperature = 0x80;
constexpr uint8_t kDataReady = 0x01;
constexpr uint8_t kQueueOverflow = 0x10;

// Counts for one g and one degree a second at the smallest range; each step of the range halves them.
constexpr double kCountsPerG = 16384.0;
constexpr double kCountsPerDegree = 131.0;
constexpr double kStandardGravity = 9.80665;

// A recording that is played by a clock may be a moment behind the chip's; the chip waits that long for it.
constexpr int kRowPatienceMs = 20;
constexpr quint64 kTryAgainCycles = Chip::kClockHz / 1000;

/// Factors to g and to degrees a second.
const std::map<QString, double>& accelerationUnits()
{
    static const std::map<QString, double> units = {{QStringLiteral("g"), 1.0},
                                                    {QStringLiteral("mg"), 1e-3},
                                                    {QStringLiteral("m/s2"), 1 / kStandardGravity},
                                                    {QStringLiteral("m/s²"), 1 / kStandardGravity}};
    return units;
}

const std::map<QString, double>& turnUnits()
{
    static const std::map<QString, double> units = {{QStringLiteral("rad/s"), 180.0 / M_PI},
                                                    {QStringLiteral("deg/s"), 1.0},
                                                    {QStringLiteral("dps"), 1.0},
                                                    {QStringLiteral("°/s"), 1.0}};
    return units;
}

} // namespace

MotionSensor::MotionSensor(Chip& chip, std::unique_ptr<FeedClient> feed)
    : m_chip(chip)
    , m_feed(std::move(feed))
    , m_toChip(avr_io_getirq(chip.avr(), AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_INPUT))
    , m_timer(chip, [this] { return sample(); })
{
    m_registers[PowerManagement] = kSleep;
    chip.onReset([this] { busReset(); });
    avr_irq_register_notify(
        avr_io_getirq(chip.avr(), AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_OUTPUT),
        [](avr_irq_t*, uint32_t value, void* self) { static_cast<MotionSensor*>(self)->onBus(value); }, this);
}

Result<std::unique_ptr<MotionSensor>> MotionSensor::attach(Chip& chip, std::unique_ptr<FeedClient> feed)
{
    std::unique_ptr<MotionSensor> sensor(new MotionSensor(chip, std::move(feed)));
    EMBER_CHECK(sensor->findAxes());
    return sensor;
}

// The first three channels of each kind are its axes.
Status MotionSensor::findAxes()
{
    size_t accel = 0;
    size_t gyro = 0;
    const std::vector<FeedChannel>& channels = m_feed->channels();
    for (size_t i = 0; i < channels.size(); ++i) {
        const auto acceleration = accelerationUnits().find(channels[i].unit);
        const auto turn = turnUnits().find(channels[i].unit);
        if (acceleration != accelerationUnits().end() && accel < 3)
            m_axes[accel++] = Source{i, acceleration->second};
        else if (turn != turnUnits().end() && gyro < 3)
            m_axes[3 + gyro++] = Source{i, turn->second};
    }
    if (accel + gyro > 0)
        return {};
    return Error(ErrorKind::Unsupported,
                 QStringLiteral("The recording has no channel that an MPU-6050 could measure; it has '%1' in '%2'.")
                     .arg(channels.front().name, channels.front().unit),
                 QStringLiteral("Give channels in m/s2 or g, and rad/s or deg/s."));
}

// The chip was reset: the bus is, the sensor is not.
void MotionSensor::busReset()
{
    m_selected = false;
    if (m_playing) { // its timer went with the chip's
        m_startCycle = m_chip.cycle();
        m_samples = 0;
        m_timer.startIn(kTryAgainCycles);
    }
}

void MotionSensor::onBus(uint32_t message)
{
    avr_twi_msg_irq_t bus;
    bus.u.v = message;
    if ((bus.u.twi.msg & TWI_COND_STOP) != 0)
        m_selected = false;
    if ((bus.u.twi.msg & TWI_COND_START) != 0) {
        m_selected = bus.u.twi.addr >> 1 == kAddress;
        m_pointerNext = true;
        if (m_selected)
            avr_raise_irq(m_toChip, avr_twi_irq_msg(TWI_COND_ACK, bus.u.twi.addr, 1));
        return;
    }
    if (!m_selected)
        return;
    if ((bus.u.twi.msg & TWI_COND_WRITE) != 0) {
        avr_raise_irq(m_toChip, avr_twi_irq_msg(TWI_COND_ACK, bus.u.twi.addr, 1));
        if (m_pointerNext)
            m_pointer = bus.u.twi.data & 0x7F;
        else
            writeRegister(bus.u.twi.data);
        m_pointerNext = false;
    }
    if ((bus.u.twi.msg & TWI_COND_READ) != 0)
        avr_raise_irq(m_toChip, avr_twi_irq_msg(TWI_COND_READ, bus.u.twi.addr, readRegister()));
}

uint8_t MotionSensor::readRegister()
{
    const uint8_t at = m_pointer;
    if (at != FifoData) // reading it again takes the next byte of the queue
        m_pointer = (m_pointer + 1) & 0x7F;
    switch (at) {
    case WhoAmI:
        return kAddress;
    case FifoCountHigh:
        return static_cast<uint8_t>(m_queue.size() >> 8);
    case FifoCountLow:
        return static_cast<uint8_t>(m_queue.size());
    case IntStatus:
        return std::exchange(m_registers[IntStatus], uint8_t{0});
    case FifoData: {
        if (m_queue.empty())
            return 0xFF;
        const uint8_t byte = m_queue.front();
        m_queue.pop_front();
        return byte;
    }
    default:
        return m_registers[at];
    }
}

void MotionSensor::writeRegister(uint8_t value)
{
    const uint8_t at = m_pointer;
    const uint8_t before = m_registers[at];
    if (at != FifoData)
        m_pointer = (m_pointer + 1) & 0x7F;
    switch (at) {
    case UserControl:
        if ((value & kQueueReset) != 0)
            m_queue.clear();
        m_registers[at] = value & static_cast<uint8_t>(~kQueueReset);
        if ((value & kQueueOn) != 0 && (before & kQueueOn) == 0)
            setPlaying(false); // begins anew below
        break;
    case PowerManagement:
        m_registers[at] = value;
        if ((value & kDeviceReset) != 0) {
            m_registers = {};
            m_registers[PowerManagement] = kSleep;
            m_queue.clear();
        }
        break;
    case WhoAmI:
    case FifoCountHigh:
    case FifoCountLow:
    case IntStatus:
        return; // read-only
    default:
        m_registers[at] = value;
        return;
    }
    setPlaying((m_registers[PowerManagement] & kSleep) == 0);
}

void MotionSensor::setPlaying(bool playing)
{
    if (playing == m_playing)
        return;
    m_playing = playing;
    if (!playing) {
        m_timer.stop();
        (void)m_feed->stop();
        return;
    }
    if (!m_feed->start())
        return;
    m_startCycle = m_chip.cycle();
    m_samples = 0;
    m_timer.startIn(static_cast<quint64>(static_cast<double>(Chip::kClockHz) / m_feed->rateHz()));
}

quint64 MotionSensor::sample()
{
    switch (m_feed->next(m_row, kRowPatienceMs)) {
    case FeedClient::Row::Ended:
        return 0;
    case FeedClient::Row::NotYet:
        return kTryAgainCycles;
    case FeedClient::Row::Taken:
        break;
    }
    store(m_row);
    ++m_samples;
    const double period = static_cast<double>(Chip::kClockHz) / m_feed->rateHz();
    const auto next = m_startCycle + static_cast<quint64>(static_cast<double>(m_samples + 1) * period);
    const quint64 now = m_chip.cycle();
    return next > now ? next - now : 1;
}

void MotionSensor::store(const std::vector<double>& row)
{
    const double accel = kCountsPerG / (1 << ((m_registers[AccelConfig] >> 3) & 3));
    const double gyro = kCountsPerDegree / (1 << ((m_registers[GyroConfig] >> 3) & 3));
    for (int axis = 0; axis < kAxes; ++axis) {
        const auto& source = m_axes[static_cast<size_t>(axis)];
        const double value = source ? row[source->channel] * source->factor : 0.0;
        const double counts = std::clamp(std::round(value * (axis < 3 ? accel : gyro)), -32768.0, 32767.0);
        const auto raw = static_cast<uint16_t>(static_cast<int16_t>(counts));
        const size_t at =
            axis < 3 ? AccelX + 2u * static_cast<size_t>(axis) : GyroX + 2u * static_cast<size_t>(axis - 3);
        m_registers[at] = static_cast<uint8_t>(raw >> 8);
        m_registers[at + 1] = static_cast<uint8_t>(raw);
    }
    m_registers[IntStatus] |= kDataReady;
    if ((m_registers[UserControl] & kQueueOn) == 0)
        return;
    const uint8_t enabled = m_registers[FifoEnable];
    const auto queuePair = [this](size_t at) {
        queue(m_registers[at]);
        queue(m_registers[at + 1]);
    };
    for (size_t i = 0; i < 3 && (enabled & kQueueAccel) != 0; ++i)
        queuePair(AccelX + 2 * i);
    if ((enabled & kQueueTemperature) != 0)
        queuePair(Temperature);
    for (size_t i = 0; i < 3; ++i) {
        if ((enabled & (0x40 >> i)) != 0)
            queuePair(GyroX + 2 * i);
    }
}

// A full queue gives up its oldest byte.
void MotionSensor::queue(uint8_t byte)
{
    if (m_queue.size() == kQueueBytes) {
        m_queue.pop_front();
        m_registers[IntStatus] |= kQueueOverflow;
    }
    m_queue.push_back(byte);
}

} // namespace ember::uno
