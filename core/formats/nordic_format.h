// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/format.h"

#include <optional>
#include <variant>
#include <vector>

namespace ember::formats {

/// What a board says of its session: message "si".
struct NordicSession
{
    quint32 id = 0;
    double rateHz = 0;
    QStringList names;
    quint32 dropped = 0; ///< rows lost on the board so far
    QString device;
};

/// One row: message "sd".
struct NordicSample
{
    quint32 number = 0;
    quint32 millis = 0;
    std::vector<float> values; ///< integers are micro-units
};

using NordicMessage = std::variant<NordicSession, NordicSample>;

enum class NordicFault
{
    BadLength,
    BadCrc,
    BadMessage
};

/// Reads what a COBS frame holds: length, CBOR, perhaps a CRC.
std::variant<NordicMessage, NordicFault> parseNordicFrame(QByteArrayView frame);

/// CRC-16/MCRF4XX (check value 0x6F91), which Zephyr calls crc16_ccitt with the seed 0xFFFF: the reflected one, not the
/// CCITT-FALSE of our own link.
quint16 zephyrCrc16(QByteArrayView bytes);

} // namespace ember::formats
