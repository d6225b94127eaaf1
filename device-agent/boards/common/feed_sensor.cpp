// SPDX-License-Identifier: MIT-0
#include "feed_sensor.hpp"

namespace ember {
namespace boards {

namespace {

using wire::MessageType;

constexpr uint32_t kReadEveryMicros = 10000;
constexpr uint32_t kIdentifyEveryMicros = 500000;
// The feed is a thread on a computer that may be very busy.
constexpr uint32_t kAnswerMicros = 5000000;
// Around the rows of an answer.
constexpr size_t kRowsOverhead = wire::kHeaderSize + 4 + wire::SensorRowsHeader::kSize;

} // namespace

FeedSensor::FeedSensor(ByteLink& link, const FeedMemory& memory, const char* name)
    : m_link(link)
    , m_receiver(memory.receive, memory.receiveSize)
    , m_sender(m_sendBuffer, sizeof m_sendBuffer)
    , m_mostRowBytes(static_cast<uint16_t>(memory.receiveSize - kRowsOverhead))
    , m_stream(memory.channels, memory.channelCapacity, name)
{}

void FeedSensor::start()
{
    m_started = true;
    m_restart = !m_present; // nobody may hear the command
    m_nextRow = 0;
    m_command = Command::Start;
    m_batch.count = 0;
}

void FeedSensor::stop()
{
    m_started = false;
    m_command = Command::Stop;
    m_batch.count = 0;
}

bool FeedSensor::pump()
{
    return m_sender.pump([this](uint8_t byte) { return m_link.write(byte); });
}

void FeedSensor::poll(uint32_t now, uint16_t room)
{
    pump();
    receive();
    if (!m_sender.idle())
        return;
    if (m_awaited != Awaited::Nothing) {
        timeOut(now);
        return;
    }
    // A command waits for the answer before it, so that rows from before a start cannot pass for rows after it.
    if (m_command != Command::None)
        sendCommand(now);
    else
        askNext(now, room);
    pump();
}

// Bytes stay in the UART as long as a batch lies in the receive buffer.
void FeedSensor::receive()
{
    uint8_t byte = 0;
    while (m_batch.count == 0 && m_link.read(&byte)) {
        if (m_receiver.push(byte) == wire::FrameVerdict::Valid)
            takeFrame();
    }
}

void FeedSensor::takeFrame()
{
    const wire::FrameHeader& header = m_receiver.header();
    if (header.type == static_cast<uint8_t>(MessageType::SensorSpec))
        takeSpec(m_receiver.payload(), m_receiver.payloadSize());
    else if (header.type == static_cast<uint8_t>(MessageType::SensorRows))
        takeRows(header.ticks, m_receiver.payload(), m_receiver.payloadSize());
}

void FeedSensor::takeSpec(const uint8_t* at, size_t size)
{
    if (!m_stream.take(at, size, m_mostRowBytes))
        return;
    if (m_stream.version() != streamVersion())
        describe(m_stream.info());
    if (m_awaited == Awaited::Spec)
        m_awaited = Awaited::Nothing;
    m_present = true;
    if (!m_restart || m_nextRow > 0)
        return; // one that was silent in the middle says with its next rows whether it plays on
    if (m_started)
        m_command = Command::Start;
    m_restart = false;
}

void FeedSensor::takeRows(uint32_t ticks, const uint8_t* at, size_t size)
{
    if (m_awaited != Awaited::Rows)
        return; // too late: it has been given up
    m_awaited = Awaited::Nothing;
    m_present = true;
    m_moreWaits = false;
    if (!m_started || m_command != Command::None || size < wire::SensorRowsHeader::kSize)
        return;
    const uint32_t firstRow = wire::SensorRowsHeader::unpack(at).firstRow;
    if (m_restart) {
        m_restart = false;
        // It counts anew, so it was away and stands still; one that was only late plays on, and what was missed is a
        // jump. Starting that one again would give its rows a second time.
        if (static_cast<int32_t>(firstRow - m_nextRow) < 0) {
            m_command = Command::Start;
            return;
        }
    }
    const size_t bytes = size - wire::SensorRowsHeader::kSize;
    const size_t rowBytes = m_stream.info()->rowBytes();
    if (bytes == 0 || bytes % rowBytes != 0)
        return;
    // Its rows lie in the receive buffer. What the sensor lost shows as a jump of firstRow, and so does what was
    // damaged on the way here.
    m_batch.firstRow = firstRow;
    m_batch.ticks = ticks;
    m_batch.rows = at + wire::SensorRowsHeader::kSize;
    m_batch.count = static_cast<uint16_t>(bytes / rowBytes);
    m_nextRow = firstRow + m_batch.count;
    m_moreWaits = m_batch.count >= m_wanted;
}

void FeedSensor::timeOut(uint32_t now)
{
    if (now - m_askedAt < (m_awaited == Awaited::Spec ? kIdentifyEveryMicros : kAnswerMicros))
        return;
    m_awaited = Awaited::Nothing;
    m_present = false;
    m_restart = m_started;
}

void FeedSensor::sendCommand(uint32_t now)
{
    const bool starts = m_command == Command::Start;
    m_command = Command::None;
    m_moreWaits = starts;
    ask(starts ? MessageType::SensorStart : MessageType::SensorStop, 0, Awaited::Nothing, now);
}

void FeedSensor::askNext(uint32_t now, uint16_t room)
{
    // A sensor that stands still is asked now and then who it is, so that another recording in its place is noticed.
    if (!m_present || !m_started) {
        if (m_stream.info() == nullptr || now - m_askedAt >= kIdentifyEveryMicros)
            ask(MessageType::SensorIdentify, 0, Awaited::Spec, now);
        return;
    }
    if (m_batch.count > 0 || room == 0 || (!m_moreWaits && now - m_askedAt < kReadEveryMicros))
        return;
    const size_t most = m_mostRowBytes / m_stream.info()->rowBytes();
    m_wanted = room < most ? room : static_cast<uint16_t>(most);
    wire::putU16(m_sender.payload(), m_wanted);
    ask(MessageType::SensorRead, 2, Awaited::Rows, now);
}

void FeedSensor::ask(MessageType type, size_t payloadSize, Awaited answer, uint32_t now)
{
    m_sender.send(type, payloadSize, now);
    m_awaited = answer;
    m_askedAt = now;
}

} // namespace boards
} // namespace ember
