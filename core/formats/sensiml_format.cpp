// SPDX-License-Identifier: GPL-3.0-or-later
// SensiML's Simple Streaming Interface, versions 1 and 2 (github.com/sensiml/piccolo,
// docs/source/simple-streaming-specification): a board repeats a JSON description until the host says "connect", and
// then sends rows of 16-bit integers.
#include "core/formats/sensiml_format.h"

#include "core/formats/channel_names.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtEndian>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ember::formats {
namespace {

constexpr int kMaxColumns = 256;
constexpr qsizetype kMaxDescription = 16 * 1024;
constexpr char kSync = '\xFF';
constexpr qsizetype kHeadBytes = 3; // sync and length
constexpr qsizetype kMetaBytes = 6; // reserved, channel, sequence number
// Beyond that a jump is another count and no loss.
constexpr qint64 kMaxPacketJump = 100'000;

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// The first whole JSON object from `from` on; empty when there is none.
QByteArray objectFrom(const QByteArray& bytes, qsizetype from)
{
    const qsizetype begin = bytes.indexOf('{', from);
    if (begin < 0)
        return {};
    int depth = 0;
    bool quoted = false;
    const qsizetype most = std::min(bytes.size(), begin + kMaxDescription);
    for (qsizetype i = begin; i < most; ++i) {
        const char c = bytes[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            return bytes.mid(begin, i + 1 - begin);
        }
    }
    return {};
}

std::optional<SensimlLayout> findDescription(const QByteArray& bytes, QString& problem)
{
    // An opening may begin within a description, and then the first brace is an inner one.
    int tries = 0;
    for (qsizetype at = bytes.indexOf('{'); at >= 0 && tries < 16; at = bytes.indexOf('{', at + 1), ++tries) {
        const QByteArray json = objectFrom(bytes, at);
        if (json.isEmpty() || !json.contains("sample_rate"))
            continue;
        auto layout = parseSensimlDescription(json);
        if (layout) {
            // The white space between two of them belongs to the text that is repeated.
            for (qsizetype i = bytes.indexOf(json, at) + json.size(); i < bytes.size() && isSpace(bytes[i]); ++i)
                layout->text += bytes[i];
            return *layout;
        }
        problem = layout.error().message;
    }
    return {};
}

signal::StreamSpec specOf(const SensimlLayout& layout)
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("sensor");
    spec.type = signal::SampleType::Int16;
    spec.rateHz = layout.rateHz;
    spec.channels = channelsFromNames(layout.names);
    for (signal::Channel& channel : spec.channels)
        channel.unit.clear(); // raw counts, whatever the name says
    return spec;
}

// Packets of version 2 in a row, without any description.
int countPackets(QByteArrayView bytes)
{
    int found = 0;
    for (qsizetype at = 0; at + kHeadBytes + kMetaBytes < bytes.size();) {
        if (bytes[at] != kSync) {
            ++at;
            continue;
        }
        const qsizetype length = qFromLittleEndian<quint16>(bytes.data() + at + 1);
        if (length <= kMetaBytes || bytes[at + 3] != 0 || at + kHeadBytes + length >= bytes.size()) {
            ++at;
            continue;
        }
        char sum = 0;
        for (qsizetype i = 0; i < length; ++i)
            sum = static_cast<char>(sum ^ bytes[at + kHeadBytes + i]);
        const bool good = sum == bytes[at + kHeadBytes + length];
        found += good ? 1 : 0;
        at += good ? kHeadBytes + length + 1 : 1;
    }
    return found;
}

class SensimlFormat final : public Format
{
public:
    QString name() const override { return QStringLiteral("sensiml"); }
    QString title() const override { return QStringLiteral("SensiML Simple Streaming"); }
    QByteArray prompt() const override { return QByteArrayLiteral("disconnect"); }

