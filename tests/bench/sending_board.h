// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What sends to a bench: a thread that writes to a terminal, and a board that answers as the agent does and sends more
// than any board can.

#include "core/device/frame_decoder.h"
#include "tests/support/host_board.h"
#include "tests/support/numbered_rows.h"

#include <QByteArray>

#include <atomic>
#include <cstdio>
#include <functional>
#include <poll.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace ember::bench {

using namespace ember::device;

constexpr int kChannels = 6;
constexpr int kRowsPerFrame = 170; // 2 kB
constexpr double kRateHz = 1000;

inline double cpuSeconds(int who)
{
    rusage usage{};
    ::getrusage(who, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

inline QByteArray samplesFrame(quint32 firstRow)
{
    wire::FrameHeader header;
    header.type = static_cast<uint8_t>(wire::MessageType::Samples);
    header.seq = firstRow / kRowsPerFrame;
    header.ticks = firstRow * 1000;
    QByteArray payload(8, '\0');
    wire::putU32(reinterpret_cast<uint8_t*>(payload.data()), firstRow);
    return encodeFrame(header, payload + test::numberedRows(firstRow, kRowsPerFrame, kChannels));
}

// Writes as fast as the terminal takes it, on a thread of its own; gives what to write piece by piece.
class Generator
{
public:
    Generator(int fd, std::function<QByteArray(const QByteArray& heard)> next)
        : m_fd(fd)
        , m_next(std::move(next))
        , m_thread([this] { run(); })
    {}
    ~Generator() { stop(); }
    void stop()
    {
        m_stop = true;
        if (m_thread.joinable())
            m_thread.join();
    }
    double cpu() const { return m_cpu; }

private:
    void run()
    {
        QByteArray heard;
        while (!m_stop) {
            char input[512];
            if (const ssize_t count = ::read(m_fd, input, sizeof input); count > 0)
                heard.append(input, count);
            const QByteArray bytes = m_next(heard);
            if (bytes.isEmpty())
                ::poll(nullptr, 0, 5);
            for (qsizetype at = 0; at < bytes.size() && !m_stop;) {
                const ssize_t count = ::write(m_fd, bytes.constData() + at, static_cast<size_t>(bytes.size() - at));
                if (count > 0)
                    at += count;
                pollfd entry{m_fd, POLLOUT, 0};
                if (count <= 0)
                    ::poll(&entry, 1, 10);
            }
            m_cpu = cpuSeconds(RUSAGE_THREAD);
        }
    }

    const int m_fd;
    const std::function<QByteArray(const QByteArray&)> m_next;
    std::atomic<double> m_cpu{0};
    std::atomic_bool m_stop{false};
    std::thread m_thread;
};

// Answers as the agent does, and sends Samples once it is started.
class ScriptedAgent
{
public:
    ScriptedAgent()
    {
        // The real agent describes itself once; its words are used again.
        test::SocketPair pair;
        test::HostBoardOptions options;
        options.channels = kChannels;
        options.rateHz = kRateHz;
        const test::HostBoard board(pair.boardEnd(), options);
        m_description = adoptedDescription(pair.takeHostEnd());
    }

    QByteArray next(const QByteArray& heard)
    {
        QByteArray out;
        m_decoder.feed(QByteArrayView(heard).sliced(m_read), [&](const Frame& frame) { out += answer(frame); });
        m_read = heard.size();
        if (m_running) {
            for (int i = 0; i < 16; ++i) {
                out += samplesFrame(m_row);
                m_row += kRowsPerFrame;
            }
        }
        return out;
    }

private:
    static QByteArray adoptedDescription(int fd)
    {
        wire::FrameHeader header;
        header.type = static_cast<uint8_t>(wire::MessageType::DescribeRequest);
        const QByteArray request = encodeFrame(header, {});
        static_cast<void>(!::write(fd, request.constData(), static_cast<size_t>(request.size())));
        FrameDecoder decoder;
        QByteArray payload;
        while (payload.isEmpty()) {
            pollfd entry{fd, POLLIN, 0};
            ::poll(&entry, 1, 1000);
            char buffer[4096];
            const ssize_t count = ::read(fd, buffer, sizeof buffer);
            decoder.feed(QByteArrayView(buffer, std::max<ssize_t>(0, count)), [&](const Frame& frame) {
                if (frame.type() == wire::MessageType::Description)
                    payload = frame.payload;
            });
        }
        ::close(fd);
        return payload;
    }

    QByteArray answer(const Frame& frame)
    {
        wire::FrameHeader header;
        QByteArray payload;
        switch (frame.type()) {
        case wire::MessageType::DescribeRequest:
            header.type = static_cast<uint8_t>(wire::MessageType::Description);
            payload = m_description;
            break;
        case wire::MessageType::StatsRequest:
            header.type = static_cast<uint8_t>(wire::MessageType::Stats);
            payload = QByteArray(static_cast<qsizetype>(wire::StatsReport::kSize), '\0');
            break;
        default:
            m_running = frame.type() == wire::MessageType::Start;
            header.type = static_cast<uint8_t>(wire::MessageType::Ack);
            payload = QByteArray(6, '\0');
            wire::putU32(reinterpret_cast<uint8_t*>(payload.data()), frame.header.seq);
            payload[4] = static_cast<char>(frame.header.type);
            break;
        }
        return encodeFrame(header, payload);
    }

    QByteArray m_description;
    FrameDecoder m_decoder;
    qsizetype m_read = 0;
    bool m_running = false;
    quint32 m_row = 0;
};

} // namespace ember::bench
