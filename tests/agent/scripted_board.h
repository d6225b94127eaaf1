// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "device-agent/agent/agent.hpp"

#include <QByteArray>
#include <QCborMap>
#include <QCborValue>
#include <QList>

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace ember::test {

/// Ticks that a test model says it takes: the port's CPU timer runs on by them.
inline uint32_t modelWork = 0;

/// A board whose time is a number and whose link is two byte strings.
class ScriptedPort final : public agent::BoardPort
{
public:
    const char* boardId() const override { return "scripted"; }
    const uint8_t* buildId() const override { return reinterpret_cast<const uint8_t*>("01234567890123456789"); }
    uint32_t session() const override { return 77; }
    bool linkRead(uint8_t* byte) override
    {
        if (in.isEmpty())
            return false;
        *byte = static_cast<uint8_t>(in[0]);
        in.remove(0, 1);
        return true;
    }
    bool linkWrite(uint8_t byte) override
    {
        if (linkRoom == 0)
            return false;
        --linkRoom;
        out += static_cast<char>(byte);
        return true;
    }
    uint32_t micros() override { return static_cast<uint32_t>(now); }
    uint32_t cpuTicks() override
    {
        ticks += 3 + modelWork; // reading takes time too
        modelWork = 0;
        return ticks;
    }
    uint32_t cpuTickHz() const override { return 1'000'000; }
    void beginMeasurement() override { ++measurements; }
    void endMeasurement() override { --measurements; }
    uint8_t* stackLimit() const override { return nullptr; }
    uint8_t* stackTop() const override { return nullptr; }
    uint8_t* stackPointer() const override { return nullptr; }
    void idle(uint32_t microseconds) override
    {
        ++idles;
        now += microseconds;
    }
    agent::PersistentStore* store() override { return persistent; }
    bool hasBootloader() const override { return bootloader; }
    void reset(bool intoBootloader) override { resets << intoBootloader; }

    QByteArray in;
    QByteArray out;
    qint64 linkRoom = 1'000'000'000; ///< bytes the link still takes
    quint64 now = 0xFFFFFF00u;       ///< wraps soon, as clocks do
    uint32_t ticks = 0xFFFFFF00u;
    int idles = 0;
    int measurements = 0;
    bool bootloader = false;
    agent::PersistentStore* persistent = nullptr;
    QList<bool> resets;
};

/// A sensor with batches that the test puts there, or that come by the port's clock.
class ScriptedSensor final : public agent::Sensor
{
public:
    ScriptedSensor()
    {
        for (int i = 0; i < 2; ++i) {
            channels[i] = agent::ChannelInfo();
            qstrncpy(channels[i].name, i == 0 ? "ax" : "ay", sizeof channels[i].name);
            qstrncpy(channels[i].unit, "m/s2", sizeof channels[i].unit);
            channels[i].scale = 0.25f;
            channels[i].offset = static_cast<float>(i);
        }
        info = {"imu", wire::ElementType::Int16, 2, 1000.0f, channels, agent::rowPeriod(1000)};
    }

    void poll(uint32_t nowMicros, uint16_t) override
    {
        if (onPoll)
            onPoll();
        if (const agent::StreamInfo* const now = known ? &info : nullptr; now != stream() || version != m_described) {
            m_described = version;
            describe(now);
        }
        if (running && rowsPerMilli != 0) {
            if (!m_clock)
                m_clock = nowMicros;
            while (nowMicros - *m_clock >= 1000) {
                *m_clock += 1000;
                produce(rowsPerMilli);
            }
        }
        offer();
    }
    void start() override
    {
        running = true;
        ++starts;
        nextRow = 0;
        m_clock.reset();
        forget();
    }
    void stop() override
    {
        running = false;
        forget();
    }
    bool setRate(uint32_t milliHz) override
    {
        if (fixedRate)
            return false;
        info.rateHz = static_cast<float>(milliHz) / 1000;
        info.period = agent::rowPeriod(info.rateHz);
        ++version;
        return true;
    }

    qsizetype rowBytes() const { return static_cast<qsizetype>(info.rowBytes()); }
    /// The content of a row follows from its number.
    QByteArray rows(uint32_t first, int count) const
    {
        QByteArray bytes;
        for (uint32_t row = first; row < first + static_cast<uint32_t>(count); ++row) {
            for (qsizetype i = 0; i < rowBytes(); ++i)
                bytes += static_cast<char>(row * 31 + static_cast<uint32_t>(i) * 7 + (row >> 8));
        }
        return bytes;
    }
    /// Rows that exist and wait to be taken; a row takes a millisecond of the sensor's clock.
    void produce(int count)
    {
        batches.push_back({nextRow, nextRow * 1000 + 5, rows(nextRow, count)});
        nextRow += static_cast<uint32_t>(count);
    }
    void lose(int count) { nextRow += static_cast<uint32_t>(count); }

    struct Batch
    {
        uint32_t firstRow;
        uint32_t ticks;
        QByteArray rows;
    };
    agent::ChannelInfo channels[2];
    agent::StreamInfo info;
    std::deque<Batch> batches;
    bool known = true;
    bool running = false;
    bool fixedRate = true;
    int starts = 0;
    int rowsPerMilli = 0;
    std::function<void()> onPoll;
    uint8_t version = 1;
    uint32_t nextRow = 0;

private:
    void offer()
    {
        if (m_batch.count > 0 || batches.empty())
            return;
        m_offered = batches.front();
        batches.pop_front();
        m_batch = {m_offered.firstRow, m_offered.ticks, reinterpret_cast<const uint8_t*>(m_offered.rows.constData()),
                   static_cast<uint16_t>(m_offered.rows.size() / rowBytes())};
    }
    void forget()
    {
        batches.clear();
        m_batch.count = 0;
    }

    std::optional<uint32_t> m_clock;
    Batch m_offered{};
    uint8_t m_described = 0;
};

struct SeenFrame
{
    wire::MessageType type;
    wire::FrameHeader header;
    QByteArray payload;

    const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(payload.constData()); }
    QCborMap cbor() const { return QCborValue::fromCbor(payload).toMap(); }
};

