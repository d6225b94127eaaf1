// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what the capture path carries, format by format: first the decoder alone on one core, then a generator on a
// pseudo-terminal -> capture -> project file, against a loop that only reads the same bytes from such a terminal. The
// terminal is far faster than any serial port, so the figures say where the ceiling is. Argument: seconds for each
// measurement (default 3).
//
// bench_capture sustained [MB/s] [SECONDS] instead sends frames of our agent at that speed (default 10, for 600 s) and
// prints every tenth of the time what was lost and how much memory the process has.
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "core/device/capture.h"
#include "core/device/frame_decoder.h"
#include "core/device/sample_assembler.h"
#include "tests/bench/sending_board.h"
#include "tests/support/foreign_streams.h"
#include "tests/support/pty_pair.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <unistd.h>

using namespace ember;
using namespace ember::device;
using namespace ember::bench;

namespace {

constexpr qsizetype kChunk = 4096;    // what a terminal gives at once
constexpr std::size_t kTableCase = 1; // which of the cases is compared with plain loops

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

// By the CPU time of the thread, so that other work on the machine does not count. Returns rows per second.
template <typename Feed>
double parseAlone(const char* name, int seconds, const QByteArray& body, Feed feed)
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
    return static_cast<double>(rows) / cpu;
}

// What one writes first: a line at a time, strtof, and all values kept. Nothing is checked.
class PlainParser
{
public:
    qint64 feed(QByteArrayView bytes)
    {
        for (const char byte : bytes) {
            if (byte != '\n') {
                m_line += byte;
                continue;
            }
            char* at = m_line.data();
            for (int c = 0; c < kChannels; ++c) {
                m_values[static_cast<std::size_t>(c)] = std::strtof(at, &at);
                at += *at == ',' ? 1 : 0;
            }
            m_sum += m_values[0];
            ++m_rows;
            m_line.clear();
        }
        return m_rows;
    }
    float sum() const { return m_sum; } ///< so that the work is not left out

private:
    std::string m_line;
    std::array<float, kChannels> m_values{};
    float m_sum = 0;
    qint64 m_rows = 0;
};

void decodeAlone(const std::vector<Case>& cases, int seconds)
{
    double table = 0;
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
        const double rate = parseAlone(under.name, seconds, under.body, [&](QByteArrayView bytes) {
            decoder->feed(bytes, sink);
            return sink.rows;
        });
        table = &under == &cases[kTableCase] ? rate : table;
    }
    PlainParser plain;
    const double rate = parseAlone("plain loop, 6 numbers", seconds, cases[kTableCase].body,
                                   [&plain](QByteArrayView bytes) { return plain.feed(bytes); });
    std::printf("%s: %.2f times the rows of the plain loop (its sum: %g)\n", cases[kTableCase].name, table / rate,
                static_cast<double>(plain.sum()));
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

double readAlone(const char* name, int seconds, std::function<QByteArray(const QByteArray&)> next)
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
    return bytes / elapsed;
}

/// Captures what `next` gives into a new project, and calls `measure(capture, processor seconds so far)` once rows
/// come.
template <typename Measure>
bool captureWhile(const QString& path, const char* format, std::function<QByteArray(const QByteArray&)> next,
                  Measure measure)
{
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
    measure(running, [&generator] { return cpuSeconds(RUSAGE_SELF) - generator.cpu(); });
    const CaptureStatus after = running.status();
    running.stop();
    running.wait(20'000);
    if (after.state != CaptureState::Streaming)
        std::printf("  ended: %s\n", qPrintable(after.error.toString()));
    return after.state == CaptureState::Streaming;
}

/// Bytes per second into the project file; nothing when it failed.
std::optional<double> capture(const char* name, const char* format, int seconds,
                              std::function<QByteArray(const QByteArray&)> next)
{
    const QTemporaryDir folder;
    double rate = 0;
    const bool captured = captureWhile(
        folder.filePath(QStringLiteral("bench.ember")), format, std::move(next),
        [&](const Capture& running, auto cpuSoFar) {
            const CaptureStatus before = running.status();
            const double cpuBefore = cpuSoFar();
            QElapsedTimer clock;
            clock.start();
            while (clock.elapsed() < seconds * 1000 && running.status().state == CaptureState::Streaming)
                ::poll(nullptr, 0, 20);
            const CaptureStatus after = running.status();
            print(name, static_cast<double>(after.ledger.bytes - before.ledger.bytes),
                  static_cast<double>(after.rows - before.rows), after.ledger.lostRows() - before.ledger.lostRows(),
                  static_cast<double>(clock.nsecsElapsed()) * 1e-9, cpuSoFar() - cpuBefore);
            rate = static_cast<double>(after.ledger.bytes - before.ledger.bytes) * 1e9 /
                   static_cast<double>(clock.nsecsElapsed());
        });
    return captured ? std::optional(rate) : std::nullopt;
}

qint64 residentBytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    const QList<QByteArray> fields = file.open(QIODevice::ReadOnly) ? file.readAll().split(' ') : QList<QByteArray>();
    return fields.size() > 1 ? fields.at(1).toLongLong() * ::sysconf(_SC_PAGESIZE) : 0;
}

