// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/format_probe.h"

#include "core/device/capture_link.h"
#include "core/device/frame_decoder.h"
#include "core/device/polled_transport.h"
#include "core/device/steady_clock.h"

#include <algorithm>

namespace ember::device {
namespace {

constexpr qint64 kNanosPerMs = 1'000'000;
// So long a stream is listened to before its rate is taken for known.
constexpr double kListenSeconds = 1.5;
constexpr qint64 kJudgeNanos = 250 * kNanosPerMs;
constexpr qint64 kAskNanos = 500 * kNanosPerMs;
// A board that was silent for so long does not stream.
constexpr qint64 kSilentNanos = 300 * kNanosPerMs;
constexpr qint64 kPromptNanos = 1500 * kNanosPerMs;
// Of the questions to an unknown board, so many are for our agent before one is for others.
constexpr int kPromptEvery = 3;
constexpr int kMostPrompts = 3;
constexpr qsizetype kShownLines = 12;
constexpr qsizetype kShownBytes = 2048;
constexpr double kTextShare = 0.8;
constexpr quint8 kFromBoard = 0x80; // the high bit of a type, see docs/wire-protocol.md

bool isTextByte(char c)
{
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
}

double textShare(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return 0;
    return static_cast<double>(std::count_if(bytes.begin(), bytes.end(), isTextByte)) /
           static_cast<double>(bytes.size());
}

QStringList newestLines(QByteArrayView bytes)
{
    const QByteArrayView tail = bytes.last(std::min(bytes.size(), kShownBytes));
    QStringList lines;
    if (textShare(tail) >= kTextShare) {
        QByteArray text = tail.toByteArray();
        text.replace("\r\n", "\n").replace('\r', '\n').replace('\0', ' ');
        for (const QByteArray& line : text.split('\n')) {
            if (!line.isEmpty())
                lines << formats::printable(line);
        }
    } else {
        constexpr qsizetype kPerLine = 16;
        for (qsizetype at = 0; at < tail.size(); at += kPerLine)
            lines << QString::fromLatin1(
                tail.sliced(at, std::min(kPerLine, tail.size() - at)).toByteArray().toHex(' '));
    }
    return lines.mid(std::max<qsizetype>(0, lines.size() - kShownLines));
}

class Probe
{
public:
    Probe(Transport& transport, const ProbeOptions& options, const std::function<void(const FormatReport&)>& onReport)
        : m_transport(transport)
        , m_options(options)
        , m_isAuto(options.format == QLatin1String(kAutoFormat))
        , m_onReport(onReport)
    {}

    Result<ProbeOutcome> run(const std::function<bool()>& tick)
    {
        const formats::Format* expected = nullptr;
        if (!m_isAuto) {
            EMBER_TRY(expected, formats::findFormat(m_options.format));
        }
        const Deadline deadline(m_options.timeoutMs);
        const bool forEver = m_options.timeoutMs <= 0;
        m_begunNanos = steadyNanos();
        while (!m_isAgent && !isChosen()) {
            if (!tick())
                return Error(ErrorKind::Cancelled,
                             QStringLiteral("Connecting to %1 was stopped.").arg(m_transport.address()));
            EMBER_CHECK(listen());
            EMBER_CHECK(ask(expected));
            const bool isOver = m_transport.atEnd() || (!forEver && deadline.hasPassed());
            judge(isOver);
            if (isOver && !m_isAgent && !isChosen())
                return nothingKnown();
        }
        ProbeOutcome outcome;
        outcome.isAgent = m_isAgent;
        if (!m_isAgent)
            outcome.guess = m_guesses.front();
        outcome.chunks = std::move(m_chunks);
        return outcome;
    }

private:
    Status listen()
    {
        auto bytes = m_transport.read(kLinkSliceMs);
        if (!bytes)
            return bytes.error();
        if (bytes->isEmpty())
            return {};
        const qint64 nanos = m_transport.arrivalNanos();
        m_lastByteNanos = steadyNanos();
        if (m_firstByteNanos == 0)
            m_firstByteNanos = m_lastByteNanos;
        m_bytes += bytes->size();
        if (m_isAuto) {
            // Of a type that only an agent sends: a checksum of 16 bits is right by chance now and then.
            m_frames.feed(
                *bytes, [this](const Frame& frame) { m_isAgent = m_isAgent || (frame.header.type & kFromBoard) != 0; });
        }
        if (!m_opening.add(*bytes, nanos))
            m_isFull = true;
        m_chunks.push_back({std::move(*bytes), nanos});
        return {};
    }

