// SPDX-License-Identifier: GPL-3.0-or-later
// Nordic's Data Forwarder (github.com/nrfconnect/sdk-edge-ai, samples/data_forwarder): COBS frames of u16 length, a
// CBOR map and, where it is configured, a CRC-16. One frame for each row, and one about the session every few seconds.
#include "core/formats/nordic_format.h"

#include "core/formats/channel_names.h"

#include <QCborStreamReader>
#include <QtEndian>

#include <algorithm>
#include <cmath>

namespace ember::formats {
namespace {

constexpr int kMaxChannels = 255; // "ch" is one byte
constexpr qsizetype kMaxFrame = 8 * 1024;
constexpr qsizetype kMaxText = 256;
constexpr qint64 kMaxJump = 100'000; // beyond it is another count and no loss
constexpr float kMicro = 1e-6F;

std::optional<quint32> readUint(QCborStreamReader& reader)
{
    if (!reader.isUnsignedInteger() || reader.toUnsignedInteger() > 0xFFFF'FFFFU)
        return {};
    const auto value = static_cast<quint32>(reader.toUnsignedInteger());
    if (!reader.next())
        return {};
    return value;
}

std::optional<QString> readText(QCborStreamReader& reader)
{
    if (!reader.isString() || !reader.isLengthKnown() || reader.length() > static_cast<quint64>(kMaxText))
        return {};
    QString text;
    auto piece = reader.readString();
    while (piece.status == QCborStreamReader::Ok) {
        text += piece.data;
        piece = reader.readString();
    }
    if (piece.status != QCborStreamReader::EndOfString)
        return {};
    return text;
}

std::optional<float> readValue(QCborStreamReader& reader)
{
    float value = 0;
    if (reader.isFloat())
        value = reader.toFloat();
    else if (reader.isDouble())
        value = static_cast<float>(reader.toDouble());
    else if (reader.isFloat16())
        value = static_cast<float>(reader.toFloat16());
    else if (reader.isUnsignedInteger())
        value = static_cast<float>(reader.toUnsignedInteger()) * kMicro;
    else if (reader.isNegativeInteger())
        value = static_cast<float>(reader.toInteger()) * kMicro;
    else
        return {};
    if (!reader.next())
        return {};
    return value;
}

// Calls onItem for each element until it refuses.
template <typename OnItem>
bool readArray(QCborStreamReader& reader, OnItem onItem)
{
    if (!reader.isArray() || !reader.enterContainer())
        return false;
    int count = 0;
    while (reader.hasNext()) {
        if (++count > kMaxChannels || !onItem())
            return false;
    }
    return reader.leaveContainer();
}

template <typename T, typename Value>
bool put(T& to, const std::optional<Value>& value)
{
    if (value)
        to = static_cast<T>(*value);
    return value.has_value();
}

// The map in "d", whichever it is: the envelope may name its type behind it.
struct Body
{
    NordicSession session;
    NordicSample sample;
    bool hasSession = false;
    bool hasSample = false;

    bool read(QCborStreamReader& reader, const QString& key)
    {
        if (key == QLatin1String("sid"))
            return hasSession = put(session.id, readUint(reader));
        if (key == QLatin1String("hz"))
            return put(session.rateHz, readUint(reader));
        if (key == QLatin1String("dr"))
            return put(session.dropped, readUint(reader));
        if (key == QLatin1String("name"))
            return put(session.device, readText(reader));
        if (key == QLatin1String("ch_n"))
            return readArray(reader, [&] {
                const auto text = readText(reader);
                session.names << text.value_or(QString());
                return text.has_value();
            });
        if (key == QLatin1String("seq"))
            return put(sample.number, readUint(reader));
        if (key == QLatin1String("ts"))
            return put(sample.millis, readUint(reader));
        if (key == QLatin1String("val"))
            return hasSample = readArray(reader, [&] {
                       const auto value = readValue(reader);
                       sample.values.push_back(value.value_or(0));
                       return value.has_value();
                   });
        return reader.next(1); // "ch", "st", what later versions add
    }
};

template <typename OnKey>
bool readMap(QCborStreamReader& reader, OnKey onKey)
{
    if (!reader.isMap() || !reader.enterContainer())
        return false;
    while (reader.hasNext()) {
        const auto key = readText(reader);
        if (!key || !onKey(*key))
            return false;
    }
    return reader.leaveContainer();
}

std::optional<NordicMessage> parseMessage(QByteArrayView cbor)
{
    QCborStreamReader reader(cbor.data(), cbor.size());
    QString type;
    Body body;
    const bool whole = readMap(reader, [&](const QString& key) {
        if (key == QLatin1String("t"))
            return put(type, readText(reader));
        if (key == QLatin1String("d"))
            return readMap(reader, [&](const QString& inner) { return body.read(reader, inner); });
        return reader.next(1);
    });
    // Bytes behind the message are a damaged length.
    if (!whole || reader.currentOffset() != cbor.size())
        return {};
    if (type == QLatin1String("si") && body.hasSession && !body.session.names.isEmpty())
        return NordicMessage(body.session);
    if (type == QLatin1String("sd") && body.hasSample && !body.sample.values.empty())
        return NordicMessage(body.sample);
    return {};
}

signal::StreamSpec specOf(const NordicSession& session)
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("sensor");
    spec.type = signal::SampleType::Float32;
    spec.rateHz = session.rateHz;
    spec.channels = channelsFromNames(session.names);
    return spec;
}

// Finds frames and hands their content on; shared by survey and decoder.
class FrameCutter
{
public:
    template <typename OnFrame>
    void feed(QByteArrayView bytes, OnFrame onFrame)
    {
        while (!bytes.isEmpty()) {
            const qsizetype stop = bytes.indexOf('\0');
            const QByteArrayView piece = stop < 0 ? bytes : bytes.first(stop);
            m_bytes += piece.size();
            if (m_frame.size() + piece.size() <= kMaxFrame)
                m_frame.append(piece.data(), piece.size());
            else
                m_frame.resize(kMaxFrame + 1); // too long to be one; the rest of it is not kept
            if (stop < 0)
                return;
            bytes = bytes.sliced(stop + 1);
            if (m_bytes > 0)
                onFrame(decode(), m_bytes, m_isFirst);
            clear();
            m_isFirst = false;
        }
    }

