// SPDX-License-Identifier: MIT-0
#include "agent.hpp"

#include "describe.hpp"
#include "flash_text.hpp"

namespace ember {
namespace agent {

namespace {

using wire::MessageType;
using wire::NakReason;

// For hosts that join late: repeated as long as no host has spoken lately.
constexpr uint16_t kDescribeEvery = 31; // 2 seconds, in steps of 65.536 ms
constexpr uint16_t kHostSilent = 153;   // 10 seconds
// How long a turn may sleep: the sensor wants to be asked more often while it streams.
constexpr uint32_t kIdleMicros = 20000;
constexpr uint32_t kIdleStreamingMicros = 5000;
constexpr uint32_t kIdleSendingMicros = 500;
// Bytes taken from the link in one turn, so that a talkative host cannot starve the sensor.
#if EMBER_SMALL
constexpr uint8_t kReceiveBurst = 128;
#else
constexpr uint16_t kReceiveBurst = 512;
#endif

uint16_t stepOf(uint32_t micros)
{
    return static_cast<uint16_t>(micros >> 16);
}

} // namespace

void Agent::addStream(Streamer& stream)
{
    Streamer* last = &m_streamer;
    while (last->next() != nullptr)
        last = last->next();
    last->append(stream);
}

void Agent::step()
{
    const uint32_t now = m_port.micros();
    bool busy = pump();
    busy |= receive();
    for (Streamer* stream = &m_streamer; stream != nullptr; stream = stream->next()) {
        busy |= stream->poll(now);
        if (stream->takeStreamChange())
            m_describe = true;
    }
    if (m_sender.idle())
        busy |= sendNext(now);
    // What a small board still has to do begins with an interrupt.
    if (EMBER_WHOLE_BATCHES || !busy)
        sleep();
}

bool Agent::pump()
{
    return m_sender.pump([this](uint8_t byte) { return m_port.linkWrite(byte); });
}

void Agent::sleep()
{
    const uint32_t before = m_port.micros();
    // A small board's timer ends every sleep soon.
    m_port.idle(EMBER_SMALL || !m_sender.idle() ? kIdleSendingMicros
                : runningStreams() != 0         ? kIdleStreamingMicros
                                                : kIdleMicros);
    const uint32_t after = m_port.micros();
#if EMBER_WHOLE_BATCHES
    // Turns and sleeps are short, and 16 bits enough: the window is 1.024 s, in steps of 256 us, and sleep is counted
    // in steps of 16 us, of which a thousandth of the window has 64.
    constexpr uint16_t kWindow = 4000;
    const LoadTime now = static_cast<LoadTime>(after >> 8);
    m_idle = static_cast<LoadTime>(
        m_idle + (static_cast<LoadTime>(static_cast<LoadTime>(after) - static_cast<LoadTime>(before) + 8) >> 4));
    if (static_cast<LoadTime>(now - m_loadSince) < kWindow)
        return;
    const LoadTime idlePermille = m_idle >> 6;
#else
    constexpr uint32_t kWindow = 1000000;
    const LoadTime now = after;
    m_idle += after - before;
    const uint32_t window = now - m_loadSince;
    if (window < kWindow)
        return;
    const LoadTime idlePermille = m_idle / (window / 1000);
#endif
    m_loadPermille = static_cast<uint16_t>(idlePermille < 1000 ? 1000 - idlePermille : 0);
    m_loadSince = now;
    m_idle = 0;
}

// --- requests ---

bool Agent::receive()
{
    bool moved = false;
    for (auto left = kReceiveBurst; left > 0 && !m_requestHeld; --left) {
        uint8_t byte = 0;
        if (!m_port.linkRead(&byte))
            break;
        moved = true;
        const wire::FrameVerdict verdict = m_receiver.push(byte);
        if (verdict == wire::FrameVerdict::NeedMore)
            continue;
        const bool valid = verdict == wire::FrameVerdict::Valid;
        ++(valid ? m_rxFrames : m_rxErrors);
        if (valid) {
            m_describeAt = static_cast<uint16_t>(stepOf(m_port.micros()) + kHostSilent);
            // Our own frames, come back over a looped link: answering them would never end.
            m_requestHeld = m_receiver.type() < 0x80;
        }
    }
    if (!m_requestHeld || !m_sender.idle())
        return moved;
    if (handle() == Outcome::Later)
        return moved;
    m_requestHeld = false;
    return true;
}

Agent::Outcome Agent::handle()
{
    switch (static_cast<MessageType>(m_receiver.type())) {
    case MessageType::DescribeRequest:
        return answerWithDescription();
    case MessageType::Start:
        return handleStart();
    case MessageType::Stop:
        return handleStop();
    case MessageType::Configure:
        return handleConfigure();
    case MessageType::Inject:
        return handleInject();
    case MessageType::Vector:
        return handleVector();
    case MessageType::ProfileRequest:
        return handleProfile();
    case MessageType::StatsRequest:
        return handleStats();
    case MessageType::Learn:
#if EMBER_LEARNING
        return handleLearn();
#else
        return nak(NakReason::Unsupported, EMBER_REASON("This firmware does not learn."));
#endif
#if EMBER_SELF_TEST
    case MessageType::SelfTest:
        return handleSelfTest();
#endif
    case MessageType::Reset:
        return handleReset();
    case MessageType::Declare:
        return handleDeclare();
    default:
        return nak(NakReason::Unknown, EMBER_REASON("This firmware does not know the request."));
    }
}

Agent::Outcome Agent::answer(MessageType type, NakReason reason, size_t textLength)
{
    wire::AckHeader header;
    header.seq = m_receiver.seq();
    header.type = m_receiver.type();
    header.reason = static_cast<uint8_t>(reason);
    header.pack(m_sender.payload());
    send(type, wire::AckHeader::kSize + textLength);
    return Outcome::Done;
}

#if !EMBER_SMALL
Agent::Outcome Agent::nak(NakReason reason, const char* text)
{
    const size_t length = flashTextLength(text);
    copyFromFlash(m_sender.payload() + wire::AckHeader::kSize, text, length);
    return answer(MessageType::Nak, reason, length);
}
#endif

Agent::Outcome Agent::noSuchStream()
{
    return nak(NakReason::NoSuchStream, EMBER_REASON("The board has no such stream, or its sensor is not there."));
}

Streamer* Agent::requestedStream()
{
    const uint8_t number = m_receiver.stream();
    Streamer* stream = &m_streamer;
    while (stream != nullptr && stream->number() != number)
        stream = stream->next();
    return stream;
}

// Null when there is no such stream, or none at the moment.
Streamer* Agent::requestedRows()
{
    Streamer* const stream = requestedStream();
    return stream != nullptr && stream->stream() != nullptr ? stream : nullptr;
}

uint8_t Agent::runningStreams() const
{
    uint8_t bits = 0;
    uint8_t bit = 1;
    for (const Streamer* stream = &m_streamer; stream != nullptr; stream = stream->next()) {
        if (stream->running())
            bits = static_cast<uint8_t>(bits | bit);
        bit = static_cast<uint8_t>(bit << 1);
    }
    return bits;
}

Agent::Outcome Agent::handleStart()
{
    if (m_receiver.payloadSize() < wire::StartRequest::kSize)
        return nak(NakReason::Malformed, EMBER_REASON("Start needs to say which outputs."));
    const uint8_t outputs = m_receiver.payload()[0];
    if (outputs == 0 || (outputs & ~(wire::kStartSamples | wire::kStartInference)) != 0)
        return nak(NakReason::Malformed, EMBER_REASON("Start asks for no output, or for one that is not known."));
    Streamer* const stream = requestedRows();
    if (stream == nullptr)
        return noSuchStream();
    if ((outputs & wire::kStartInference) != 0) {
        if (model() == nullptr)
            return nak(NakReason::NoModel, EMBER_REASON("The firmware has no model."));
        if (!stream->modelFitsStream())
            return nak(NakReason::WrongShape, EMBER_REASON("The model does not take rows of this stream."));
    }
    if (stream == &m_streamer)
        m_vector.abandon(); // its buffers are the main stream's now
    stream->start(outputs);
    return ack();
}

Agent::Outcome Agent::handleStop()
{
    const uint8_t number = m_receiver.stream();
    bool found = false;
    bool finished = true;
    for (Streamer* stream = &m_streamer; stream != nullptr; stream = stream->next()) {
        if (number != stream->number() && number != wire::kAllStreams)
            continue;
        found = true;
        finished &= stream->finish();
    }
    if (!found)
        return noSuchStream();
    return finished ? ack() : Outcome::Later;
}

Agent::Outcome Agent::handleConfigure()
{
    const bool whole = m_receiver.payloadSize() >= wire::ConfigureRequest::kSize;
    const uint32_t rate = whole ? wire::getU32(m_receiver.payload()) : 0;
    if (rate == 0)
        return nak(NakReason::Malformed, EMBER_REASON("Configure needs a rate above zero."));
    Streamer* const stream = requestedRows();
    if (stream == nullptr)
        return noSuchStream();
    if (!stream->setRate(rate))
        return nak(NakReason::Unsupported, EMBER_REASON("The sensor has one rate only."));
    return ack();
}

Agent::Outcome Agent::handleInject()
{
    if (!kWithInject)
        return nak(NakReason::Unsupported, EMBER_REASON("This firmware takes rows from its sensor only."));
    Streamer* const stream = requestedStream();
    if (m_injectionHeld) {
        if (!stream->injectionTaken())
            return Outcome::Later;
        m_injectionHeld = false;
        if (!stream->running())
            return nak(NakReason::NoSuchStream, EMBER_REASON("The stream ended before the rows were taken."));
        return ack();
    }
    if (stream == nullptr || stream->stream() == nullptr)
        return noSuchStream();
    if (!stream->running())
        return nak(NakReason::Busy, EMBER_REASON("Start the stream before giving it rows."));
    const size_t size = m_receiver.payloadSize();
    const size_t rowBytes = stream->stream()->rowBytes();
    if (size <= 4 || (size - 4) % rowBytes != 0)
        return nak(NakReason::Malformed, EMBER_REASON("The rows are not whole."));
    SensorBatch rows;
    rows.firstRow = wire::getU32(m_receiver.payload());
    rows.ticks = m_receiver.header().ticks;
    rows.rows = m_receiver.payload() + 4;
    rows.count = static_cast<decltype(rows.count)>((size - 4) / rowBytes);
    stream->inject(rows);
    m_injectionHeld = true;
    return Outcome::Later;
}

Agent::Outcome Agent::handleStats()
{
    const Streamer* const stream = requestedStream();
    if (stream == nullptr)
        return noSuchStream();
    wire::StatsReport report;
    report.stackHighWater = static_cast<uint32_t>(stackMeter().highWater());
    report.streaming = runningStreams();
    report.rowsProduced = stream->rowsProduced();
    report.rowsDropped = stream->rowsDropped();
    report.rxFrames = m_rxFrames;
    report.rxErrors = m_rxErrors;
    report.loadPermille = m_loadPermille;
    report.pack(m_sender.payload());
    send(MessageType::Stats, wire::StatsReport::kSize, stream->number());
    return Outcome::Done;
}

Agent::Outcome Agent::handleReset()
{
    const bool bootloader = m_receiver.payloadSize() > 0 && m_receiver.payload()[0] == 1;
    if (bootloader && !m_port.hasBootloader())
        return nak(NakReason::Unsupported, EMBER_REASON("The board has no bootloader to enter."));
    m_resetDue = true; // once the answer is out
    m_resetIntoBootloader = bootloader;
    return ack();
}

Agent::Outcome Agent::handleDeclare()
{
    Streamer* const stream = kWithInject ? requestedStream() : nullptr;
    if (stream == nullptr || !stream->declare(m_receiver.payload(), m_receiver.payloadSize()))
        return nak(NakReason::Unsupported, EMBER_REASON("The board has its own sensor, or no room for such rows."));
    return ack();
}

// --- what is sent unasked ---

bool Agent::sendNext(uint32_t now)
{
    if (m_resetDue)
        m_port.reset(m_resetIntoBootloader);
    if (m_streamer.resultWaiting())
        send(MessageType::Inference, m_streamer.packResult(m_sender.payload(), m_sender.capacity()));
    else if (m_streamer.eventWaiting())
        send(MessageType::Event, m_streamer.packEvent(m_sender.payload()));
    else if (Streamer* const due = nextDue(now))
        sendSamples(*due, now);
    else if (logWaits())
        sendLog();
    else if (!sendDueDescription(now))
        return false;
    pump();
    return true;
}

// Beginning behind the one that sent last, so that a fast stream does not keep a slow one waiting.
Streamer* Agent::nextDue(uint32_t now)
{
    Streamer* stream = m_turn;
    do {
        stream = stream->next() != nullptr ? stream->next() : &m_streamer;
        if (stream->samplesDue(now, m_sender.capacity()))
            return m_turn = stream;
    } while (stream != m_turn);
    return nullptr;
}

void Agent::sendSamples(Streamer& stream, uint32_t now)
{
    const uint32_t ticks = stream.headTicks();
    const size_t size = stream.packSamples(m_sender.payload(), m_sender.capacity(), now);
    m_sender.send(MessageType::Samples, size, ticks, stream.number());
}

size_t Agent::packDescription()
{
    const size_t largestPayload = m_receiver.capacity() - wire::kHeaderSize - 4;
#if EMBER_LEARNING
    const DescriptionParts parts = {
        m_port, m_streamer, model(), largestPayload, m_learning.canLearn(), m_learning.canKeep()};
#else
    const DescriptionParts parts = {m_port, m_streamer, model(), largestPayload};
#endif
    return describe(parts, m_sender.payload(), m_sender.capacity());
}

Agent::Outcome Agent::answerWithDescription()
{
    if (!sendDescription())
        return nak(NakReason::TooLarge, EMBER_REASON("The description does not fit a frame."));
    return Outcome::Done;
}

bool Agent::sendDescription()
{
    const size_t size = packDescription();
    if (!EMBER_FIXED_DESCRIPTION && size == 0)
        return false;
    send(MessageType::Description, size);
    return true;
}

bool Agent::sendDueDescription(uint32_t now)
{
    const uint16_t step = stepOf(now);
    if (!m_describe && static_cast<int16_t>(step - m_describeAt) < 0)
        return false;
    m_describe = false;
    const uint16_t next = static_cast<uint16_t>(step + kDescribeEvery);
    if (static_cast<int16_t>(next - m_describeAt) > 0)
        m_describeAt = next;
    return sendDescription();
}

#if EMBER_SMALL

void Agent::log(LogLevel level, const char* text)
{
    m_log = {text, level};
}

void Agent::sendLog()
{
    uint8_t* const at = m_sender.payload();
    at[0] = static_cast<uint8_t>(m_log.level);
    const size_t length = flashTextLength(m_log.text);
    copyFromFlash(at + 1, m_log.text, length);
    m_log.text = nullptr;
    send(MessageType::Log, length + 1);
}

#else

void Agent::log(LogLevel level, const char* text)
{
    enqueueLog({text, 0, level, false});
}

void Agent::log(LogLevel level, const char* text, uint32_t value)
{
    enqueueLog({text, value, level, true});
}

void Agent::enqueueLog(const LogLine& line)
{
    if (m_logLines < kLogLines)
        m_log[m_logLines++] = line;
}

void Agent::sendLog()
{
    const LogLine line = m_log[0];
    --m_logLines;
    for (uint8_t i = 0; i < m_logLines; ++i)
        m_log[i] = m_log[i + 1];
    uint8_t* at = m_sender.payload();
    *at++ = static_cast<uint8_t>(line.level);
    const size_t length = flashTextLength(line.text);
    copyFromFlash(at, line.text, length);
    at += length;
    if (line.withValue) {
        *at++ = ' ';
        *at++ = '0';
        *at++ = 'x';
        for (uint8_t shift = 32; shift > 0;) {
            shift = static_cast<uint8_t>(shift - 4);
            const uint8_t digit = static_cast<uint8_t>((line.value >> shift) & 0xF);
            *at++ = static_cast<uint8_t>(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }
    }
    send(MessageType::Log, static_cast<size_t>(at - m_sender.payload()));
}

#endif

} // namespace agent
} // namespace ember
