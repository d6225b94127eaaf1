// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/at_link.h"

#include "core/device/steady_clock.h"
#include "core/formats/channel_names.h"
#include "core/formats/format.h"

#include <algorithm>
#include <cmath>

namespace ember::device {
namespace {

constexpr qint64 kNanosInMs = 1'000'000;
// Boards read commands without a queue; the makers' own tool sends so much at a time.
constexpr qsizetype kPieceBytes = 5;
constexpr qint64 kPieceNanos = 20 * kNanosInMs;
constexpr int kAnswerMs = 3000;
// Boards wait two seconds before they sample, and erase flash meanwhile.
constexpr int kBeforeSampleMs = 20'000;
constexpr int kReadMs = 5000; // without a byte
constexpr double kProbeSeconds = 1;
constexpr double kFreeSeconds = 5; // of a sample when nobody says how long
constexpr qint64 kPieceRows = 4096;
constexpr int kMostRefusals = 3;
constexpr qsizetype kPromptBytes = 64; // and some of what came before it

QString shown(const QString& name)
{
    return formats::printable(name.toUtf8(), formats::kMaxName);
}

QString unitOf(const QString& units)
{
    return units == QLatin1String("N/A") ? QString() : units;
}

double rateOf(const signal::Acquisition& sample)
{
    return sample.intervalMs > 0 ? 1000 / sample.intervalMs : 0;
}

} // namespace

AtLink::AtLink(const CaptureOptions& options, LinkHandlers handlers, QString reason,
               std::unique_ptr<Transport> transport)
    : CaptureLink(options)
    , m_handlers(std::move(handlers))
    , m_reason(reason.isEmpty() ? QStringLiteral("asked for by name") : std::move(reason))
    , m_transport(std::move(transport))
{}

void AtLink::drop()
{
    m_transport.reset();
    m_step = Step::Nothing;
    m_toSend.clear();
    m_answer.clear();
}

Status AtLink::tryOnce(bool patient)
{
    if (!m_transport || !m_transport->isOpen()) {
        drop();
        EMBER_TRY(m_transport, open(patient));
    }
    if (!m_transport->isInteractive())
        return Error(
            ErrorKind::Usage, QStringLiteral("%1 cannot be asked for samples.").arg(m_options.address),
            QStringLiteral("The format '%1' is for boards on a port.").arg(QLatin1String(formats::kEdgeImpulseAt)));
    if (m_step == Step::Nothing)
        ask(Step::Interrupt, QByteArrayLiteral("b"), kAnswerMs);
    EMBER_CHECK(advance(kLinkSliceMs));
    if (m_step == Step::Idle)
        return {};
    return Error(ErrorKind::Board,
                 QStringLiteral("%1 has not described its sensor to AT commands yet.").arg(m_options.address),
                 QStringLiteral("Check baud rate and cable; reset the board."));
}

// --- the conversation ---

void AtLink::ask(Step step, const QByteArray& command, int patienceMs)
{
    m_step = step;
    m_toSend = command + '\r';
    m_answer.clear();
    m_patienceMs = patienceMs;
    m_deadlineNanos = steadyNanos() + patienceMs * kNanosInMs;
}

Status AtLink::sendPaced()
{
    const qint64 now = steadyNanos();
    if (m_toSend.isEmpty() || now - m_sentNanos < kPieceNanos)
        return {};
    m_sentNanos = now;
    const QByteArray piece = m_toSend.left(kPieceBytes);
    m_toSend.remove(0, piece.size());
    m_deadlineNanos = now + m_patienceMs * kNanosInMs;
    return m_transport->write(piece);
}

/// Reads and answers for that long, or until the board waits for a command that nobody has yet.
Status AtLink::advance(int timeoutMs)
{
    const qint64 end = steadyNanos() + timeoutMs * kNanosInMs;
    while (m_step != Step::Idle) {
        EMBER_CHECK(sendPaced());
        const auto left = static_cast<int>(std::max<qint64>(0, (end - steadyNanos()) / kNanosInMs));
        auto bytes = m_transport->read(m_toSend.isEmpty() ? left : std::min(left, 10));
        if (!bytes) {
            m_transport->close();
            return bytes.error();
        }
        if (!bytes->isEmpty())
            EMBER_CHECK(onBytes(*bytes));
        EMBER_CHECK(checkDeadline());
        if (left == 0)
            break;
    }
    return {};
}

Status AtLink::onBytes(const QByteArray& bytes)
{
    const qint64 now = m_transport->arrivalNanos();
    m_bytes += bytes.size();
    m_handlers.onBytes(bytes, now);
    m_answer += bytes;
    if (m_step == Step::Sample && m_sampleNanos == 0 && m_answer.contains("Sampling..."))
        m_sampleNanos = now;
    if (m_step == Step::Read)
        m_deadlineNanos = steadyNanos() + kReadMs * kNanosInMs;
    // Of what a board was saying when it was interrupted only the prompt at its end counts.
    if (m_step == Step::Interrupt && m_answer.size() > formats::kMaxAtReply)
        m_answer = m_answer.right(kPromptBytes);
    if (m_answer.size() > (m_step == Step::Read ? formats::kMaxAtAnswer : formats::kMaxAtReply)) {
        m_answer.clear();
        m_step = Step::Nothing; // from the beginning
        return Error(ErrorKind::Board, QStringLiteral("The board's answer does not end."),
                     QStringLiteral("Check the baud rate; reset the board."));
    }
    // What comes before the whole command was sent answers something else.
    if (!m_toSend.isEmpty() || !formats::endsWithPrompt(m_answer))
        return {};
    const Status understood = onAnswer(std::exchange(m_answer, {}));
    if (understood || (m_step != Step::Settings && m_step != Step::Sample && m_step != Step::Read))
        return understood;
    // A sample that fails once may work when it is taken again; the time is lost.
    ++m_damaged;
    if (++m_refusedInARow >= kMostRefusals && m_running)
        m_handlers.onFailure(understood.error());
    m_step = m_running ? Step::Idle : Step::Nothing;
    if (!m_running || understood.error().kind == ErrorKind::Unsupported)
        return understood;
    return {};
}

Status AtLink::checkDeadline()
{
    if (m_step == Step::Idle || steadyNanos() < m_deadlineNanos)
        return {};
    const bool asked = m_step == Step::Interrupt;
    m_step = Step::Nothing; // from the beginning
    return Error(ErrorKind::Board,
                 asked ? QStringLiteral("%1 shows no prompt for AT commands.").arg(m_options.address)
                       : QStringLiteral("%1 does not answer an AT command any more.").arg(m_options.address),
                 QStringLiteral("Check baud rate and cable; reset the board."));
}

Status AtLink::onAnswer(const QByteArray& answer)
{
    switch (m_step) {
    case Step::Interrupt:
        ask(Step::Configure, QByteArrayLiteral("AT+CONFIG?"), kAnswerMs);
        return {};
    case Step::Configure: {
        EMBER_TRY(const formats::AtConfig config, formats::parseAtConfig(answer));
        EMBER_CHECK(chooseSensor(config));
        if (m_board.streams.empty())
            beginSample(kProbeSeconds);
        else
            m_step = Step::Idle;
        return {};
    }
    case Step::Settings:
        EMBER_CHECK(formats::checkAtAnswer(answer));
        m_sampleNanos = 0;
        ask(Step::Sample, "AT+SAMPLESTART=" + m_sensor.name.toUtf8(),
            static_cast<int>(3000 * m_sampleSeconds) + kBeforeSampleMs);
        return {};
    case Step::Sample: {
        EMBER_TRY(const formats::AtSample taken, formats::parseAtSample(answer));
        QByteArray command = taken.file.isEmpty() ? "AT+READBUFFER=" + QByteArray::number(taken.from) + ',' +
                                                        QByteArray::number(taken.to)
                                                  : "AT+READFILE=" + taken.file.toUtf8();
        if (m_namesBaudRate)
            command += ",n"; // stay at this one
        ask(Step::Read, command, kReadMs);
        return {};
    }
    case Step::Read: {
        EMBER_TRY(const QByteArray file, formats::decodeAtFile(answer));
        EMBER_TRY(const signal::Acquisition sample, signal::parseAcquisition(file));
        return onSample(sample);
    }
    case Step::Nothing:
    case Step::Idle:
        break;
    }
    return {};
}

Status AtLink::chooseSensor(const formats::AtConfig& config)
{
    const bool named = !m_options.streams.isEmpty() && m_options.streams.front() != QLatin1String(kAllStreams);
    const QString wanted = named ? m_options.streams.front() : config.sensors.front().name;
    const auto found = std::find_if(config.sensors.begin(), config.sensors.end(),
                                    [&wanted](const formats::AtSensor& sensor) { return sensor.name == wanted; });
    if (found == config.sensors.end() || m_options.streams.size() > 1) {
        QStringList names;
        for (const formats::AtSensor& sensor : config.sensors)
            names << sensor.name;
        return Error::wrongBoard(
            QStringLiteral("The board has no sensor '%1'.").arg(m_options.streams.join(QLatin1Char(','))),
            QStringLiteral("It takes samples of one at a time: %1.").arg(names.join(QStringLiteral(", "))));
    }
    m_sensor = *found;
    m_namesBaudRate = config.namesBaudRate();
    m_askedRateHz = *std::max_element(m_sensor.ratesHz.begin(), m_sensor.ratesHz.end());
    if (m_options.rateHz > 0)
        m_askedRateHz = *std::min_element(m_sensor.ratesHz.begin(), m_sensor.ratesHz.end(), [this](double a, double b) {
            return std::abs(a - m_options.rateHz) < std::abs(b - m_options.rateHz);
        });
    m_board.board = config.type.isEmpty() ? QString::fromLatin1(formats::kEdgeImpulseAt) : config.type;
    m_board.firmware = QStringLiteral("Edge Impulse, AT %1.%2").arg(config.major).arg(config.minor);
    m_board.format = QString::fromLatin1(formats::kEdgeImpulseAt);
    m_board.formatReason = m_reason;
    return {};
}

void AtLink::beginSample(double seconds)
{
    m_sampleSeconds = std::min(seconds, m_sensor.maxSeconds);
    const double intervalMs = 1000 / m_askedRateHz;
    const auto lengthMs = static_cast<qint64>(std::ceil(m_sampleSeconds * 1000));
    ask(Step::Settings,
        "AT+SAMPLESETTINGS=emberlab," + QByteArray::number(intervalMs, 'f', 5) + ',' + QByteArray::number(lengthMs),
        kAnswerMs);
}

/// The whole take at once where the board can: then nothing is missing in it.
double AtLink::nextSeconds() const
{
    const double row = 1 / m_askedRateHz;
    return m_options.take.maxSeconds > 0 ? m_options.take.maxSeconds + 2 * row : kFreeSeconds;
}

// --- samples ---

Status AtLink::onSample(const signal::Acquisition& sample)
{
    m_step = Step::Idle;
    m_refusedInARow = 0;
    ++m_samples;
    if (m_board.streams.empty())
        return describe(sample);
    const signal::StreamSpec& spec = m_board.streams.front().spec;
    const bool same = sample.sensors.size() == spec.channels.size() &&
                      std::abs(rateOf(sample) - spec.rateHz) <= 1e-3 * std::max(1.0, spec.rateHz);
    if (!same)
        return Error::wrongBoard(QStringLiteral("The board's samples are not what they were at first."),
                                 QStringLiteral("What was recorded is kept; start a new recording."));
    if (m_running)
        giveRows(sample);
    return {};
}

Status AtLink::describe(const signal::Acquisition& sample)
{
    if (!(rateOf(sample) >= formats::kMinAtRateHz && rateOf(sample) <= formats::kMaxAtRateHz))
        return Error(ErrorKind::BadData,
                     QStringLiteral("The board's sample has a row every %1 ms, which is no rate for a sensor.")
                         .arg(sample.intervalMs),
                     QStringLiteral("Reset the board, or flash its firmware again."));
    signal::StreamSpec spec;
    spec.name = m_sensor.name;
    spec.type = signal::SampleType::Float32;
    spec.rateHz = rateOf(sample);
    for (const signal::Acquisition::Sensor& channel : sample.sensors)
        spec.channels.push_back({shown(channel.name), unitOf(shown(channel.units))});
    if (const Status applied = formats::apply(m_options.channels, spec); !applied)
        m_handlers.onFailure(applied.error());
    m_board.streams.push_back({0, spec});
    return {};
}

void AtLink::giveRows(const signal::Acquisition& sample)
{
    const signal::StreamSpec& spec = m_board.streams.front().spec;
    const double rate = spec.rateHz;
    // Without the word that sampling began it is the end that is known.
    const auto rows = static_cast<qint64>(sample.rows());
    const double lengthNanos = rate > 0 ? static_cast<double>(rows) * 1e9 / rate : 0;
    const qint64 began = m_sampleNanos > 0 ? m_sampleNanos : steadyNanos() - static_cast<qint64>(lengthNanos);
    if (m_firstNanos == 0)
        m_firstNanos = began;
    const qint64 expected = std::llround(static_cast<double>(began - m_firstNanos) * 1e-9 * rate);
    m_missed += std::max<qint64>(0, expected - m_nextRow);
    m_nextRow = std::max(m_nextRow, expected);
    const auto rowBytes = static_cast<qsizetype>(spec.bytesPerRow());
    const char* const bytes = reinterpret_cast<const char*>(sample.values.data());
    for (qint64 row = 0; row < rows; row += kPieceRows) {
        signal::SampleBlock block;
        block.firstRow = m_nextRow;
        block.rowCount = std::min(kPieceRows, rows - row);
        block.rows = QByteArray(bytes + row * rowBytes, block.rowCount * rowBytes);
        const auto at = [rate](qint64 count) { return rate > 0 ? static_cast<double>(count) / rate : 0.0; };
        block.deviceMicros = std::llround(at(m_nextRow) * 1e6);
        block.hostNanos = began + std::llround(at(row + block.rowCount) * 1e9);
        m_nextRow += block.rowCount;
        m_rows += block.rowCount;
        m_handlers.onBlock(0, block);
    }
}

// --- what a capture asks of it ---

Status AtLink::start()
{
    m_running = true;
    return {};
}

Status AtLink::poll(int timeoutMs)
{
    if (m_step == Step::Idle)
        beginSample(nextSeconds());
    else if (m_step == Step::Nothing)
        ask(Step::Interrupt, QByteArrayLiteral("b"), kAnswerMs);
    return advance(timeoutMs);
}

Status AtLink::resume(const Tick&)
{
    return {}; // tryOnce() has found the sensor again, and its samples are compared with what they were
}

void AtLink::finish(bool)
{
    if (m_transport && m_transport->isOpen() && m_step != Step::Idle)
        static_cast<void>(m_transport->write(QByteArrayLiteral("b\r"))); // nobody waits for that sample any more
}

void AtLink::addTo(signal::Ledger& ledger, size_t) const
{
    ledger.bytes = m_bytes;
    ledger.frames = m_samples;
    ledger.crcErrors = m_damaged;
    ledger.linkGaps = m_missed;
    ledger.seesLoss = false; // within a sample
    ledger.measuredRateHz = m_board.streams.empty() ? 0 : m_board.streams.front().spec.rateHz;
}

} // namespace ember::device
