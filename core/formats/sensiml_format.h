// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/format.h"

#include <optional>

namespace ember::formats {

/// What a SensiML board says of itself before it streams.
struct SensimlLayout
{
    int version = 1;
    double rateHz = 0;
    int rowsPerPacket = 6;
    QStringList names;       ///< by column
    QByteArray text;         ///< the JSON as it came, with the white space that follows it
    qsizetype jsonBytes = 0; ///< of `text` without that
};

/// Reads the description. Error BadData says what is wrong with it.
Result<SensimlLayout> parseSensimlDescription(const QByteArray& json);

/// Rows of 16-bit integers without framing, after any number of descriptions. What a link loses cannot be noticed, and
/// moves the columns.
class SensimlRawDecoder final : public Decoder
{
public:
    explicit SensimlRawDecoder(SensimlLayout layout);

    void feed(QByteArrayView bytes, Sink& sink) override;
    void restart() override;

private:
    void passDescription(QByteArrayView& bytes);

    SensimlLayout m_layout;
    qsizetype m_rowBytes;
    bool m_isDescribing = true;
    bool m_described = false; // a whole description has come
    qsizetype m_matched = 0;  // bytes that have come of its present repetition
    QByteArray m_rest;        // an incomplete row
};

/// Packets with sync byte, length, sequence number and checksum.
class SensimlPacketDecoder final : public Decoder
{
public:
    explicit SensimlPacketDecoder(SensimlLayout layout);

    void feed(QByteArrayView bytes, Sink& sink) override;
    void restart() override;
    bool seesLoss() const override { return true; }

private:
    /// Reads what stands at the beginning of m_buffer; how many bytes that were, 0 when more are needed.
    qsizetype takeOne(QByteArrayView at, Sink& sink);
    void takePacket(QByteArrayView body, Sink& sink);

    SensimlLayout m_layout;
    qsizetype m_rowBytes;
    QByteArray m_buffer;
    std::optional<quint32> m_nextPacket;
    qint64 m_lastPacketRows = 0;
};

} // namespace ember::formats
