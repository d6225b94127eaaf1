// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what the capture path carries, format by format: first the decoder alone on one core, then a generator on a
// pseudo-terminal -> capture -> project file, against a loop that only reads the same bytes from such a terminal. The
// terminal is far faster than any serial port, so the figures say where the ceiling is. Argument: seconds for each
// measurement (default 3).
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "core/device/capture.h"
#include "core/device/frame_decoder.h"
#include "core/device/sample_assembler.h"
#include "tests/support/foreign_streams.h"
#include "tests/support/host_board.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/pty_pair.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace ember;
using namespace ember::device;

namespace {

constexpr int kChannels = 6;
constexpr int kRowsPerFrame = 170; // 2 kB
constexpr qsizetype kChunk = 4096; // what a terminal gives at once
constexpr double kRateHz = 1000;

QByteArray table(qint64 rows, bool header, int decimals)
{
    QByteArray bytes = header ? "time_us,ax,ay,az,gx,gy,gz\n" : "x\n";
    for (qint64 row = 0; row < rows; ++row) {
        if (header)
            bytes += QByteArray::number(row * 1000) + ',';
        for (int c = 0; c < kChannels; ++c)
            bytes += QByteArray::number(test::numberedSample(row, c) * (decimals ? 0.01 : 1), 'f', decimals) +
                     (c + 1 < kChannels ? ',' : '\n');
    }
    return bytes;
}

struct Case
{
    const char* name;
    const char* format;
    QByteArray opening; ///< before the rest, once
    QByteArray body;    ///< again and again
    qint64 rows = 0;    ///< of the body
};

template <typename Row>
QByteArray repeated(qint64 rows, Row row)
{
    QByteArray bytes;
    for (qint64 i = 0; i < rows; ++i)
        bytes += row(i);
    return bytes;
}

std::vector<Case> foreignCases()
{
    constexpr qint64 kRows = 20'000;
    std::vector<Case> cases;
    cases.push_back({"table of 3 short numbers", "csv", "x\n",
                     repeated(kRows,
                              [](qint64 row) {
                                  return QByteArray::number(static_cast<double>(row % 900) * 0.01, 'f', 2) +
                                         ",-6.20,7.90\r\n";
                              }),
                     kRows});
    cases.push_back({"table of 6 numbers", "csv", {}, table(kRows, false, 2), kRows});
    cases.push_back({"forwarder of 6 numbers", "edge-impulse", {}, table(kRows, false, 2), kRows});
    QByteArray stamped = table(kRows, true, 2);
    cases.push_back({"table with time, 6 numbers", "csv", {}, stamped, kRows});
    cases.push_back({"plotter, 2 names", "arduino", "x\n", repeated(kRows, test::arduinoRow), kRows});
    cases.push_back({"teleplot, 2 names with time", "teleplot", "x\n",
                     repeated(kRows, [](qint64 row) { return test::teleplotRow(row, kRateHz); }), kRows});
    cases.push_back({"nordic, 2 floats", "nordic", test::nordicSession(kRateHz),
                     repeated(kRows, [](qint64 row) { return test::nordicRow(row, kRateHz); }), kRows});
    cases.push_back({"sensiml 1, 2 integers", "sensiml",
                     test::sensimlDescription(1, kRateHz) + test::sensimlDescription(1, kRateHz),
                     repeated(kRows, test::sensimlRow), kRows});
    cases.push_back({"sensiml 2, 2 integers", "sensiml",
                     test::sensimlDescription(2, kRateHz) + test::sensimlDescription(2, kRateHz),
                     repeated(kRows / 5, test::sensimlPacket), kRows});
    return cases;
}

struct CountingSink final : formats::Sink
{
    qint64 rows = 0;
    void onRows(formats::Rows block) override { rows += block.rowCount; }
    void onText(const formats::TextLine&) override {}
    void onRefusal(const Error&) override {}
};

void printHead(const char* title)
{
    std::printf("\n%s\n%-30s %10s %12s %10s %10s\n", title, "", "MB/s", "rows/s", "lost", "CPU");
}

void print(const char* name, double bytes, double rows, qint64 lost, double seconds, double cpu)
{
    std::printf("%-30s %10.1f %12.0f %10lld %9.0f%%\n", name, bytes / seconds * 1e-6, rows / seconds,
                static_cast<long long>(lost), cpu / seconds * 100);
    std::fflush(stdout);
}

double cpuSeconds(int who)
{
    rusage usage{};
    ::getrusage(who, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

// By the CPU time of the thread, so that other work on the machine does not count.
template <typename Feed>
void parseAlone(const char* name, int seconds, const QByteArray& body, Feed feed)
{
    QElapsedTimer clock;
    clock.start();
    const double begun = cpuSeconds(RUSAGE_THREAD);
    double bytes = 0;
    qint64 rows = 0;
    while (clock.elapsed() < seconds * 1000) {
        for (qsizetype at = 0; at < body.size(); at += kChunk)
            rows = feed(QByteArrayView(body).sliced(at, std::min(kChunk, body.size() - at)));
        bytes += static_cast<double>(body.size());
    }
    const double cpu = cpuSeconds(RUSAGE_THREAD) - begun;
    print(name, bytes, static_cast<double>(rows), 0, cpu, cpu);
}

QByteArray samplesFrame(quint32 firstRow)
{
    wire::FrameHeader header;
    header.type = static_cast<uint8_t>(wire::MessageType::Samples);
    header.seq = firstRow / kRowsPerFrame;
    header.ticks = firstRow * 1000;
    QByteArray payload(8, '\0');
    wire::putU32(reinterpret_cast<uint8_t*>(payload.data()), firstRow);
    return encodeFrame(header, payload + test::numberedRows(firstRow, kRowsPerFrame, kChannels));
}

void parseAgentAlone(int seconds)
{
    constexpr quint32 kFrames = 2000;
    QByteArray body;
    for (quint32 i = 0; i < kFrames; ++i)
        body += samplesFrame(i * kRowsPerFrame);
    FrameDecoder decoder;
    qint64 rows = 0;
    auto assembler = std::make_unique<SampleAssembler>(test::numberedSpec(kRateHz, kChannels));
    parseAlone("agent, 6 integers", seconds, body, [&](QByteArrayView bytes) {
        decoder.feed(bytes, [&](const Frame& frame) {
            if (frame.header.seq == 0) // the body begins again
                assembler = std::make_unique<SampleAssembler>(test::numberedSpec(kRateHz, kChannels));
            const auto block = assembler->take(frame, 0);
            rows += block ? block->rowCount : 0;
        });
        return rows;
    });
}

// --- on a terminal ---

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

std::function<QByteArray(const QByteArray&)> bytesOf(const Case& under)
{
    const bool waits = QByteArray(under.format) == "sensiml";
    return [&under, waits, begun = false](const QByteArray& heard) mutable {
        if (waits && !heard.contains("connect"))
            return QByteArray(under.opening);
        if (!begun && !waits) {
            begun = true;
            return under.opening + under.body;
        }
        return under.body;
    };
}

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

void readAlone(const char* name, int seconds, std::function<QByteArray(const QByteArray&)> next)
{
    test::PtyPair pty;
    const int fd = ::open(pty.path().toLocal8Bit().constData(), O_RDWR | O_NOCTTY);
    Generator generator(pty.master(), std::move(next));
    QElapsedTimer clock;
    clock.start();
    const double begun = cpuSeconds(RUSAGE_THREAD);
    double bytes = 0;
    QByteArray buffer(64 * 1024, '\0');
    while (clock.elapsed() < seconds * 1000) {
        pollfd entry{fd, POLLIN, 0};
        ::poll(&entry, 1, 100);
        if (entry.revents & POLLIN)
            bytes += static_cast<double>(
                std::max<ssize_t>(0, ::read(fd, buffer.data(), static_cast<size_t>(buffer.size()))));
    }
    const double elapsed = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    print(name, bytes, 0, 0, elapsed, cpuSeconds(RUSAGE_THREAD) - begun);
    generator.stop();
    ::close(fd);
}

bool capture(const char* name, const char* format, int seconds, std::function<QByteArray(const QByteArray&)> next)
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("bench.ember"));
    const auto project = dataset::Project::create(path);
    if (!project) {
        std::fprintf(stderr, "%s\n", qPrintable(project.error().toString()));
        return false;
    }
    test::PtyPair pty;
    CaptureOptions options;
    options.address = pty.path();
    options.format = QString::fromLatin1(format);
    options.liveSeconds = 10;
    options.sink = [&path](const BoardDescription&,
                           const StreamDescription& stream) -> Result<std::shared_ptr<signal::BlockSink>> {
        dataset::NewRecording about;
        about.stream = stream.spec;
        EMBER_TRY(auto writer, dataset::RecordingWriter::start(path, about));
        return std::shared_ptr<signal::BlockSink>(std::move(writer));
    };
    Generator generator(pty.master(), std::move(next));
    Capture running(options, {});
    running.start();
    QElapsedTimer patience;
    patience.start();
    while (running.status().rows == 0 && patience.elapsed() < 20'000 && running.status().state != CaptureState::Failed)
        ::poll(nullptr, 0, 10);
    const CaptureStatus before = running.status();
    const double cpuBefore = cpuSeconds(RUSAGE_SELF) - generator.cpu();
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < seconds * 1000 && running.status().state == CaptureState::Streaming)
        ::poll(nullptr, 0, 20);
    const CaptureStatus after = running.status();
    const double elapsed = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
    const double cpu = cpuSeconds(RUSAGE_SELF) - generator.cpu() - cpuBefore;
    print(name, static_cast<double>(after.ledger.bytes - before.ledger.bytes),
          static_cast<double>(after.rows - before.rows), after.ledger.lostRows() - before.ledger.lostRows(), elapsed,
          cpu);
    running.stop();
    running.wait(20'000);
    if (after.state != CaptureState::Streaming)
        std::printf("  ended: %s\n", qPrintable(after.error.toString()));
    return true;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    ::signal(SIGPIPE, SIG_IGN); // the board of the first description outlives its link
    const int seconds = std::max(1, app.arguments().value(1, QStringLiteral("3")).toInt());
    const std::vector<Case> cases = foreignCases();

    printHead("decoder alone, by the CPU time of one core");
    parseAgentAlone(seconds);
    for (const Case& under : cases) {
        formats::Opening opening;
        opening.add(QByteArrayView(under.opening + under.body.left(64 * 1024)), 0);
        const formats::Guess guess = (*formats::findFormat(QString::fromLatin1(under.format)))->survey(opening);
        if (!guess.isUsable()) {
            std::printf("%-30s not recognised: %s\n", under.name, qPrintable(guess.reason));
            continue;
        }
        CountingSink sink;
        const auto decoder = guess.makeDecoder();
        decoder->feed(under.opening, sink);
        parseAlone(under.name, seconds, under.body, [&](QByteArrayView bytes) {
            decoder->feed(bytes, sink);
            return sink.rows;
        });
    }

    printHead("terminal -> capture -> project file, against a loop that only reads");
    readAlone("reads alone", seconds, bytesOf(cases[1]));
    ScriptedAgent agent;
    if (!capture("agent, 6 integers", kAgentFormat, seconds,
                 [&agent](const QByteArray& heard) { return agent.next(heard); }))
        return 1;
    for (const Case& under : cases) {
        if (!capture(under.name, under.format, seconds, bytesOf(under)))
            return 1;
    }
    readAlone("reads alone, once more", seconds, bytesOf(cases[1]));
    return 0;
}
