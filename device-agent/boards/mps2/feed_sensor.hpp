// SPDX-License-Identifier: MIT-0
#pragma once

#include "../../agent/frame_sender.hpp"
#include "../../agent/sensor.hpp"
#include "../../wire/frame.hpp"
#include "registers.hpp"

namespace ember {
namespace mps2 {

/// The emulated board's sensor: on the far end of a UART sits a feed that plays a recording. The board is the master:
/// it asks what the sensor is, starts it and reads rows, with the Sensor messages of wire/messages.hpp. A feed that is
/// not there yet, goes away or comes back is found by asking again.
class FeedSensor final : public agent::Sensor
{
public:
    explicit FeedSensor(const Uart& uart);

    void poll(uint32_t nowMicros, uint16_t room) override;
    const agent::StreamInfo* stream() const override { return m_known ? &m_stream : nullptr; }
    uint8_t streamVersion() const override { return m_version; }
    void start() override;
    void stop() override;
    bool setRate(uint32_t) override { return false; }
    bool batch(agent::SensorBatch* out) override;
    void release() override { m_batch.count = 0; }

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

    static constexpr uint16_t kReceiveSize = 2048;
    static constexpr uint8_t kSendSize = wire::kHeaderSize + 2 + 4;

    const Uart& m_uart;
    uint8_t m_receiveBuffer[kReceiveSize];
    uint8_t m_sendBuffer[kSendSize];
    wire::FrameReceiver m_receiver;
    agent::FrameSender m_sender;

    agent::ChannelInfo m_channels[wire::kMaxChannels];
    agent::StreamInfo m_stream;
    agent::SensorBatch m_batch; ///< count 0: none waits; its rows lie in the receive buffer
    Awaited m_awaited = Awaited::Nothing;
    Command m_command = Command::None;
    bool m_known = false;
    bool m_started = false;
    bool m_present = false;   ///< the feed answered last time
    bool m_restart = false;   ///< it has to be started again once it answers
    bool m_moreWaits = false; ///< the last read got all it asked for
    uint8_t m_version = 0;
    uint16_t m_wanted = 0;
    uint32_t m_askedAt = 0;
};

} // namespace mps2
} // namespace ember
