// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulators/uno/serial_port.h"

#include <cstring>

namespace ember::uno {
namespace {

constexpr qsizetype kQueueBytes = 4096;

// Registers of USART0 in data space, and the bit for double speed (ATmega328P data sheet, register summary).
constexpr unsigned kUcsr0a = 0xC0;
constexpr unsigned kUbrr0 = 0xC4;
constexpr uint8_t kU2x = 0x02;
constexpr quint64 kBitsPerByte = 10;

// Two in the receive buffer and one in the shift register; simavr itself would keep 64. A program that reads as fast as
// bytes come may have more of them there, because simavr begins a byte only when the one before has been read: then a
// byte counts as lost only when nothing was read for as long as these take.
constexpr int kUnreadBytes = 3;

/// The chip has one.
avr_uart_t* findUart(avr_t* avr)
{
    avr_io_t* part = avr->io_port;
    while (std::strcmp(part->kind, "uart") != 0)
        part = part->next;
    return reinterpret_cast<avr_uart_t*>(part);
}

} // namespace

SerialPort::SerialPort(Chip& chip)
    : m_chip(chip)
    , m_input(avr_io_getirq(chip.avr(), AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT))
    , m_uart(findUart(chip.avr()))
    , m_timer(chip, [this] { return deliver(); })
{
    chip.onReset([this] { clear(); });
    uint32_t flags = 0;
    avr_ioctl(chip.avr(), AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~static_cast<uint32_t>(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(chip.avr(), AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(
        avr_io_getirq(chip.avr(), AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
        [](avr_irq_t*, uint32_t value, void* self) {
            static_cast<SerialPort*>(self)->m_fromChip += static_cast<char>(value);
        },
        this);
}

qsizetype SerialPort::room() const
{
    return kQueueBytes - (m_toChip.size() - m_delivered);
}

void SerialPort::send(const QByteArray& bytes)
{
    m_toChip.remove(0, m_delivered);
    m_delivered = 0;
    m_toChip += bytes;
    if (!m_timer.isRunning())
        m_timer.startIn(cyclesPerByte());
}

QByteArray SerialPort::take()
{
    return std::exchange(m_fromChip, {});
}

void SerialPort::clear()
{
    m_timer.stop();
    m_toChip.clear();
    m_delivered = 0;
    m_fromChip.clear();
}

quint64 SerialPort::deliver()
{
    if (m_delivered == m_toChip.size())
        return 0;
    const auto byte = static_cast<uint8_t>(m_toChip[m_delivered++]);
    if (!isOverrun())
        avr_raise_irq(m_input, byte);
    return m_delivered == m_toChip.size() ? 0 : cyclesPerByte();
}

bool SerialPort::isOverrun()
{
    const int unread = (m_uart->input.write - m_uart->input.read) & (uart_fifo_fifo_size - 1);
    if (unread < kUnreadBytes || m_uart->input.read != m_lastRead) {
        m_lastRead = m_uart->input.read;
        m_readAt = m_chip.cycle();
        return false;
    }
    return m_chip.cycle() - m_readAt >= kUnreadBytes * cyclesPerByte() || unread == uart_fifo_fifo_size - 1;
}

quint64 SerialPort::cyclesPerByte() const
{
    const uint8_t* data = m_chip.avr()->data;
    const quint64 divider = (static_cast<quint64>(data[kUbrr0 + 1] & 0x0F) << 8) | data[kUbrr0];
    return kBitsPerByte * ((data[kUcsr0a] & kU2x) != 0 ? 8 : 16) * (divider + 1);
}

} // namespace ember::uno
