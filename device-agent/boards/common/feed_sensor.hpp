// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/frame_sender.hpp"
#include "../../agent/sensor.hpp"
#include "../../wire/frame.hpp"
#include "byte_link.hpp"
#include "declared_stream.hpp"

namespace ember {
namespace boards {

/// Memory that a FeedSensor works in; sized by the port for its board.
struct FeedMemory
{
    uint8_t* receive; ///< one frame of the sensor's; the longer, the fewer questions
    uint16_t receiveSize;
    agent::ChannelInfo* channels;
    uint8_t channelCapacity;
};

/// An emulated board's sensor: on the far end of a UART sits a feed that plays a recording. The board is the master:
/// it asks what the sensor is, starts it and reads rows, with the Sensor messages of wire/messages.hpp. A feed that is
/// not there yet, goes away or comes back is found by asking again.
class FeedSensor final : public agent::Sensor
{
public:
    /// Link and memory outlive the sensor; `name` is its stream's, an EMBER_TEXT.
    FeedSensor(ByteLink& link, const FeedMemory& memory, const char* name = "sensor");

    void poll(uint32_t nowMicros, uint16_t room) override;
    void start() override;
    void stop() override;
    bool setRate(uint32_t) override { return false; }

private:
    enum class Awaited : uint8_t
    {
        Nothing,
        Spec,
        Rows
    };
    enum class Command : uint8_t
    {
        None,
        Start,
        Stop
    };

    void receive();
    void takeFrame();
    void takeSpec(const uint8_t* at, size_t size);
    void takeRows(uint32_t ticks, const uint8_t* at, size_t size);
    void timeOut(uint32_t now);
    void sendCommand(uint32_t now);
    void askNext(uint32_t now, uint16_t room);
    void ask(wire::MessageType type, size_t payloadSize, Awaited answer, uint32_t now);
    bool pump();

    static constexpr uint8_t kSendSize = wire::kHeaderSize + 2 + 4;

    ByteLink& m_link;
    uint8_t m_sendBuffer[kSendSize];
    wire::FrameReceiver m_receiver;
    agent::FrameSender m_sender;
    uint16_t m_mostRowBytes;

    DeclaredStream m_stream;
    Awaited m_awaited = Awaited::Nothing;
    Command m_command = Command::None;
    bool m_started = false;
    bool m_present = false;   ///< the feed answered last time
    bool m_restart = false;   ///< it went silent: once it answers it may have to be started again
    bool m_moreWaits = false; ///< the last read got all it asked for
    uint16_t m_wanted = 0;
    uint32_t m_askedAt = 0;
    uint32_t m_nextRow = 0; ///< one past the last row that came since start()
};

} // namespace boards
} // namespace ember
