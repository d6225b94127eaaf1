// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/host_board.h"

#include "device-agent/agent/agent.hpp"
#include "tests/support/numbered_rows.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace ember::test {
namespace {

constexpr int kMaxIdleMs = 5;
constexpr size_t kFrameBytes = 4096;

qint64 nowMicros()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

/// The link as an agent sees it, over a descriptor; frames on their way out pass the test's filter.
class Port final : public agent::BoardPort
{
public:
    Port(int fd, const HostBoardOptions& options)
        : m_fd(fd)
        , m_options(options)
    {}

    const char* boardId() const override { return "host-board"; }
    const uint8_t* buildId() const override { return reinterpret_cast<const uint8_t*>(m_options.buildId.constData()); }
    uint32_t session() const override { return m_options.session; }

    bool linkRead(uint8_t* byte) override
    {
        if (m_inAt >= m_in.size()) {
            char buffer[2048];
            const ssize_t count = ::read(m_fd, buffer, sizeof buffer);
            if (count <= 0)
                return false;
            m_in = QByteArray(buffer, count);
            m_inAt = 0;
        }
        *byte = static_cast<uint8_t>(m_in[m_inAt++]);
        return true;
    }

    bool linkWrite(uint8_t byte) override
    {
        if (!flush())
            return false;
        m_frame += static_cast<char>(byte);
        if (byte != 0)
            return true;
        m_out += m_options.link ? m_options.link(m_frame) : m_frame;
        m_frame.clear();
        flush();
        return true;
    }

    uint32_t micros() override { return static_cast<uint32_t>(nowMicros()); }
    uint32_t cpuTicks() override { return static_cast<uint32_t>(nowMicros()); }
    uint32_t cpuTickHz() const override { return 1'000'000; }
    void beginMeasurement() override {}
    void endMeasurement() override {}
    uint8_t* stackLimit() const override { return nullptr; }
    uint8_t* stackTop() const override { return nullptr; }
    uint8_t* stackPointer() const override { return nullptr; }
    bool hasBootloader() const override { return false; }
    void reset(bool) override {}

    void idle(uint32_t microseconds) override
    {
        // A hung-up end is always ready; waiting on nothing keeps the thread from spinning.
        pollfd entry{m_fd, static_cast<short>(m_out.isEmpty() ? POLLIN : POLLIN | POLLOUT), 0};
        const int ms = std::clamp(static_cast<int>(microseconds / 1000), 1, kMaxIdleMs);
        if (::poll(&entry, 1, ms) > 0 && (entry.revents & (POLLHUP | POLLERR | POLLNVAL)))
            ::poll(nullptr, 0, ms);
    }

private:
    bool flush()
    {
        while (!m_out.isEmpty()) {
            // A program that hangs up must not end the test with SIGPIPE; a pseudo-terminal is no socket.
            ssize_t count = ::send(m_fd, m_out.constData(), static_cast<size_t>(m_out.size()), MSG_NOSIGNAL);
            if (count < 0 && errno == ENOTSOCK)
                count = ::write(m_fd, m_out.constData(), static_cast<size_t>(m_out.size()));
            if (count <= 0)
                return errno != EAGAIN; // what a hung-up link does not take is lost, as on a real one
            m_out.remove(0, count);
        }
        return true;
    }

    int m_fd;
    const HostBoardOptions& m_options;
    QByteArray m_in;
    qsizetype m_inAt = 0;
    QByteArray m_frame;
    QByteArray m_out;
};

/// Produces numbered rows at its rate, by this computer's clock.
class NumberedSensor final : public agent::Sensor
{
public:
    NumberedSensor(const HostBoardOptions& options, const char* name, double rateHz, int channels)
        : m_options(options)
        , m_rateHz(rateHz)
    {
        m_info = agent::StreamInfo();
        m_info.name = name;
        m_info.type = wire::ElementType::Int16;
        m_info.channels = static_cast<uint8_t>(channels);
        m_info.rateHz = static_cast<float>(rateHz);
        m_info.period = agent::rowPeriod(m_info.rateHz);
        std::fill(std::begin(m_channels), std::end(m_channels), agent::ChannelInfo());
        for (int i = 0; i < channels; ++i) {
            m_channels[i].name[0] = 'c';
            m_channels[i].name[1] = static_cast<char>('0' + i);
            m_channels[i].unit[0] = 'g';
            m_channels[i].scale = 0.5f;
        }
        m_info.channel = m_channels;
        describe(&m_info);
    }

