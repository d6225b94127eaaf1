// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/edge_impulse_at.h"

#include "core/formats/channel_names.h"
#include "core/formats/format.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace ember::formats {
namespace {

constexpr std::size_t kMostSensors = 64;
constexpr qsizetype kMostRates = 32;
constexpr double kLongestSample = 24 * 3600;
constexpr qsizetype kSurveyed = 16 * 1024;

/// The lines of an answer one after the other, without their ends and without blanks around them; empty ones are left
/// out. Views into the answer: a board may send nothing but line ends.
class Lines
{
public:
    explicit Lines(QByteArrayView answer)
        : m_rest(answer)
    {}

    bool next(QByteArrayView& line)
    {
        const auto begin = std::find_if_not(m_rest.begin(), m_rest.end(), isSpace);
        m_rest = m_rest.sliced(begin - m_rest.begin());
        if (m_rest.isEmpty())
            return false;
        const qsizetype stop = m_rest.indexOf('\n');
        line = (stop < 0 ? m_rest : m_rest.first(stop)).trimmed();
        m_rest = stop < 0 ? QByteArrayView() : m_rest.sliced(stop + 1);
        return true;
    }

private:
    static bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

    QByteArrayView m_rest;
};

bool isRefusal(QByteArrayView line)
{
    return line.startsWith("ERR") || line.startsWith("Not a valid AT command") || line.startsWith("Failed") ||
           line.startsWith("Missing argument");
}

Error refused(QByteArrayView line)
{
    return Error(ErrorKind::Board, QStringLiteral("The board says '%1'.").arg(printable(line)),
                 QStringLiteral("Reset the board and try again; its sensor may be missing or busy."));
}

/// "Name: Built-in accelerometer, Max sample length: 300s, Frequencies: [62.50Hz, 100.00Hz]".
std::optional<AtSensor> sensorOf(QByteArrayView line)
{
    static const QRegularExpression pattern(
        QStringLiteral("^Name:\\s*([^,]{1,64}),\\s*Max sample "
                       "length:\\s*([0-9.]{1,12})\\s*s\\s*,\\s*Frequencies:\\s*\\[([^\\]]*)\\]"));
    const auto match = pattern.match(QString::fromUtf8(line));
    if (!match.hasMatch())
        return {};
    AtSensor sensor{printable(match.captured(1).trimmed().toUtf8()), match.captured(2).toDouble(), {}};
    const QStringList rates = match.captured(3).split(QLatin1Char(','), Qt::SkipEmptyParts).mid(0, kMostRates);
    for (QString rate : rates) {
        const double hertz = rate.remove(QStringLiteral("Hz")).trimmed().toDouble();
        if (hertz >= kMinAtRateHz && hertz <= kMaxAtRateHz)
            sensor.ratesHz.push_back(hertz);
    }
    if (sensor.ratesHz.empty() || !(sensor.maxSeconds > 0 && sensor.maxSeconds <= kLongestSample))
        return {};
    return sensor;
}

/// Old firmware names its two sensors alone.
std::optional<AtSensor> oldSensorOf(QByteArrayView line)
{
    if (line == "Built-in accelerometer")
        return AtSensor{QString::fromLatin1(line), 300, {62.5, 100}};
    if (line == "Built-in microphone")
        return AtSensor{QString::fromLatin1(line), 60, {16'000}};
    return {};
}

void readInfo(QByteArrayView line, AtConfig& config)
{
    const qsizetype colon = line.indexOf(':');
    if (colon < 0)
        return;
    const QByteArray key = line.first(colon).toByteArray().toLower();
    const QString value = printable(line.sliced(colon + 1).trimmed(), kMaxName);
    if (key == "id")
        config.id = value;
    else if (key == "type")
        config.type = value;
    else if (key == "at version") {
        const QStringList parts = value.split(QLatin1Char('.'));
        config.major = parts.value(0).toInt();
        config.minor = parts.value(1).toInt();
    }
}

bool isBase64(QByteArrayView line)
{
    return !line.isEmpty() && std::all_of(line.begin(), line.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
               c == '=';
    });
}

/// Boards that wait for commands: they are asked for a sample, and give it when it is taken.
class EdgeImpulseAtFormat final : public Format
{
public:
    QString name() const override { return QString::fromLatin1(kEdgeImpulseAt); }
    QString title() const override { return QStringLiteral("Edge Impulse firmware (AT commands)"); }
    QByteArray prompt() const override { return QByteArrayLiteral("b\r"); }
    bool mayPromptUnknown() const override { return true; }

    Guess survey(const Opening& opening) const override
    {
        Guess guess;
        guess.format = name();
        guess.reason = QStringLiteral("no AT commands are offered, and there is no prompt");
        const QByteArray text = opening.bytes().right(kSurveyed);
        for (const char* sign : {"AT+HELP", "Not a valid AT command", "AT+SAMPLESTART", "= Device info ="}) {
            if (!text.contains(sign))
                continue;
            guess.score = 0.98;
            guess.reason = QStringLiteral("the board talks of AT commands: '%1'").arg(QLatin1String(sign));
        }
        if (guess.score <= 0 && endsWithPrompt(text)) {
            guess.score = 0.55;
            guess.reason = QStringLiteral("the board waits behind the prompt '> '");
        }
        guess.isConversation = guess.score > 0;
        guess.settled = guess.isConversation;
        return guess;
    }
};

} // namespace

bool endsWithPrompt(QByteArrayView answer)
{
    if (!answer.endsWith("> "))
        return false;
    const qsizetype before = answer.size() - 3;
    return before < 0 || answer[before] == '\n' || answer[before] == '\r';
}

Status checkAtAnswer(QByteArrayView answer)
{
    Lines lines(answer);
    for (QByteArrayView line; lines.next(line);) {
        if (isRefusal(line))
            return refused(line);
    }
    return {};
}

Result<AtConfig> parseAtConfig(QByteArrayView answer)
{
    EMBER_CHECK(checkAtAnswer(answer));
    AtConfig config;
    QByteArrayView section;
    Lines lines(answer);
    for (QByteArrayView line; lines.next(line);) {
        if (line.startsWith("==")) {
            section = line;
            continue;
        }
        if (section.contains("Device info"))
            readInfo(line, config);
        if (!section.contains("Sensors") || config.sensors.size() >= kMostSensors)
            continue;
        if (const auto sensor = sensorOf(line))
            config.sensors.push_back(*sensor);
        else if (const auto old = oldSensorOf(line))
            config.sensors.push_back(*old);
    }
    if (config.sensors.empty())
        return Error(ErrorKind::BadData, QStringLiteral("The board's answer to AT+CONFIG? names no sensor."),
                     QStringLiteral("Flash firmware that takes samples of a sensor."));
    return config;
}

Result<AtSample> parseAtSample(QByteArrayView answer)
{
    EMBER_CHECK(checkAtAnswer(answer));
    static const QRegularExpression buffer(QStringLiteral("Used buffer, from=(\\d{1,12}), to=(\\d{1,12})"));
    AtSample sample;
    bool kept = false;
    Lines lines(answer);
    for (QByteArrayView line; lines.next(line);) {
        if (line.startsWith("File name:"))
            sample.file = printable(line.sliced(10).trimmed());
        if (!line.contains("Not uploading file"))
            continue;
        kept = true;
        const auto match = buffer.match(QString::fromLatin1(line));
        if (!match.hasMatch())
            continue;
        sample = {{}, match.captured(1).toLongLong(), match.captured(2).toLongLong()};
        if (sample.to <= sample.from || sample.to - sample.from > kMaxAtSampleBytes)
            return Error(ErrorKind::BadData, QStringLiteral("The board says that a sample lies from byte %1 to %2.")
                                                 .arg(sample.from)
                                                 .arg(sample.to));
        return sample;
    }
    if (!kept)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("The board did not keep its sample; it may have uploaded it."),
                     QStringLiteral("Take it off its Wi-Fi, so that samples come over the port."));
    // The name goes into a command.
    if (sample.file.isEmpty() || sample.file.contains(QLatin1Char(',')))
        return Error(ErrorKind::BadData, QStringLiteral("The board does not say where its sample is."));
    return sample;
}

Result<QByteArray> decodeAtFile(QByteArrayView answer)
{
    EMBER_CHECK(checkAtAnswer(answer));
    QByteArray text;
    Lines lines(answer);
    for (QByteArrayView line; lines.next(line);) {
        // A board repeats the command, which may look like base64 too.
        if (line != "OK" && !line.startsWith("AT+") && isBase64(line))
            text += line;
    }
    const auto decoded = QByteArray::fromBase64Encoding(text, QByteArray::AbortOnBase64DecodingErrors);
    // Qt takes a text without its end, which is what a cut one looks like.
    if (text.isEmpty() || text.size() % 4 != 0 || !decoded)
        return Error(ErrorKind::BadData, QStringLiteral("What the board gave back is no whole base64 text."),
                     QStringLiteral("Check cable and baud rate."));
    return *decoded;
}

std::unique_ptr<Format> makeEdgeImpulseAtFormat()
{
    return std::make_unique<EdgeImpulseAtFormat>();
}

} // namespace ember::formats