/// An agent on a scripted board, and the host's side of its link.
class AgentUnderTest
{
public:
    explicit AgentUnderTest(const agent::ModelDescriptor* model = nullptr, bool withSensor = true,
                            qsizetype frameBytes = 1024, qsizetype rowBytes = 2048,
                            agent::PersistentStore* store = nullptr)
        : m_receive(frameBytes, '\0')
        , m_send(frameBytes, '\0')
        , m_rows(rowBytes, '\0')
        , port(portWith(store))
        , agent(port, withSensor ? &sensor : nullptr, model,
                {bytesOf(m_receive), static_cast<size_t>(frameBytes), bytesOf(m_send), static_cast<size_t>(frameBytes),
                 bytesOf(m_rows), static_cast<size_t>(rowBytes)})
    {}

    static QByteArray frame(uint8_t type, const QByteArray& payload, uint8_t stream, uint32_t seq, uint32_t ticks = 0)
    {
        QByteArray buffer(static_cast<qsizetype>(wire::kHeaderSize) + payload.size() + 4, '\0');
        std::copy(payload.begin(), payload.end(), buffer.begin() + wire::kHeaderSize);
        wire::FrameHeader header;
        header.type = type;
        header.stream = stream;
        header.seq = seq;
        header.ticks = ticks;
        QByteArray bytes;
        wire::sendFrame(header, bytesOf(buffer), static_cast<size_t>(payload.size()),
                        [&bytes](uint8_t b) { bytes += static_cast<char>(b); });
        return bytes;
    }

    uint32_t send(wire::MessageType type, const QByteArray& payload = {}, uint8_t stream = 0, uint32_t ticks = 0)
    {
        port.in += frame(static_cast<uint8_t>(type), payload, stream, ++m_seq, ticks);
        return m_seq;
    }

    /// Turns the loop until nothing is left to do, not even after a while.
    void settle()
    {
        for (int quiet = 0, turns = 0; quiet < 10 && turns < 1'000'000; ++turns) {
            const int before = port.idles;
            agent.step();
            quiet = port.idles > before ? quiet + 1 : 0;
        }
    }
    void runMillis(int millis)
    {
        const quint64 end = port.now + static_cast<quint64>(millis) * 1000;
        while (port.now < end)
            agent.step();
    }

    /// What has arrived since the last call. Sequence numbers are checked: none may be missing.
    QList<SeenFrame> take()
    {
        QList<SeenFrame> frames;
        for (char c : std::as_const(port.out)) {
            const wire::FrameVerdict verdict = m_receiver.push(static_cast<uint8_t>(c));
            if (verdict == wire::FrameVerdict::NeedMore)
                continue;
            if (verdict != wire::FrameVerdict::Valid || m_receiver.header().seq != m_expectedSeq++) {
                ++badFrames;
                continue;
            }
            frames << SeenFrame{static_cast<wire::MessageType>(m_receiver.header().type), m_receiver.header(),
                                QByteArray(reinterpret_cast<const char*>(m_receiver.payload()),
                                           static_cast<qsizetype>(m_receiver.payloadSize()))};
        }
        port.out.clear();
        return frames;
    }
    QList<SeenFrame> take(wire::MessageType type)
    {
        QList<SeenFrame> some = take();
        some.removeIf([type](const SeenFrame& f) { return f.type != type; });
        return some;
    }
    /// Sends a request and gives the first frame that can be its answer; type 0 when none comes.
    SeenFrame ask(wire::MessageType type, const QByteArray& payload = {}, uint8_t stream = 0, uint32_t ticks = 0)
    {
        for (int turns = 0; turns < 1000 && port.idles == 0; ++turns)
            agent.step(); // past what it says unasked after its start
        take();
        send(type, payload, stream, ticks);
        for (int turns = 0; turns < 10'000; ++turns) {
            agent.step();
            for (const SeenFrame& frame : take()) {
                if (isAnswer(frame.type))
                    return frame;
            }
        }
        return {};
    }
    static bool isAnswer(wire::MessageType type)
    {
        return type != wire::MessageType::Samples && type != wire::MessageType::Inference &&
               type != wire::MessageType::Event && type != wire::MessageType::Log;
    }
    bool start(uint8_t outputs)
    {
        return ask(wire::MessageType::Start, QByteArray(1, char(outputs))).type == wire::MessageType::Ack;
    }

    static ScriptedPort portWith(agent::PersistentStore* store)
    {
        ScriptedPort port;
        port.persistent = store;
        return port;
    }

    static uint8_t* bytesOf(QByteArray& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

private:
    QByteArray m_receive;
    QByteArray m_send;
    QByteArray m_rows;
    QByteArray m_seen = QByteArray(70'000, '\0');
    wire::FrameReceiver m_receiver{bytesOf(m_seen), 70'000};
    uint32_t m_seq = 100;
    uint32_t m_expectedSeq = 0;

public:
    ScriptedPort port;
    ScriptedSensor sensor;
    int badFrames = 0;
    agent::Agent agent;
};

} // namespace ember::test