    void poll(uint32_t, uint16_t) override
    {
        if (m_running && m_batch.count == 0)
            produce();
    }
    void start() override
    {
        m_running = true;
        m_startMicros = nowMicros();
        m_next = 0;
        m_batch.count = 0;
    }
    void stop() override
    {
        m_running = false;
        m_batch.count = 0;
    }
    bool setRate(uint32_t) override { return false; }

private:
    void produce()
    {
        constexpr qint64 kMostRows = 100;
        skipLosses();
        qint64 exists = static_cast<qint64>(static_cast<double>(nowMicros() - m_startMicros) * m_rateHz * 1e-6);
        if (m_options.totalRows >= 0)
            exists = std::min(exists, m_options.totalRows);
        qint64 count = std::min(exists - m_next, kMostRows);
        for (const auto& [first, last] : m_options.sensorLosses)
            count = first > m_next ? std::min(count, first - m_next) : count;
        if (count <= 0)
            return;
        m_rows = numberedRows(m_next, count, m_info.channels);
        m_batch.firstRow = static_cast<uint32_t>(m_next);
        m_batch.ticks = static_cast<uint32_t>(static_cast<double>(m_next) * 1e6 / m_rateHz);
        m_batch.rows = reinterpret_cast<const uint8_t*>(m_rows.constData());
        m_batch.count = static_cast<uint16_t>(count);
        m_next += count;
    }

    void skipLosses()
    {
        for (const auto& [first, last] : m_options.sensorLosses) {
            if (m_next >= first && m_next < last)
                m_next = last;
        }
    }

    const HostBoardOptions& m_options;
    const double m_rateHz;
    agent::StreamInfo m_info;
    agent::ChannelInfo m_channels[wire::kMaxChannels];
    bool m_running = false;
    qint64 m_startMicros = 0;
    qint64 m_next = 0;
    QByteArray m_rows;
};

constexpr int kSumRows = 8;
constexpr int kSumChannels = 3;
const char* const kSumClasses[] = {"first", "second", "third"};

void sumExtract(const void* window, void* features)
{
    const auto* rows = static_cast<const int16_t*>(window);
    auto* sums = static_cast<int32_t*>(features);
    std::fill_n(sums, kSumChannels, 0);
    for (int i = 0; i < kSumRows * kSumChannels; ++i)
        sums[i % kSumChannels] += rows[i];
}

uint16_t sumInfer(const void* features, void* outputs)
{
    auto* votes = static_cast<int32_t*>(outputs);
    const auto* sums = static_cast<const int32_t*>(features);
    for (int i = 0; i < kSumChannels; ++i)
        votes[i] = sums[i] * 2;
    return static_cast<uint16_t>(std::max_element(sums, sums + kSumChannels) - sums);
}

} // namespace

class HostBoard::Loop
{
public:
    Loop(int fd, HostBoardOptions options)
        : m_options(std::move(options))
        , m_port(fd, m_options)
        , m_sensor(m_options, "sensor", m_options.rateHz, m_options.channels)
        , m_second(m_options, "sensor2", std::max(1.0, m_options.secondRateHz), 1)
        , m_thread([this] { run(); })
    {}
    ~Loop()
    {
        m_stop = true;
        m_thread.join();
    }

private:
    void run()
    {
        std::vector<uint8_t> receive(kFrameBytes);
        std::vector<uint8_t> send(kFrameBytes);
        std::vector<uint8_t> rows(4 * kFrameBytes);
        agent::Agent agent(m_port, &m_sensor, m_options.model,
                           {receive.data(), receive.size(), send.data(), send.size(), rows.data(), rows.size()});
        std::vector<uint8_t> secondRows(kFrameBytes);
        agent::Streamer second(m_second, secondRows.data(), secondRows.size());
        if (m_options.secondRateHz > 0)
            agent.addStream(second);
        while (!m_stop)
            agent.step();
    }

    const HostBoardOptions m_options;
    Port m_port;
    NumberedSensor m_sensor;
    NumberedSensor m_second;
    std::atomic_bool m_stop{false};
    std::thread m_thread; // last: it uses all of the above
};

HostBoard::HostBoard(int fd, HostBoardOptions options)
    : m_loop(std::make_unique<Loop>(fd, std::move(options)))
{}

HostBoard::~HostBoard() = default;

SocketPair::SocketPair()
{
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0) {
        m_host = ends[0];
        m_board = ends[1];
    }
}

SocketPair::~SocketPair()
{
    closeBoardEnd();
    if (m_host >= 0)
        ::close(m_host);
}

void SocketPair::closeBoardEnd()
{
    if (m_board >= 0)
        ::close(m_board);
    m_board = -1;
}

const agent::ModelDescriptor* sumModel()
{
    // One board at a time uses it: the buffers are shared.
    static int16_t window[kSumRows * kSumChannels];
    static int32_t features[kSumChannels];
    static int32_t votes[kSumChannels];
    static const agent::ModelDescriptor model = {"sums",
                                                 "0123456789abcdef",
                                                 agent::InputKind::Window,
                                                 kSumRows,
                                                 kSumRows,
                                                 kSumChannels,
                                                 wire::ElementType::Int16,
                                                 wire::ElementType::Int32,
                                                 kSumChannels,
                                                 wire::ElementType::Int32,
                                                 kSumChannels,
                                                 kSumChannels,
                                                 kSumClasses,
                                                 sumExtract,
                                                 sumInfer,
                                                 window,
                                                 features,
                                                 votes,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr};
    return &model;
}

} // namespace ember::test
