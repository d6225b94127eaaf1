// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/flash_image.h"
#include "emulators/uno/simavr.h"

#include <functional>
#include <memory>
#include <vector>

namespace ember::uno {

/// An ATmega328P at 16 MHz. Time is its cycle count, which goes on over resets. One in a process, and not movable:
/// simavr calls it back without saying which.
class Chip
{
public:
    static constexpr qint64 kClockHz = 16'000'000;

    /// Powers it up: SRAM holds noise, as it does in a real chip, from this seed. Error Failed when simavr lacks the
    /// core.
    static Result<std::unique_ptr<Chip>> powerUp(quint32 noiseSeed);
    ~Chip();
    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    /// Puts an image into flash. Error BadData when it does not fit.
    Status program(const device::FlashImage& image);
    /// Makes resets start in the boot section at this byte address.
    void bootFrom(quint32 address);
    /// Pulls the reset pin.
    void reset();
    /// Called after every reset, by the pin or by the watchdog, with all timers stopped.
    void onReset(std::function<void()> handler) { m_resetHandlers.push_back(std::move(handler)); }

    /// Runs until the cycle count has reached this value, or the chip is dead.
    void runTo(quint64 cycle);
    quint64 cycle() const { return m_avr->cycle; }
    bool isAsleep() const { return m_avr->state == cpu_Sleeping; }
    /// What ended it: an illegal instruction, sleep with interrupts off. Empty as long as it lives.
    QString death() const;

    /// Calls `tick` after some cycles; it returns after how many more it is to be called again, 0 for never. Starting
    /// it again moves it.
    class Timer
    {
    public:
        Timer(Chip& chip, std::function<quint64()> tick);
        ~Timer();
        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;
        void startIn(quint64 cycles);
        void stop();
        bool isRunning() const { return m_running; }

    private:
        static avr_cycle_count_t call(avr_t* avr, avr_cycle_count_t when, void* self);

        Chip& m_chip;
        std::function<quint64()> m_tick;
        bool m_running = false;
    };

    avr_t* avr() { return m_avr; }

private:
    explicit Chip(avr_t* avr);

    void afterReset();
    static void noticeReset(avr_t* avr);
    struct BusRepair;

    avr_t* m_avr;
    void (*m_coreReset)(avr_t*);
    bool m_resetSeen = false;
    std::vector<std::function<void()>> m_resetHandlers;
    std::unique_ptr<BusRepair> m_bus;
    std::unique_ptr<Timer> m_heartbeat;
};

} // namespace ember::uno
