// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/format_link.h"

#include "core/device/format_probe.h"
#include "core/device/steady_clock.h"

#include <algorithm>
#include <cmath>

namespace ember::device {
namespace {

constexpr size_t kArrivalsKept = 256;
constexpr qint64 kMeasureNanos = 200'000'000;
// A stream in which every line is text must not flood who shows them; all are counted.
constexpr int kTextsPerSecond = 50;
constexpr qint64 kSecond = 1'000'000'000;
constexpr int kResumeProbeMs = 3000;
// Rows cannot come before they exist: a board whose time is so far ahead of ours has set its clock.
constexpr qint64 kMostLeadNanos = 2 * kSecond;

} // namespace

Result<std::unique_ptr<FormatLink>> FormatLink::create(const CaptureOptions& options, LinkHandlers handlers,
                                                       formats::Guess guess, std::unique_ptr<Transport> transport)
{
    EMBER_CHECK(formats::apply(options.channels, guess.spec));
    if (options.rateHz > 0)
        guess.spec.rateHz = options.rateHz;
    return std::unique_ptr<FormatLink>(
        new FormatLink(options, std::move(handlers), std::move(guess), std::move(transport)));
}

FormatLink::FormatLink(const CaptureOptions& options, LinkHandlers handlers, formats::Guess guess,
                       std::unique_ptr<Transport> transport)
    : CaptureLink(options)
    , m_handlers(std::move(handlers))
    , m_guess(std::move(guess))
    , m_transport(std::move(transport))
    , m_decoder(m_guess.makeDecoder())
    , m_clock(m_guess.hasTime ? options.timeScale : 1.0)
{
    m_board.board = m_guess.format;
    m_board.format = m_guess.format;
    m_board.formatReason = m_guess.reason;
    if (const auto format = formats::findFormat(m_guess.format))
        m_board.firmware = (*format)->title();
    m_board.streams.push_back({0, m_guess.spec});
}

void FormatLink::drop()
{
    m_transport.reset();
    m_decoder->restart();
}

Status FormatLink::tryOnce(bool patient)
{
    if (!m_transport || !m_transport->isOpen()) {
        m_transport.reset();
        EMBER_TRY(m_transport, open(patient));
    }
    if (m_lastNanos == 0)
        return {};
    // A port can be opened without anybody behind it; the board is back when it is heard.
    auto bytes = m_transport->read(kLinkSliceMs);
    if (!bytes) {
        drop();
        return bytes.error();
    }
    if (bytes->isEmpty()) {
        return Error(ErrorKind::Board,
                     QStringLiteral("%1 is open again, but nothing comes from it.").arg(m_options.address),
                     QStringLiteral("Check the board's power; reset it."));
    }
    std::vector<ReadChunk> heard;
    heard.push_back({std::move(*bytes), m_transport->arrivalNanos()});
    m_transport = giveBack(std::move(m_transport), std::move(heard));
    return {};
}

Status FormatLink::start()
{
    if (m_guess.startRequest.isEmpty() || !m_transport->isInteractive())
        return {};
    return m_transport->write(m_guess.startRequest);
}

Status FormatLink::resume(const Tick& tick)
{
    m_resumed = true;
    if (m_guess.startRequest.isEmpty())
        return {};
    // It has to describe itself again, or nobody knows where its rows begin.
    EMBER_TRY(ProbeOutcome outcome, probeFormat(*m_transport, {m_guess.format, kResumeProbeMs}, tick, {}));
    const bool same = outcome.guess.spec.channels.size() == m_guess.spec.channels.size() &&
                      outcome.guess.spec.type == m_guess.spec.type;
    if (!same) {
        return Error::wrongBoard(QStringLiteral("Another board answers on %1 than before.").arg(m_options.address),
                                 QStringLiteral("What was recorded is kept; start a new recording for this board."));
    }
    m_transport = giveBack(std::move(m_transport), std::move(outcome.chunks));
    return start();
}

Status FormatLink::poll(int timeoutMs)
{
    auto bytes = m_transport->read(timeoutMs);
    if (!bytes) {
        m_transport->close();
        return bytes.error();
    }
    if (bytes->isEmpty())
        return {};
    m_hostNanos = m_transport->arrivalNanos();
    m_handlers.onBytes(*bytes, m_hostNanos);
    m_decoder->feed(*bytes, *this);
    return {};
}

void FormatLink::finish(bool)
{
    if (!m_guess.stopRequest.isEmpty() && m_transport && m_transport->isOpen() && m_transport->isInteractive())
        static_cast<void>(m_transport->write(m_guess.stopRequest)); // nothing more is wanted of it
}

// How many rows were sent while the link was down cannot be known; the time that passed says it best.
void FormatLink::countMissed(qint64 rowCount)
{
    m_resumed = false;
    if (m_lastNanos == 0)
        return;
    const double seconds = static_cast<double>(m_hostNanos - m_lastNanos) * 1e-9;
    const double rate = m_guess.spec.rateHz;
    const qint64 missed = std::max<qint64>(0, std::llround(seconds * rate) - rowCount);
    m_missed += missed;
    if (m_guess.hasTime)
        m_missedMicros += static_cast<qint64>(std::max(0.0, seconds) * 1e6);
}

// A board that sets its clock ahead has lost no rows; the computer's clock tells that no time has passed. Only of a
// live link: a file has no time of its own.
void FormatLink::settleClock(signal::SampleBlock& block)
{
    const bool comparable = m_guess.hasTime && m_lastNanos != 0 && m_transport->isLive();
    const qint64 lead = comparable ? m_clock.hostNanosAt(block.deviceMicros) - m_hostNanos : 0;
    if (lead <= kMostLeadNanos)
        return;
    ++m_clockJumps;
    // How late this block was itself is not known, so rows and time go on without a break.
    const qint64 jump = std::max<qint64>(0, block.firstRow - m_endRow);
    block.firstRow -= jump;
    m_missed -= jump;
    const double rate = m_guess.spec.rateHz;
    const qint64 due = rate > 0 ? std::llround(static_cast<double>(block.firstRow - m_lastRow) * 1e6 / rate) : 0;
    const qint64 ahead = block.deviceMicros - (m_lastMicros + due);
    block.deviceMicros -= ahead;
    m_missedMicros -= ahead;
}

// The board's time where it tells, else rows at the nominal rate; without either the host's.
qint64 FormatLink::microsOf(const formats::Rows& rows) const
{
    if (rows.deviceMicros)
        return *rows.deviceMicros + m_missedMicros;
    if (m_guess.spec.rateHz > 0)
        return std::llround(static_cast<double>(rows.firstRow + m_missed) * 1e6 / m_guess.spec.rateHz);
    return (m_hostNanos - m_firstNanos) / 1000;
}

void FormatLink::onRows(formats::Rows rows)
{
    if (m_resumed)
        countMissed(rows.rowCount);
    if (m_firstNanos == 0)
        m_firstNanos = m_hostNanos;
    signal::SampleBlock block;
    block.deviceMicros = std::max(m_lastMicros, microsOf(rows));
    block.firstRow = rows.firstRow + m_missed;
    block.rowCount = rows.rowCount;
    block.rows = std::move(rows.bytes);
    block.hostNanos = m_hostNanos;
    block.droppedOnDevice = m_decoder->counts().deviceDrops;
    settleClock(block);
    m_endRow = block.endRow();
    m_lastNanos = m_hostNanos;

    m_clock.add(block, m_guess.spec.rateHz);
    const double length =
        m_guess.spec.rateHz > 0 ? static_cast<double>(block.rowCount - 1) * 1e6 / m_guess.spec.rateHz : 0;
    m_arrivals.push_back({block.deviceMicros + static_cast<qint64>(length), block.hostNanos});
    if (m_arrivals.size() > kArrivalsKept)
        m_arrivals.pop_front();
    if (m_firstRow < 0) {
        m_firstRow = block.firstRow;
        m_firstMicros = block.deviceMicros;
    }
    m_lastRow = block.firstRow;
    m_lastMicros = block.deviceMicros;
    m_handlers.onBlock(0, block);
}

void FormatLink::onText(const formats::TextLine& line)
{
    if (m_hostNanos / kSecond != m_textSecond) {
        m_textSecond = m_hostNanos / kSecond;
        m_textsInSecond = 0;
    }
    if (++m_textsInSecond <= kTextsPerSecond)
        m_handlers.onText(line);
}

void FormatLink::measure() const
{
    if (m_hostNanos - m_measuredNanos < kMeasureNanos && m_measuredNanos != 0)
        return;
    m_measuredNanos = m_hostNanos;
    const double seconds = static_cast<double>(m_lastMicros - m_firstMicros) * 1e-6;
    if (seconds <= 0)
        return;
    if (m_guess.hasTime || !(m_guess.spec.rateHz > 0))
        m_rateHz = static_cast<double>(m_lastRow - m_firstRow) / seconds;
    else
        m_rateHz = m_guess.spec.rateHz * m_clock.scale();
    // The scatter of the arrivals around the fitted clock.
    double mean = 0;
    double square = 0;
    const auto count = static_cast<double>(m_arrivals.size());
    const double nanosPerMicro = 1000 / m_clock.scale();
    const Arrival& origin = m_arrivals.front();
    for (const Arrival& arrival : m_arrivals) {
        const double late = static_cast<double>(arrival.hostNanos - origin.hostNanos) -
                            static_cast<double>(arrival.deviceMicros - origin.deviceMicros) * nanosPerMicro;
        mean += late / count;
        square += late * late / count;
    }
    m_jitterMs = std::sqrt(std::max(0.0, square - mean * mean)) * 1e-6;
}

void FormatLink::addTo(signal::Ledger& ledger, size_t) const
{
    const formats::Counts& counts = m_decoder->counts();
    measure();
    ledger.bytes = counts.bytes;
    ledger.frames = counts.units;
    ledger.crcErrors = counts.checksumErrors;
    ledger.deviceDrops = counts.deviceDrops;
    ledger.linkGaps = counts.linkGaps + m_missed;
    ledger.seesLoss = m_decoder->seesLoss();
    ledger.badLines = counts.badUnits;
    ledger.textLines = counts.textLines;
    ledger.skippedBytes = counts.skippedBytes;
    ledger.heldValues = counts.heldValues;
    ledger.restarts = counts.restarts + m_clockJumps;
    ledger.measuredRateHz = m_rateHz;
    ledger.jitterMs = m_jitterMs;
}

} // namespace ember::device
