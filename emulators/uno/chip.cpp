// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulators/uno/chip.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace ember::uno {
namespace {

constexpr uint32_t kSupplyMillivolts = 5000;
// A sleeping chip is moved on in steps of a millisecond at most, so that a byte from outside never waits longer.
constexpr quint64 kHeartbeatCycles = Chip::kClockHz / 1000;

Chip* theChip = nullptr;

void doNotSleep(avr_t*, avr_cycle_count_t) {}

} // namespace

Result<std::unique_ptr<Chip>> Chip::powerUp(quint32 noiseSeed)
{
    avr_t* avr = avr_make_mcu_by_name("atmega328p");
    if (!avr)
        return Error(ErrorKind::Failed, QStringLiteral("The installed simavr does not know the ATmega328P."));
    avr->log = LOG_ERROR;
    avr_init(avr);
    avr->log = LOG_ERROR;
    avr->frequency = static_cast<uint32_t>(kClockHz); // after avr_init(), which sets it to a megahertz
    avr->vcc = avr->avcc = avr->aref = kSupplyMillivolts;
    avr->sleep = doNotSleep; // time is kept by whoever calls runTo()
    avr->codeend = avr->flashend;
    std::mt19937 noise(noiseSeed);
    for (unsigned at = avr->ioend + 1u; at <= avr->ramend; ++at)
        avr->data[at] = static_cast<uint8_t>(noise());
    return std::unique_ptr<Chip>(new Chip(avr));
}

/// Puts two things right that simavr 1.6 does otherwise than the chip, for programs that poll the two-wire bus:
/// the status after an address is that of a data byte (0x28 for 0x18, 0x30 for 0x20), and TWINT stays set when a one is
/// written to it.
struct Chip::BusRepair
{
    explicit BusRepair(avr_t* chip)
        : avr(chip)
    {
        const auto irq = [chip](int index) { return avr_io_getirq(chip, AVR_IOCTL_TWI_GETIRQ(0), index); };
        avr_irq_register_notify(irq(TWI_IRQ_OUTPUT), onMessage, this);
        avr_irq_register_notify(irq(TWI_IRQ_STATUS), onStatus, this);
        avr_register_io_write(chip, kTwcr, onControl, this); // after simavr's own
    }

    static void onMessage(avr_irq_t*, uint32_t value, void* self)
    {
        avr_twi_msg_irq_t message;
        message.u.v = value;
        static_cast<BusRepair*>(self)->addressed = (message.u.twi.msg & TWI_COND_START) != 0;
    }
    static void onStatus(avr_irq_t*, uint32_t status, void* self)
    {
        auto* const bus = static_cast<BusRepair*>(self);
        if (std::exchange(bus->addressed, false) && (status == 0x28 || status == 0x30))
            bus->avr->data[kTwsr] = static_cast<uint8_t>(status - 0x10) | (bus->avr->data[kTwsr] & 0x07);
    }

    static void onControl(avr_t* chip, avr_io_addr_t at, uint8_t value, void*)
    {
        if ((value & kTwint) != 0)
            chip->data[at] &= static_cast<uint8_t>(~kTwint);
    }

    static constexpr unsigned kTwsr = 0xB9;
    static constexpr avr_io_addr_t kTwcr = 0xBC;
    static constexpr uint8_t kTwint = 0x80;
    avr_t* avr;
    bool addressed = false;
};

Chip::Chip(avr_t* avr)
    : m_avr(avr)
    , m_coreReset(avr->reset)
    , m_bus(std::make_unique<BusRepair>(avr))
    , m_heartbeat(std::make_unique<Timer>(*this, [] { return kHeartbeatCycles; }))
{
    theChip = this;
    avr->reset = noticeReset;
    reset();
}

Chip::~Chip()
{
    theChip = nullptr;
    m_heartbeat.reset();
    avr_terminate(m_avr);
    std::free(m_avr);
}

Status Chip::program(const device::FlashImage& image)
{
    if (image.end() > qint64(m_avr->flashend) + 1)
        return Error(ErrorKind::BadData,
                     QStringLiteral("The image ends at byte %1; the ATmega328P has %2 bytes of flash.")
                         .arg(image.end())
                         .arg(m_avr->flashend + 1));
    std::memcpy(m_avr->flash + image.base, image.bytes.constData(), static_cast<size_t>(image.bytes.size()));
    return {};
}

void Chip::bootFrom(quint32 address)
{
    m_avr->reset_pc = address;
}

void Chip::reset()
{
    avr_reset(m_avr);
    m_avr->state = cpu_Running;
    // Bootloaders look for this one: a chip that comes from another reset goes to its program at once.
    avr_regbit_set(m_avr, m_avr->reset_flags.extrf);
    afterReset();
}

void Chip::noticeReset(avr_t* avr)
{
    if (theChip->m_coreReset)
        theChip->m_coreReset(avr);
    theChip->m_resetSeen = true;
}

// simavr has stopped every timer.
void Chip::afterReset()
{
    m_resetSeen = false;
    for (const auto& handler : m_resetHandlers)
        handler();
    m_heartbeat->startIn(kHeartbeatCycles);
}

void Chip::runTo(quint64 cycle)
{
    while (m_avr->cycle < cycle) {
        const int state = avr_run(m_avr);
        if (m_resetSeen) // by the watchdog
            afterReset();
        if (state == cpu_Done || state == cpu_Crashed)
            return;
    }
}

QString Chip::death() const
{
    if (m_avr->state == cpu_Crashed)
        return QStringLiteral("The program did something illegal at 0x%1.").arg(m_avr->pc, 4, 16, QLatin1Char('0'));
    if (m_avr->state == cpu_Done)
        return QStringLiteral("The program went to sleep with interrupts off at 0x%1: nothing can wake it.")
            .arg(m_avr->pc, 4, 16, QLatin1Char('0'));
    return {};
}

Chip::Timer::Timer(Chip& chip, std::function<quint64()> tick)
    : m_chip(chip)
    , m_tick(std::move(tick))
{}

Chip::Timer::~Timer()
{
    stop();
}

void Chip::Timer::startIn(quint64 cycles)
{
    m_running = true;
    avr_cycle_timer_register(m_chip.avr(), std::max<quint64>(cycles, 1), call, this);
}

void Chip::Timer::stop()
{
    m_running = false;
    avr_cycle_timer_cancel(m_chip.avr(), call, this);
}

avr_cycle_count_t Chip::Timer::call(avr_t*, avr_cycle_count_t when, void* self)
{
    auto* const timer = static_cast<Timer*>(self);
    const quint64 delay = timer->m_tick();
    timer->m_running = delay != 0;
    return delay == 0 ? 0 : when + delay;
}

} // namespace ember::uno
