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
    bool full() const { return after(head) == tail; }
    void push(uint8_t byte)
    {
        bytes[head] = byte;
        __asm volatile("" ::: "memory"); // the byte first, then the index that publishes it
        head = after(head);
    }
    uint8_t pop()
    {
        const uint8_t byte = bytes[tail];
        __asm volatile("" ::: "memory");
        tail = after(tail);
        return byte;
    }
};

Ring<kReceiveSize> received;
Ring<kSendSize> toSend;

constexpr uint8_t kReceiving = (1 << RXEN0) | (1 << TXEN0) | (1 << RXCIE0);

} // namespace

void Uart::begin(uint32_t baud)
{
    UCSR0A = 1 << U2X0;
    UBRR0 = static_cast<uint16_t>((F_CPU / 4 / baud - 1) / 2);
    UCSR0C = (1 << UCSZ01) | (1 << UCSZ00);
    UCSR0B = kReceiving;
}

bool Uart::read(uint8_t* byte)
{
    if (received.empty())
        return false;
    *byte = received.pop();
    return true;
}

bool Uart::write(uint8_t byte)
{
    if (toSend.full())
        return false;
    toSend.push(byte);
    UCSR0B = kReceiving | (1 << UDRIE0);
    return true;
}

bool Uart::readable()
{
    return !received.empty();
}

bool Uart::full()
{
    return toSend.full();
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
    const uint8_t byte = UDR0;
    if (!received.full())
        received.push(byte);
}

ISR(USART_UDRE_vect)
{
    using namespace ember::avr;
    if (toSend.empty())
        UCSR0B = kReceiving;
    else
        UDR0 = toSend.pop();
}