    // A board that streams is left in peace: a frame of ours might be a command to it.
    Status ask(const formats::Format* expected)
    {
        if (!m_transport.isInteractive() || m_isAgent)
            return {};
        const qint64 now = steadyNanos();
        const qint64 quiet = now - std::max(m_lastByteNanos, m_begunNanos);
        if (m_isAuto) {
            const bool unknown =
                quiet >= kSilentNanos || (!m_opening.isEmpty() && textShare(m_opening.bytes()) < kTextShare);
            if (!unknown || best().score >= formats::kLeastScore || now - m_askedNanos < kAskNanos)
                return {};
            m_askedNanos = now;
            // Boards that wait for commands do not understand a frame; what is said to them is not said at once.
            if (++m_asked % kPromptEvery == 0 && m_asked <= kPromptEvery * kMostPrompts)
                return promptUnknown();
            wire::FrameHeader header;
            header.type = static_cast<uint8_t>(wire::MessageType::DescribeRequest);
            return m_transport.write(encodeFrame(header, {}));
        }
        const QByteArray prompt = expected->prompt();
        if (prompt.isEmpty() || best().isUsable() || now - std::max(m_askedNanos, m_begunNanos) < kPromptNanos)
            return {};
        m_askedNanos = now;
        return m_transport.write(prompt);
    }

    Status promptUnknown()
    {
        for (const auto& format : formats::allFormats()) {
            if (format->mayPromptUnknown())
                EMBER_CHECK(m_transport.write(format->prompt()));
        }
        return {};
    }

    const formats::Guess& best() const
    {
        static const formats::Guess kNone;
        return m_guesses.empty() ? kNone : m_guesses.front();
    }

    bool isChosen() const { return m_isChosen; }

    void judge(bool isOver)
    {
        const qint64 now = steadyNanos();
        if (!isOver && !m_isFull && now - m_judgedNanos < kJudgeNanos && m_transport.isInteractive())
            return;
        if (!isOver && !m_isFull && !m_transport.isInteractive() && m_opening.seconds() < kListenSeconds)
            return; // a log is not listened to but read
        m_judgedNanos = now;
        m_guesses = formats::rank(m_opening);
        if (!m_isAuto) {
            std::erase_if(m_guesses, [this](const formats::Guess& guess) { return guess.format != m_options.format; });
        }
        if (m_onReport)
            m_onReport({m_bytes, newestLines(m_opening.bytes()), m_guesses});
        const double heard = std::max(m_opening.seconds(), m_firstByteNanos > 0 && m_transport.isInteractive()
                                                               ? static_cast<double>(now - m_firstByteNanos) * 1e-9
                                                               : 0.0);
        const bool enough = best().settled || isOver || m_isFull || heard >= kListenSeconds;
        const bool isGood = best().isUsable() && (!m_isAuto || best().score >= formats::kLeastScore);
        m_isChosen = isGood && enough;
        if (!m_isChosen && m_isFull)
            slide();
    }

    // What came first said nothing; what comes now may.
    void slide()
    {
        m_isFull = false;
        m_opening = {};
        m_firstByteNanos = 0;
        m_chunks.clear();
    }

    Error nothingKnown() const
    {
        const QString where = m_transport.address();
        if (m_bytes == 0) {
            return Error(
                ErrorKind::Board, QStringLiteral("Nothing came from %1, and no agent answers.").arg(where),
                QStringLiteral("Check that the board runs firmware that sends samples, and baud rate, cable and "
                               "port; reset the board."));
        }
        const QStringList lines = newestLines(m_opening.bytes());
        const QString last = lines.isEmpty() ? QString() : lines.back().left(80);
        if (!m_isAuto) {
            return Error(ErrorKind::Board,
                         QStringLiteral("What %1 sends is not the format '%2': %3. Its last line: '%4'.")
                             .arg(where, m_options.format, best().reason, last),
                         QStringLiteral("Use --format auto, or check the baud rate."));
        }
        const bool isText = textShare(m_opening.bytes()) >= kTextShare;
        return Error(ErrorKind::Board,
                     QStringLiteral("What %1 sends is no known format (nearest: %2, %3). Its last line: '%4'.")
                         .arg(where, best().format, best().reason, last),
                     isText
                         ? QStringLiteral("Name the format with --format, or let the firmware print a line of numbers "
                                          "for each reading.")
                         : QStringLiteral("Most of it is not text: check the baud rate, or name the format with "
                                          "--format."));
    }

    Transport& m_transport;
    const ProbeOptions& m_options;
    const bool m_isAuto;
    const std::function<void(const FormatReport&)>& m_onReport;
    formats::Opening m_opening;
    std::vector<ReadChunk> m_chunks;
    std::vector<formats::Guess> m_guesses;
    FrameDecoder m_frames;
    qint64 m_bytes = 0;
    bool m_isAgent = false;
    bool m_isChosen = false;
    bool m_isFull = false;
    qint64 m_begunNanos = 0;
    qint64 m_firstByteNanos = 0;
    qint64 m_lastByteNanos = 0;
    qint64 m_askedNanos = 0;
    int m_asked = 0;
    qint64 m_judgedNanos = 0;
};

} // namespace

Result<ProbeOutcome> probeFormat(Transport& transport, const ProbeOptions& options, const std::function<bool()>& tick,
                                 const std::function<void(const FormatReport&)>& onReport)
{
    Probe probe(transport, options, onReport);
    return probe.run(tick);
}

} // namespace ember::device
