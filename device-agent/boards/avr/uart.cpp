// SPDX-License-Identifier: MIT-0
#include "uart.hpp"

#include <avr/interrupt.h>
#include <avr/io.h>

namespace ember {
namespace avr {

namespace {

// What arrives while the loop reads the sensor or runs the model: the host sends one request at a time and waits for
// its answer, so this is a request's beginning. The outgoing ring only has to outlast a turn of the loop.
constexpr uint8_t kReceiveSize = 64;
constexpr uint8_t kSendSize = 16;

/// One writer and one reader, of which one is an interrupt; an index is one byte, so it is read and written whole.
template <uint8_t Size>
struct Ring
{
    volatile uint8_t head;
    volatile uint8_t tail;
    uint8_t bytes[Size];

    static uint8_t after(uint8_t at) { return static_cast<uint8_t>((at + 1) & (Size - 1)); }
    bool empty() const { return head == tail; }
    /// False when it is full.
    bool push(uint8_t byte)
    {
        const uint8_t at = head;
        const uint8_t next = after(at);
        if (next == tail)
            return false;
        bytes[at] = byte;
        __asm volatile("" ::: "memory"); // the byte first, then the index that publishes it
        head = next;
        return true;
    }
    /// False when it is empty.
    bool pop(uint8_t* byte)
    {
        const uint8_t at = tail;
        if (at == head)
            return false;
        *byte = bytes[at];
        __asm volatile("" ::: "memory");
        tail = after(at);
        return true;
    }
};

Ring<kReceiveSize> received;
Ring<kSendSize> toSend;

constexpr uint8_t kReceiving = (1 << RXEN0) | (1 << TXEN0) | (1 << RXCIE0);

} // namespace

// Eight bits without parity are what it starts with.
void Uart::begin(uint32_t baud)
{
    UCSR0A = 1 << U2X0;
    UBRR0 = static_cast<uint16_t>((F_CPU / 4 / baud - 1) / 2);
    UCSR0B = kReceiving;
}

bool Uart::read(uint8_t* byte)
{
    return received.pop(byte);
}

bool Uart::write(uint8_t byte)
{
    if (!toSend.push(byte))
        return false;
    UCSR0B = kReceiving | (1 << UDRIE0);
    return true;
}

bool Uart::readable()
{
    return !received.empty();
}

void Uart::drain()
{
    while ((UCSR0B & (1 << UDRIE0)) != 0) {
    }
}

} // namespace avr
} // namespace ember

// A byte that finds the ring full is lost; its frame then fails its CRC and is counted there.
ISR(USART_RX_vect)
{
    using namespace ember::avr;
    received.push(UDR0);
}

ISR(USART_UDRE_vect)
{
    using namespace ember::avr;
    uint8_t byte;
    if (toSend.pop(&byte))
        UDR0 = byte;
    else
        UCSR0B = kReceiving;
}
