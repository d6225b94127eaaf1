// SPDX-License-Identifier: GPL-3.0-or-later
// The link under libFuzzer: the frame decoder, and behind it the agent's requests. The first byte chooses: the rest is
// what arrives on the line, or a script of requests that are put into good frames, so that the agent itself is reached.
// Checked besides the sanitizers' rules: the decoder against one written from the definition; that the agent comes to
// rest, answers each request at most once, and sends whole frames in order.
#include "device-agent/agent/agent.hpp"
#include "device-agent/boards/common/declared_stream.hpp"
#include "device-agent/boards/common/host_sensor.hpp"
#include "tests/agent/test_models.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace ember;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t kReceive = 160; // small, so that frames that are too long are common
constexpr size_t kSend = 512;
constexpr size_t kRows = 64;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

// --- the decoder's definition, in another way ---

bool decodeCobs(const Bytes& coded, Bytes* out)
{
    for (size_t at = 0; at < coded.size();) {
        const uint8_t code = coded[at++];
        if (at + code - 1u > coded.size())
            return false;
        out->insert(out->end(), coded.begin() + static_cast<long>(at),
                    coded.begin() + static_cast<long>(at + code - 1u));
        at += code - 1u;
        if (code != 0xFF && at < coded.size())
            out->push_back(0);
    }
    return true;
}

uint32_t slowCrc(const Bytes& bytes, size_t size, bool wide)
{
    if (!wide) {
        uint16_t crc = 0xFFFF;
        for (size_t i = 0; i < size; ++i)
            for (int bit = 7; bit >= 0; --bit) {
                const bool out = ((crc >> 15) ^ (bytes[i] >> bit)) & 1;
                crc = static_cast<uint16_t>((crc << 1) ^ (out ? 0x1021 : 0));
            }
        return crc;
    }
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; ++i)
        for (int bit = 0; bit < 8; ++bit) {
            const bool out = (crc ^ static_cast<uint32_t>(bytes[i] >> bit)) & 1u;
            crc = (crc >> 1) ^ (out ? 0xEDB88320u : 0u);
        }
    return ~crc;
}

/// Verdict on what came between two delimiters, and the payload of a valid frame.
wire::FrameVerdict judge(const Bytes& coded, Bytes* payload)
{
    Bytes frame;
    const bool whole = decodeCobs(coded, &frame);
    if (!whole && frame.size() <= kReceive) // a last group that was cut off may have been what made it too long
        return frame.size() + coded.size() > kReceive ? wire::FrameVerdict::NeedMore : wire::FrameVerdict::Torn;
    if (frame.size() > kReceive)
        return wire::FrameVerdict::TooLong;
    if (frame.size() < wire::kHeaderSize + 2)
        return wire::FrameVerdict::Torn;
    const bool wide = (frame[0] & 1) != 0;
    const size_t crcSize = wide ? 4 : 2;
    if (frame.size() < wire::kHeaderSize + crcSize)
        return wire::FrameVerdict::Torn;
    const size_t body = frame.size() - crcSize;
    uint32_t said = 0;
    for (size_t i = crcSize; i-- > 0;)
        said = (said << 8) | frame[body + i];
    if (slowCrc(frame, body, wide) != said)
        return wire::FrameVerdict::BadCrc;
    if (frame[0] >> 4 != 1)
        return wire::FrameVerdict::BadVersion;
    payload->assign(frame.begin() + wire::kHeaderSize, frame.begin() + static_cast<long>(body));
    return wire::FrameVerdict::Valid;
}

void checkDecoder(const Bytes& line)
{
    std::array<uint8_t, kReceive> buffer;
    wire::FrameReceiver receiver(buffer.data(), buffer.size());
    Bytes coded;
    for (const uint8_t byte : line) {
        const wire::FrameVerdict verdict = receiver.push(byte);
        if (byte != 0) {
            require(verdict == wire::FrameVerdict::NeedMore);
            coded.push_back(byte);
            continue;
        }
        Bytes payload;
        const wire::FrameVerdict expected = coded.empty() ? wire::FrameVerdict::NeedMore : judge(coded, &payload);
        if (coded.empty() || expected != wire::FrameVerdict::NeedMore)
            require(verdict == expected);
        else
            require(verdict == wire::FrameVerdict::Torn || verdict == wire::FrameVerdict::TooLong);
        if (verdict == wire::FrameVerdict::Valid)
            require(Bytes(receiver.payload(), receiver.payload() + receiver.payloadSize()) == payload);
        coded.clear();
    }
}

// --- the agent ---

/// A place for what was learned, that is there before the first request: 64 bytes of it are the fuzzer's.
class Store final : public agent::PersistentStore
{
public:
    uint16_t slotBytes() const override { return 64; }
    void read(uint8_t slot, uint16_t offset, uint8_t* to, uint16_t count) override
    {
        require(slot < kSlots && offset + count <= 64);
        std::copy_n(m_bytes[slot].begin() + offset, count, to);
    }
    bool erase(uint8_t slot) override
    {
        require(slot < kSlots);
        m_bytes[slot].fill(0xFF);
        return true;
    }
    bool write(uint8_t slot, uint16_t offset, const uint8_t* from) override
    {
        require(slot < kSlots && offset % kWriteBytes == 0 && offset + kWriteBytes <= 64);
        std::copy_n(from, kWriteBytes, m_bytes[slot].begin() + offset);
        return true;
    }
    void fill(const Bytes& from)
    {
        for (size_t i = 0; i < 128 && !from.empty(); ++i)
            m_bytes[i / 64][i % 64] = from[i % from.size()];
    }

private:
    std::array<std::array<uint8_t, 64>, kSlots> m_bytes{};
};