    Guess survey(const Opening& opening) const override
    {
        Guess guess;
        guess.format = name();
        QString problem;
        const auto layout = findDescription(opening.bytes(), problem);
        if (!layout) {
            // Only a short look: noise has a sync byte in every 256.
            const int packets = countPackets(
                QByteArrayView(opening.bytes()).first(std::min<qsizetype>(opening.bytes().size(), 16 * 1024)));
            guess.reason = !problem.isEmpty() ? problem
                           : packets >= 3
                               ? QStringLiteral("%1 packets of version 2, but no description of them; reset the "
                                                "board, or choose this format to ask for it")
                                     .arg(packets)
                               : QStringLiteral("no JSON description with sample_rate and column_location");
            guess.score = packets >= 3 ? 0.4 : 0;
            return guess;
        }
        guess.score = 0.99;
        guess.settled = opening.bytes().count(layout->text) > 1;
        guess.reason = QStringLiteral("the board describes %1 columns at %2 Hz, version %3")
                           .arg(layout->names.size())
                           .arg(layout->rateHz)
                           .arg(layout->version);
        guess.spec = specOf(*layout);
        guess.startRequest = QByteArrayLiteral("connect");
        guess.stopRequest = QByteArrayLiteral("disconnect");
        guess.makeDecoder = [layout = *layout]() -> std::unique_ptr<Decoder> {
            if (layout.version >= 2)
                return std::make_unique<SensimlPacketDecoder>(layout);
            return std::make_unique<SensimlRawDecoder>(layout);
        };
        return guess;
    }
};

} // namespace