    void restart()
    {
        clear();
        m_isFirst = true;
    }

private:
    void clear()
    {
        m_frame.clear();
        m_bytes = 0;
    }

    // Empty for what is no COBS frame.
    QByteArray decode() const
    {
        if (m_frame.size() > kMaxFrame)
            return {};
        QByteArray out;
        out.reserve(m_frame.size());
        for (qsizetype at = 0; at < m_frame.size();) {
            const auto code = static_cast<quint8>(m_frame[at]);
            if (at + code > m_frame.size())
                return {};
            out.append(m_frame.constData() + at + 1, code - 1);
            at += code;
            if (code < 0xFF && at < m_frame.size())
                out.append('\0');
        }
        return out;
    }

    QByteArray m_frame;
    qint64 m_bytes = 0;
    bool m_isFirst = true;
};

class NordicDecoder final : public Decoder
{
public:
    explicit NordicDecoder(NordicSession session)
        : m_session(std::move(session))
    {}

    void feed(QByteArrayView bytes, Sink& sink) override
    {
        m_counts.bytes += bytes.size();
        m_cutter.feed(bytes, [this, &sink](const QByteArray& frame, qint64 size, bool first) {
            takeFrame(frame, size, first, sink);
        });
        flush(sink);
    }

    void restart() override
    {
        m_cutter.restart();
        m_next.reset();
        m_clockBegan = false;
    }

    bool seesLoss() const override { return true; }

private:
    void takeFrame(const QByteArray& frame, qint64 size, bool first, Sink& sink)
    {
        const auto parsed = parseNordicFrame(frame);
        if (const auto* fault = std::get_if<NordicFault>(&parsed)) {
            m_counts.skippedBytes += size;
            if (first)
                return; // most likely the end of one that began before we listened
            ++(*fault == NordicFault::BadCrc ? m_counts.checksumErrors : m_counts.badUnits);
            return;
        }
        const NordicMessage& message = std::get<NordicMessage>(parsed);
        if (const auto* session = std::get_if<NordicSession>(&message))
            takeSession(*session, sink);
        else
            takeSample(std::get<NordicSample>(message), sink);
    }

    void takeSession(const NordicSession& session, Sink& sink)
    {
        ++m_counts.units;
        if (session.names != m_session.names || session.rateHz != m_session.rateHz) {
            flush(sink);
            sink.onRefusal(Error(ErrorKind::Board, QStringLiteral("The board now sends other channels than before."),
                                 QStringLiteral("What was recorded is kept; start a new recording.")));
            return;
        }
        if (session.id != m_session.id) {
            ++m_counts.restarts;
            m_next.reset();
            m_unexplained = 0;
        } else {
            // Rows missing in the count were lost by the board as far as it says so, and by the link otherwise.
            const qint64 grown =
                std::clamp<qint64>(static_cast<qint32>(session.dropped - m_session.dropped), 0, m_unexplained);
            m_counts.deviceDrops += grown;
            m_counts.linkGaps -= grown;
            m_unexplained -= grown;
        }
        m_session = session;
    }