class Port final : public agent::BoardPort
{
public:
    explicit Port(const Bytes& line)
        : m_line(line)
    {
        out.reserve(4096);
        m_store.fill(line);
    }
    const char* boardId() const override { return "fuzz"; }
    const uint8_t* buildId() const override { return reinterpret_cast<const uint8_t*>("01234567890123456789"); }
    uint32_t session() const override { return 1; }
    bool linkRead(uint8_t* byte) override
    {
        if (m_at == m_line.size())
            return false;
        *byte = m_line[m_at++];
        return true;
    }
    bool linkWrite(uint8_t byte) override
    {
        out.push_back(byte);
        return true;
    }
    uint32_t micros() override { return now; }
    uint32_t cpuTicks() override { return ++m_ticks; }
    uint32_t cpuTickHz() const override { return 1'000'000; }
    void beginMeasurement() override { require(++m_measuring == 1); }
    void endMeasurement() override { require(--m_measuring == 0); }
    uint8_t* stackLimit() const override { return nullptr; }
    uint8_t* stackTop() const override { return nullptr; }
    uint8_t* stackPointer() const override { return nullptr; }
    void idle(uint32_t microseconds) override
    {
        ++idles;
        now += microseconds;
    }
    agent::PersistentStore* store() override { return &m_store; }
    bool hasBootloader() const override { return true; }
    void reset(bool) override { wasReset = true; }

    Bytes out;
    uint32_t now = 0xFFFFF000u;
    int idles = 0;
    bool wasReset = false;

private:
    const Bytes& m_line;
    Store m_store;
    size_t m_at = 0;
    uint32_t m_ticks = 0;
    int m_measuring = 0;
};

bool isAnswer(uint8_t type)
{
    using wire::MessageType;
    const auto message = static_cast<MessageType>(type);
    return message != MessageType::Samples && message != MessageType::Inference && message != MessageType::Log;
}

/// A valid frame has to be in what a decoder makes of the line for each answer.
int validRequests(const Bytes& line)
{
    std::array<uint8_t, kReceive> buffer;
    wire::FrameReceiver receiver(buffer.data(), buffer.size());
    int count = 0;
    for (const uint8_t byte : line)
        count += receiver.push(byte) == wire::FrameVerdict::Valid && receiver.header().type < 0x80 ? 1 : 0;
    return count;
}

void checkAgent(const Bytes& line, const agent::ModelDescriptor* model)
{
    std::array<uint8_t, kReceive> receive;
    std::array<uint8_t, kSend> send;
    std::array<uint8_t, kRows> rows;
    std::array<agent::ChannelInfo, 4> channels;
    Port port(line);
    boards::HostSensor sensor(channels.data(), channels.size(), kReceive - wire::kHeaderSize - 8);
    agent::Agent agent(port, &sensor, model,
                       {receive.data(), receive.size(), send.data(), send.size(), rows.data(), rows.size()});
    std::array<uint8_t, kRows> moreRows;
    std::array<agent::ChannelInfo, 4> moreChannels;
    boards::HostSensor second(moreChannels.data(), moreChannels.size(), kReceive - wire::kHeaderSize - 8);
    agent::Streamer more(second, moreRows.data(), moreRows.size());
    agent.addStream(more);
    const int most = 1000 + 40 * static_cast<int>(line.size());
    int turns = 0;
    while (port.idles < 4 && !port.wasReset && turns < most) {
        agent.step();
        ++turns;
    }
    require(turns < most);

    Bytes buffer(kSend);
    wire::FrameReceiver receiver(buffer.data(), buffer.size());
    uint32_t seq = 0;
    int answers = 0;
    for (const uint8_t byte : port.out) {
        const wire::FrameVerdict verdict = receiver.push(byte);
        if (verdict == wire::FrameVerdict::NeedMore)
            continue;
        require(verdict == wire::FrameVerdict::Valid && receiver.header().seq == seq++);
        require(receiver.header().type >= 0x80);
        // Descriptions also come unasked.
        if (isAnswer(receiver.header().type) &&
            receiver.header().type != static_cast<uint8_t>(wire::MessageType::Description))
            ++answers;
    }
    require(answers <= validRequests(line));
}

/// "type stream length payload" over and over becomes frames.
Bytes framesOf(const uint8_t* at, size_t size)
{
    Bytes line;
    std::array<uint8_t, wire::kHeaderSize + 255 + 4> frame;
    uint32_t seq = 0;
    while (size >= 3) {
        wire::FrameHeader header;
        header.type = at[0] % 16;
        header.stream = at[1] % 3 == 0 ? at[1] : static_cast<uint8_t>(at[1] % 2);
        header.seq = ++seq;
        const size_t length = std::min<size_t>(at[2], size - 3);
        std::copy_n(at + 3, length, frame.begin() + wire::kHeaderSize);
        wire::sendFrame(header, frame.data(), length, [&line](uint8_t byte) { line.push_back(byte); });
        at += 3 + length;
        size -= 3 + length;
    }
    return line;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const agent::ModelDescriptor windows = test::windowModel(2);
    static const agent::ModelDescriptor vectors = test::vectorModel();
    static const agent::ModelDescriptor pupils = [] {
        static const uint8_t table[2 * (16 + 12 + 2)] = {}; // of zeros: the class is another
        static const agent::SelfTestVectors stored{table, 2, 16};
        agent::ModelDescriptor model = test::learningModel();
        model.selfTest = &stored;
        return model;
    }();
    if (size == 0)
        return 0;
    const agent::ModelDescriptor* const models[] = {nullptr, &windows, &vectors, &pupils};
    const Bytes line = (data[0] & 0x80) != 0 ? framesOf(data + 1, size - 1) : Bytes(data + 1, data + size);
    test::pupil = test::Pupil();
    checkDecoder(line);
    checkAgent(line, models[data[0] % 4]);
    return 0;
}
