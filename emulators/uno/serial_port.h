// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "emulators/uno/chip.h"

#include <QByteArray>

namespace ember::uno {

/// The outside of the chip's USART0. Bytes to the chip arrive one after the other at the rate that the program set, and
/// are lost when the program leaves more than three of them unread, as in the chip.
class SerialPort
{
public:
    explicit SerialPort(Chip& chip);

    /// Bytes for the chip; to be given only while room() is above zero.
    void send(const QByteArray& bytes);
    qsizetype room() const;
    /// What the chip has sent since the last call.
    QByteArray take();

private:
    void clear();
    quint64 deliver();
    bool isOverrun();
    quint64 cyclesPerByte() const;

    Chip& m_chip;
    avr_irq_t* m_input;
    avr_uart_t* m_uart;
    QByteArray m_toChip;
    qsizetype m_delivered = 0; // of m_toChip
    QByteArray m_fromChip;
    int m_lastRead = 0;   // where the chip's receive buffer was read last
    quint64 m_readAt = 0; // and when that was seen
    Chip::Timer m_timer;
};

} // namespace ember::uno