    void takeSample(const NordicSample& sample, Sink& sink)
    {
        if (sample.values.size() != static_cast<std::size_t>(m_session.names.size())) {
            ++m_counts.badUnits;
            return;
        }
        ++m_counts.units;
        if (m_next) {
            const auto jump = static_cast<qint64>(static_cast<qint32>(sample.number - *m_next));
            if (jump > 0 && jump <= kMaxJump) {
                flush(sink);
                countGap(jump);
                m_unexplained += jump;
            } else if (jump != 0) {
                ++m_counts.restarts;
            }
        }
        if (!m_clockBegan || sample.millis < m_lastMillis) {
            flush(sink);
            // Wraps after 49 days; otherwise the board began anew and its time goes on from here.
            const bool wrapped = m_clockBegan && m_lastMillis - sample.millis > 0x8000'0000U;
            m_offsetMillis = wrapped ? m_offsetMillis + (Q_INT64_C(1) << 32) : m_nowMillis - sample.millis;
            m_clockBegan = true;
        }
        m_next = sample.number + 1;
        m_lastMillis = sample.millis;
        m_nowMillis = m_offsetMillis + sample.millis;
        if (m_pending.rowCount == 0) {
            m_pending.firstRow = m_nextRow;
            m_pending.deviceMicros = m_nowMillis * 1000;
        }
        const qsizetype at = m_pending.bytes.size();
        m_pending.bytes.resize(at + static_cast<qsizetype>(sample.values.size() * sizeof(float)));
        qToLittleEndian<float>(sample.values.data(), static_cast<qsizetype>(sample.values.size()),
                               m_pending.bytes.data() + at);
        ++m_pending.rowCount;
        ++m_counts.rows;
        ++m_nextRow;
    }

    void flush(Sink& sink)
    {
        if (m_pending.rowCount == 0)
            return;
        sink.onRows(std::exchange(m_pending, {}));
    }

    NordicSession m_session;
    FrameCutter m_cutter;
    Rows m_pending;
    std::optional<quint32> m_next;
    qint64 m_unexplained = 0; // lost rows that the board has not claimed
    bool m_clockBegan = false;
    quint32 m_lastMillis = 0;
    qint64 m_offsetMillis = 0;
    qint64 m_nowMillis = 0;
};

class NordicFormat final : public Format
{
public:
    QString name() const override { return QStringLiteral("nordic"); }
    QString title() const override { return QStringLiteral("Nordic data forwarder"); }

    Guess survey(const Opening& opening) const override
    {
        Guess guess;
        guess.format = name();
        std::optional<NordicSession> session;
        int frames = 0;
        int samples = 0;
        int others = 0;
        FrameCutter cutter;
        cutter.feed(opening.bytes(), [&](const QByteArray& frame, qint64, bool first) {
            const auto parsed = parseNordicFrame(frame);
            const auto* message = std::get_if<NordicMessage>(&parsed);
            others += message || first ? 0 : 1;
            if (!message)
                return;
            ++frames;
            if (const auto* found = std::get_if<NordicSession>(message); found && !session)
                session = *found;
            samples += std::holds_alternative<NordicSample>(*message) ? 1 : 0;
        });
        if (frames == 0 || frames < others) {
            guess.reason = QStringLiteral("no COBS frames that hold its CBOR messages");
            return guess;
        }
        guess.score = 0.99 * frames / (frames + others);
        if (!session) {
            guess.reason =
                QStringLiteral("%1 rows, but the board has not named their channels yet (every 5 s)").arg(samples);
            return guess;
        }
        guess.settled = true;
        guess.reason = QStringLiteral("%1 frames of '%2' with %3 channels at %4 Hz")
                           .arg(frames)
                           .arg(session->device)
                           .arg(session->names.size())
                           .arg(session->rateHz);
        guess.spec = specOf(*session);
        guess.hasTime = true;
        guess.makeDecoder = [first = *session] { return std::make_unique<NordicDecoder>(first); };
        return guess;
    }
};

} // namespace

quint16 zephyrCrc16(QByteArrayView bytes)
{
    quint16 crc = 0xFFFF;
    for (const char byte : bytes) {
        crc = static_cast<quint16>(crc ^ static_cast<quint8>(byte));
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<quint16>((crc & 1U) ? (crc >> 1) ^ 0x8408U : crc >> 1);
    }
    return crc;
}

std::variant<NordicMessage, NordicFault> parseNordicFrame(QByteArrayView frame)
{
    constexpr qsizetype kLengthBytes = 2;
    constexpr qsizetype kCrcBytes = 2;
    if (frame.size() < kLengthBytes)
        return NordicFault::BadLength;
    const qsizetype length = qFromLittleEndian<quint16>(frame.data());
    const qsizetype more = frame.size() - kLengthBytes - length;
    if (more != 0 && more != kCrcBytes)
        return NordicFault::BadLength;
    const QByteArrayView cbor = frame.sliced(kLengthBytes, length);
    if (more == kCrcBytes && zephyrCrc16(cbor) != qFromLittleEndian<quint16>(frame.data() + kLengthBytes + length))
        return NordicFault::BadCrc;
    const auto message = parseMessage(cbor);
    if (!message)
        return NordicFault::BadMessage;
    return *message;
}

std::unique_ptr<Format> makeNordicFormat()
{
    return std::make_unique<NordicFormat>();
}

} // namespace ember::formats