/// What the agent sends, but no faster than `bytesPerSecond`.
std::function<QByteArray(const QByteArray&)> paced(ScriptedAgent& agent, double bytesPerSecond)
{
    auto clock = std::make_shared<QElapsedTimer>();
    return [&agent, bytesPerSecond, clock, sent = 0.0](const QByteArray& heard) mutable {
        if (!clock->isValid())
            clock->start();
        if (sent > static_cast<double>(clock->nsecsElapsed()) * 1e-9 * bytesPerSecond)
            return QByteArray();
        const QByteArray bytes = agent.next(heard);
        sent += static_cast<double>(bytes.size());
        return bytes;
    };
}

/// Whether it kept up: nothing lost, and as fast as it was sent.
bool sustain(double megabytes, int seconds)
{
    constexpr int kLines = 10;
    std::printf("%-10s %10s %12s %10s %10s %12s\n", "seconds", "MB/s", "rows/s", "lost", "CPU", "memory, MB");
    ScriptedAgent agent;
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("bench.ember"));
    return captureWhile(path, kAgentFormat, paced(agent, megabytes * 1e6), [&](const Capture& running, auto cpuSoFar) {
        QElapsedTimer clock;
        clock.start();
        CaptureStatus before = running.status();
        double cpuBefore = cpuSoFar();
        double timeBefore = 0;
        for (int line = 1; line <= kLines && running.status().state == CaptureState::Streaming; ++line) {
            while (clock.elapsed() < qint64{line} * seconds * 1000 / kLines)
                ::poll(nullptr, 0, 20);
            const CaptureStatus now = running.status();
            const double time = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
            const double passed = time - timeBefore;
            std::printf("%-10.0f %10.1f %12.0f %10lld %9.0f%% %12.1f\n", time,
                        static_cast<double>(now.ledger.bytes - before.ledger.bytes) / passed * 1e-6,
                        static_cast<double>(now.rows - before.rows) / passed,
                        static_cast<long long>(now.ledger.lostRows()), (cpuSoFar() - cpuBefore) / passed * 100,
                        static_cast<double>(residentBytes()) * 1e-6);
            std::fflush(stdout);
            before = now;
            timeBefore = time;
            cpuBefore = cpuSoFar();
        }
    });
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    if (app.arguments().value(1) == QLatin1String("sustained")) {
        ::signal(SIGPIPE, SIG_IGN);
        return sustain(app.arguments().value(2, QStringLiteral("10")).toDouble(),
                       std::max(10, app.arguments().value(3, QStringLiteral("600")).toInt()))
                   ? 0
                   : 1;
    }
    ::signal(SIGPIPE, SIG_IGN); // the board of the first description outlives its link
    const int seconds = std::max(1, app.arguments().value(1, QStringLiteral("3")).toInt());
    const std::vector<Case> cases = foreignCases();

    printHead("decoder alone, by the CPU time of one core");
    parseAgentAlone(seconds);
    decodeAlone(cases, seconds);

    printHead("terminal -> capture -> project file, against a loop that only reads");
    const double before = readAlone("reads alone", seconds, bytesOf(cases[kTableCase]));
    ScriptedAgent agent;
    const auto agentRate = capture("agent, 6 integers", kAgentFormat, seconds,
                                   [&agent](const QByteArray& heard) { return agent.next(heard); });
    double tableRate = 0;
    for (const Case& under : cases) {
        const auto rate = capture(under.name, under.format, seconds, bytesOf(under));
        if (!rate || !agentRate)
            return 1;
        tableRate = &under == &cases[kTableCase] ? *rate : tableRate;
    }
    const double reads = (before + readAlone("reads alone, once more", seconds, bytesOf(cases[kTableCase]))) / 2;
    std::printf("of what a loop that only reads gets: agent frames %.2f, %s %.2f\n", *agentRate / reads,
                cases[kTableCase].name, tableRate / reads);
    return 0;
}