Result<SensimlLayout> parseSensimlDescription(const QByteArray& json)
{
    const auto bad = [](const QString& what) {
        return Error(ErrorKind::BadData, QStringLiteral("the board's description is not usable: %1").arg(what));
    };
    const QJsonDocument document = QJsonDocument::fromJson(json);
    if (!document.isObject())
        return bad(QStringLiteral("it is no JSON object"));
    const QJsonObject object = document.object();
    SensimlLayout layout;
    layout.text = json;
    layout.jsonBytes = json.size();
    layout.version = object.value(QStringLiteral("version")).toInt(1);
    if (layout.version != 1 && layout.version != 2)
        return bad(QStringLiteral("version %1 is neither 1 nor 2").arg(layout.version));
    layout.rateHz = object.value(QStringLiteral("sample_rate")).toDouble();
    if (!(layout.rateHz > 0) || layout.rateHz > 1e7)
        return bad(QStringLiteral("sample_rate is no rate"));
    layout.rowsPerPacket = object.value(QStringLiteral("samples_per_packet")).toInt(6);
    if (layout.rowsPerPacket < 1 || layout.rowsPerPacket > 32'768)
        return bad(QStringLiteral("samples_per_packet is no count"));
    const QJsonObject columns = object.value(QStringLiteral("column_location")).toObject();
    if (columns.isEmpty() || columns.size() > kMaxColumns)
        return bad(QStringLiteral("column_location names no columns, or too many"));
    QStringList names(columns.size());
    for (auto column = columns.begin(); column != columns.end(); ++column) {
        const int index = column.value().toInt(-1);
        if (index < 0 || index >= names.size() || !names[index].isNull())
            return bad(QStringLiteral("column_location does not number its columns from 0"));
        names[index] = column.key().isEmpty() ? QStringLiteral("value %1").arg(index + 1) : column.key();
    }
    layout.names = names;
    return layout;
}

SensimlRawDecoder::SensimlRawDecoder(SensimlLayout layout)
    : m_layout(std::move(layout))
    , m_rowBytes(m_layout.names.size() * 2)
{}

void SensimlRawDecoder::restart()
{
    m_isDescribing = true;
    m_described = false;
    m_matched = 0;
    m_rest.clear();
}

// The board repeats the same text until it has heard "connect"; the first byte that is not its next one is the first of
// a row. Rows themselves may begin with a brace or a line's end, so the whole text counts, white space included.
void SensimlRawDecoder::passDescription(QByteArrayView& bytes)
{
    // So many bytes of the description are not there by chance.
    constexpr qsizetype kCertain = 8;
    const QByteArray& text = m_layout.text;
    while (!bytes.isEmpty()) {
        if (bytes[0] == text[m_matched]) {
            bytes = bytes.sliced(1);
            if (++m_matched == text.size()) {
                m_described = true;
                ++m_counts.units;
                m_matched = 0;
            }
            continue;
        }
        if (m_matched >= m_layout.jsonBytes) {
            m_described = true; // whole but for the white space behind it
            ++m_counts.units;
            m_matched = 0;
        }
        if (!m_described) {
            // Before the first whole description: what the board said while it started, or the end of an earlier one.
            m_counts.skippedBytes += std::max<qsizetype>(1, m_matched);
            bytes = m_matched == 0 ? bytes.sliced(1) : bytes;
            m_matched = 0;
            continue;
        }
        if (m_matched >= kCertain)
            m_counts.skippedBytes += m_matched; // one that was cut off
        else
            m_rest = text.first(m_matched);
        m_isDescribing = false;
        return;
    }
}

void SensimlRawDecoder::feed(QByteArrayView bytes, Sink& sink)
{
    m_counts.bytes += bytes.size();
    if (m_isDescribing)
        passDescription(bytes);
    if (m_isDescribing || bytes.isEmpty())
        return;
    m_rest.append(bytes.data(), bytes.size());
    const qsizetype count = m_rest.size() / m_rowBytes;
    if (count == 0)
        return;
    Rows rows;
    rows.firstRow = m_nextRow;
    rows.rowCount = count;
    rows.bytes = m_rest.first(count * m_rowBytes);
    m_rest.remove(0, count * m_rowBytes);
    m_nextRow += count;
    m_counts.rows += count;
    sink.onRows(std::move(rows));
}

SensimlPacketDecoder::SensimlPacketDecoder(SensimlLayout layout)
    : m_layout(std::move(layout))
    , m_rowBytes(m_layout.names.size() * 2)
    , m_lastPacketRows(m_layout.rowsPerPacket)
{}

void SensimlPacketDecoder::restart()
{
    m_buffer.clear();
    m_nextPacket.reset();
}

void SensimlPacketDecoder::feed(QByteArrayView bytes, Sink& sink)
{
    m_counts.bytes += bytes.size();
    m_buffer.append(bytes.data(), bytes.size());
    qsizetype done = 0;
    while (done < m_buffer.size()) {
        const qsizetype taken = takeOne(QByteArrayView(m_buffer).sliced(done), sink);
        if (taken == 0)
            break;
        done += taken;
    }
    m_buffer.remove(0, done);
}

qsizetype SensimlPacketDecoder::takeOne(QByteArrayView at, Sink& sink)
{
    if (at[0] != kSync) {
        const auto* next = static_cast<const char*>(std::memchr(at.data(), kSync, static_cast<std::size_t>(at.size())));
        const qsizetype skipped = next ? next - at.data() : at.size();
        m_counts.skippedBytes += skipped;
        return skipped;
    }
    if (at.size() < kHeadBytes + 1)
        return 0;
    const qsizetype length = qFromLittleEndian<quint16>(at.data() + 1);
    const qsizetype payload = length - kMetaBytes;
    // Only lengths that the description allows: a sync byte within the data must not swallow the packets that follow.
    const bool plausible = payload > 0 && payload % m_rowBytes == 0 && payload / m_rowBytes <= m_layout.rowsPerPacket &&
                           at[kHeadBytes] == 0;
    if (!plausible) {
        ++m_counts.skippedBytes;
        return 1;
    }
    if (at.size() < kHeadBytes + length + 1)
        return 0;
    const QByteArrayView body = at.sliced(kHeadBytes, length);
    char sum = 0;
    for (const char byte : body)
        sum = static_cast<char>(sum ^ byte);
    if (sum != at[kHeadBytes + length]) {
        ++m_counts.checksumErrors;
        ++m_counts.skippedBytes;
        return 1; // the next sync byte may be a real one within what this one claimed
    }
    takePacket(body, sink);
    return kHeadBytes + length + 1;
}

void SensimlPacketDecoder::takePacket(QByteArrayView body, Sink& sink)
{
    ++m_counts.units;
    if (body[1] != 0)
        return; // another channel: recognition results and the like
    const auto packet = qFromLittleEndian<quint32>(body.data() + 2);
    if (m_nextPacket) {
        const auto jump = static_cast<qint64>(static_cast<qint32>(packet - *m_nextPacket));
        if (jump > 0 && jump <= kMaxPacketJump)
            countGap(jump * m_lastPacketRows);
        else if (jump != 0)
            ++m_counts.restarts;
    }
    m_nextPacket = packet + 1;
    const QByteArrayView payload = body.sliced(kMetaBytes);
    Rows rows;
    rows.firstRow = m_nextRow;
    rows.rowCount = payload.size() / m_rowBytes;
    rows.bytes = payload.toByteArray();
    m_lastPacketRows = rows.rowCount;
    m_nextRow += rows.rowCount;
    m_counts.rows += rows.rowCount;
    sink.onRows(std::move(rows));
}

std::unique_ptr<Format> makeSensimlFormat()
{
    return std::make_unique<SensimlFormat>();
}

} // namespace ember::formats
