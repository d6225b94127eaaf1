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
constexpr uint32_t kDescribeEveryMicros = 2000000;
constexpr uint32_t kHostSilentMicros = 10000000;
constexpr uint32_t kLoadWindowMicros = 1000000;
// How long a turn may sleep: the sensor wants to be asked more often while it streams.
constexpr uint32_t kIdleMicros = 20000;
constexpr uint32_t kIdleStreamingMicros = 5000;
constexpr uint32_t kIdleSendingMicros = 500;
// Bytes taken from the link in one turn, so that a talkative host cannot starve the sensor.
constexpr uint16_t kReceiveBurst = 512;

} // namespace

Agent::Agent(BoardPort& port, Sensor* sensor, const ModelDescriptor* model, const AgentBuffers& buffers)
    : m_port(port)
    , m_model(model)
    , m_largestPayload(buffers.receiveSize - wire::kHeaderSize - 4)
    , m_sender(buffers.send, buffers.sendSize)
    , m_receiver(buffers.receive, buffers.receiveSize)
    , m_stack(port.stackLimit(), port.stackTop())
    , m_inference(port, m_stack, model)
#if EMBER_LEARNING
    , m_learning(port.store(), model)
#endif
    , m_streamer(sensor, model, m_inference, buffers.rows, buffers.rowsSize)
    , m_turn(&m_streamer)
    , m_vector(model)
{
#if EMBER_LEARNING
    m_inference.setPupil(m_learning);
#endif
    m_loadSince = port.micros();
    m_describedAt = m_loadSince;
}

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
    if (!busy)
        sleep();
}

bool Agent::pump()
{
    return m_sender.pump([this](uint8_t byte) { return m_port.linkWrite(byte); });
}

void Agent::sleep()
{
    const uint32_t before = m_port.micros();
    m_port.idle(!m_sender.idle() ? kIdleSendingMicros : runningStreams() != 0 ? kIdleStreamingMicros : kIdleMicros);
    const uint32_t after = m_port.micros();
    m_idleMicros += after - before;
    const uint32_t window = after - m_loadSince;
    if (window < kLoadWindowMicros)
        return;
    const uint32_t idlePermille = m_idleMicros / (window / 1000);
    m_loadPermille = static_cast<uint16_t>(idlePermille < 1000 ? 1000 - idlePermille : 0);
    m_loadSince = after;
    m_idleMicros = 0;
}

// --- requests ---

bool Agent::receive()
{
    bool moved = false;
    for (uint16_t i = 0; i < kReceiveBurst && !m_requestHeld; ++i) {
        uint8_t byte = 0;
        if (!m_port.linkRead(&byte))
            break;
        moved = true;
        const wire::FrameVerdict verdict = m_receiver.push(byte);
        if (verdict == wire::FrameVerdict::Valid) {
            ++m_rxFrames;
            m_hostHeard = true;
            m_heardAt = m_port.micros();
            // Our own frames, come back over a looped link: answering them would never end.
            m_requestHeld = m_receiver.header().type < 0x80;
        } else if (verdict != wire::FrameVerdict::NeedMore) {
            ++m_rxErrors;
        }
    }
    if (!m_requestHeld || !m_sender.idle())
        return moved;
    if (handle(m_receiver.header()) == Outcome::Later)
        return moved;
    m_requestHeld = false;
    return true;
}

Agent::Outcome Agent::handle(const wire::FrameHeader& request)
{
    switch (static_cast<MessageType>(request.type)) {
    case MessageType::DescribeRequest:
        return answerWithDescription(request);
    case MessageType::Start:
        return handleStart(request);
    case MessageType::Stop:
        return handleStop(request);
    case MessageType::Configure:
        return handleConfigure(request);
    case MessageType::Inject:
        return handleInject(request);
    case MessageType::Vector:
        return handleVector(request);
    case MessageType::ProfileRequest:
        return handleProfile(request);
    case MessageType::StatsRequest:
        return handleStats(request);
    case MessageType::Learn:
#if EMBER_LEARNING
        return handleLearn(request);
#else
        return nak(request, NakReason::Unsupported, EMBER_REASON("This firmware does not learn."));
#endif
#if EMBER_SELF_TEST
    case MessageType::SelfTest:
        return handleSelfTest(request);
#endif
    case MessageType::Reset:
        return handleReset(request);
    case MessageType::Declare:
        return handleDeclare(request);
    default:
        return nak(request, NakReason::Unknown, EMBER_REASON("This firmware does not know the request."));
    }
}

Agent::Outcome Agent::ack(const wire::FrameHeader& request)
{
    wire::AckHeader header;
    header.seq = request.seq;
    header.type = request.type;
    header.pack(m_sender.payload());
    send(MessageType::Ack, wire::AckHeader::kSize);
    return Outcome::Done;
}

Agent::Outcome Agent::nak(const wire::FrameHeader& request, NakReason reason, const char* text)
{
    wire::AckHeader header;
    header.seq = request.seq;
    header.type = request.type;
    header.reason = static_cast<uint8_t>(reason);
    header.pack(m_sender.payload());
    const size_t length = flashTextLength(text);
    copyFromFlash(m_sender.payload() + wire::AckHeader::kSize, text, length);
    send(MessageType::Nak, wire::AckHeader::kSize + length);
    return Outcome::Done;
}

Agent::Outcome Agent::noSuchStream(const wire::FrameHeader& request)
{
    return nak(request, NakReason::NoSuchStream,
               EMBER_REASON("The board has no such stream, or its sensor is not there."));
}

Streamer* Agent::streamOf(const wire::FrameHeader& request)
{
    Streamer* stream = &m_streamer;
    while (stream != nullptr && stream->number() != request.stream)
        stream = stream->next();
    return stream;
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

const char* Agent::startFault(const wire::FrameHeader& request, NakReason* reason) const
{
    *reason = NakReason::Malformed;
    if (m_receiver.payloadSize() < wire::StartRequest::kSize)
        return EMBER_REASON("Start needs to say which outputs.");
    const uint8_t outputs = m_receiver.payload()[0];
    if (outputs == 0 || (outputs & ~(wire::kStartSamples | wire::kStartInference)) != 0)
        return EMBER_REASON("Start asks for no output, or for one that is not known.");
    *reason = NakReason::NoSuchStream;
    const Streamer* const stream = streamOf(request);
    if (stream == nullptr || stream->stream() == nullptr)
        return EMBER_REASON("The board has no such stream, or its sensor is not there.");
    if ((outputs & wire::kStartInference) == 0)
        return nullptr;
    *reason = NakReason::NoModel;
    if (model() == nullptr)
        return EMBER_REASON("The firmware has no model.");
    *reason = NakReason::WrongShape;
    return stream->modelFitsStream() ? nullptr : EMBER_REASON("The model does not take rows of this stream.");
}

Agent::Outcome Agent::handleStart(const wire::FrameHeader& request)
{
    NakReason reason;
    if (const char* fault = startFault(request, &reason))
        return nak(request, reason, fault);
    Streamer* stream = streamOf(request);
    if (stream == &m_streamer)
        m_vector.abandon(); // its buffers are the main stream's now
    stream->start(m_receiver.payload()[0]);
    return ack(request);
}

Agent::Outcome Agent::handleStop(const wire::FrameHeader& request)
{
    bool found = false;
    bool finished = true;
    for (Streamer* stream = &m_streamer; stream != nullptr; stream = stream->next()) {
        if (request.stream != stream->number() && request.stream != wire::kAllStreams)
            continue;
        found = true;
        finished &= stream->finish();
    }
    if (!found)
        return noSuchStream(request);
    return finished ? ack(request) : Outcome::Later;
}

Agent::Outcome Agent::handleConfigure(const wire::FrameHeader& request)
{
    if (m_receiver.payloadSize() < wire::ConfigureRequest::kSize || wire::getU32(m_receiver.payload()) == 0)
        return nak(request, NakReason::Malformed, EMBER_REASON("Configure needs a rate above zero."));
    Streamer* const stream = streamOf(request);
    if (stream == nullptr || stream->stream() == nullptr)
        return noSuchStream(request);
    if (!stream->setRate(wire::getU32(m_receiver.payload())))
        return nak(request, NakReason::Unsupported, EMBER_REASON("The sensor has one rate only."));
    return ack(request);
}

Agent::Outcome Agent::handleInject(const wire::FrameHeader& request)
{
    if (!kWithInject)
        return nak(request, NakReason::Unsupported, EMBER_REASON("This firmware takes rows from its sensor only."));
    Streamer* const stream = streamOf(request);
    if (m_injectionHeld) {
        if (!stream->injectionTaken())
            return Outcome::Later;
        m_injectionHeld = false;
        if (!stream->running())
            return nak(request, NakReason::NoSuchStream, EMBER_REASON("The stream ended before the rows were taken."));
        return ack(request);
    }
    if (stream == nullptr || stream->stream() == nullptr)
        return noSuchStream(request);
    if (!stream->running())
        return nak(request, NakReason::Busy, EMBER_REASON("Start the stream before giving it rows."));
    const size_t size = m_receiver.payloadSize();
    const size_t rowBytes = stream->stream()->rowBytes();
    if (size <= 4 || (size - 4) % rowBytes != 0)
        return nak(request, NakReason::Malformed, EMBER_REASON("The rows are not whole."));
    SensorBatch rows;
    rows.firstRow = wire::getU32(m_receiver.payload());
    rows.ticks = request.ticks;
    rows.rows = m_receiver.payload() + 4;
    rows.count = static_cast<uint16_t>((size - 4) / rowBytes);
    stream->inject(rows);
    m_injectionHeld = true;
    return Outcome::Later;
}

Agent::Outcome Agent::handleStats(const wire::FrameHeader& request)
{
    const Streamer* const stream = streamOf(request);
    if (stream == nullptr)
        return noSuchStream(request);
    wire::StatsReport report;
    report.rowsProduced = stream->rowsProduced();
    report.rowsDropped = stream->rowsDropped();
    report.rxFrames = m_rxFrames;
    report.rxErrors = m_rxErrors;
    report.stackHighWater = m_stack.highWater();
    report.loadPermille = m_loadPermille;
    report.streaming = runningStreams();
    report.pack(m_sender.payload());
    send(MessageType::Stats, wire::StatsReport::kSize, request.stream);
    return Outcome::Done;
}

Agent::Outcome Agent::handleReset(const wire::FrameHeader& request)
{
    const bool bootloader = m_receiver.payloadSize() > 0 && m_receiver.payload()[0] == 1;
    if (bootloader && !m_port.hasBootloader())
        return nak(request, NakReason::Unsupported, EMBER_REASON("The board has no bootloader to enter."));
    m_resetDue = true; // once the answer is out
    m_resetIntoBootloader = bootloader;
    return ack(request);
}

Agent::Outcome Agent::handleDeclare(const wire::FrameHeader& request)
{
    Streamer* const stream = kWithInject ? streamOf(request) : nullptr;
    if (stream == nullptr || !stream->declare(m_receiver.payload(), m_receiver.payloadSize()))
        return nak(request, NakReason::Unsupported,
                   EMBER_REASON("The board has its own sensor, or no room for such rows."));
    return ack(request);
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
    else if (m_logLines > 0)
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
    uint32_t ticks = 0;
    const size_t size = stream.packSamples(m_sender.payload(), m_sender.capacity(), now, &ticks);
    m_sender.send(MessageType::Samples, size, ticks, stream.number());
}

size_t Agent::packDescription()
{
#if EMBER_LEARNING
    const DescriptionParts parts = {
        m_port, m_streamer, model(), m_largestPayload, m_learning.canLearn(), m_learning.canKeep()};
#else
    const DescriptionParts parts = {m_port, m_streamer, model(), m_largestPayload};
#endif
    return describe(parts, m_sender.payload(), m_sender.capacity());
}

Agent::Outcome Agent::answerWithDescription(const wire::FrameHeader& request)
{
    const size_t size = packDescription();
    if (size == 0)
        return nak(request, NakReason::TooLarge, EMBER_REASON("The description does not fit a frame."));
    send(MessageType::Description, size);
    return Outcome::Done;
}

bool Agent::sendDueDescription(uint32_t now)
{
    const bool alone = !m_hostHeard || now - m_heardAt >= kHostSilentMicros;
    if (!m_describe && !(alone && now - m_describedAt >= kDescribeEveryMicros))
        return false;
    m_describe = false;
    m_describedAt = now;
    const size_t size = packDescription();
    if (size == 0)
        return false;
    send(MessageType::Description, size);
    return true;
}

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

} // namespace agent
} // namespace ember
