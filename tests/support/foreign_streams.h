// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/nordic_format.h"
#include "device-agent/wire/cobs.hpp"

#include <QByteArray>
#include <QCborStreamWriter>
#include <QtEndian>

#include <cmath>

namespace ember::test {

/// What boards with other people's firmware send: row `row` has the values row % 1000 and -(row % 1000) / 2.
inline double foreignValue(qint64 row, int channel)
{
    const auto value = static_cast<double>(row % 1000);
    return channel == 0 ? value : -value / 2;
}

inline QByteArray numbersRow(qint64 row, const char* separator = ",", const char* end = "\r\n")
{
    return QByteArray::number(foreignValue(row, 0), 'f', 1) + separator +
           QByteArray::number(foreignValue(row, 1), 'f', 1) + end;
}

/// "ms,v,v" with a stamp.
inline QByteArray stampedRow(qint64 row, double rateHz)
{
    return QByteArray::number(std::llround(std::floor(static_cast<double>(row) * 1000 / rateHz))) + ',' +
           numbersRow(row);
}

inline QByteArray arduinoRow(qint64 row)
{
    return "left:" + QByteArray::number(foreignValue(row, 0), 'f', 1) +
           ",right:" + QByteArray::number(foreignValue(row, 1), 'f', 1) + "\r\n";
}

inline QByteArray teleplotRow(qint64 row, double rateHz)
{
    const QByteArray time = QByteArray::number(std::llround(std::floor(static_cast<double>(row) * 1000 / rateHz)));
    return ">left:" + time + ':' + QByteArray::number(foreignValue(row, 0), 'f', 1) + "\xC2\xA7mV\n>right:" + time +
           ':' + QByteArray::number(foreignValue(row, 1), 'f', 1) + "\n";
}

inline QByteArray sensimlDescription(int version, double rateHz)
{
    return "{\"sample_rate\":" + QByteArray::number(rateHz) + ",\"version\":" + QByteArray::number(version) +
           ",\"samples_per_packet\":5,\"column_location\":{\"left\":0,\"right\":1}}\n";
}

inline QByteArray sensimlRow(qint64 row)
{
    QByteArray bytes(4, '\0');
    qToLittleEndian<qint16>(static_cast<qint16>(foreignValue(row, 0)), bytes.data());
    qToLittleEndian<qint16>(static_cast<qint16>(std::floor(foreignValue(row, 1))), bytes.data() + 2);
    return bytes;
}

/// Five rows from row 5 * `number` on.
inline QByteArray sensimlPacket(qint64 number)
{
    QByteArray body(6, '\0');
    qToLittleEndian<quint32>(static_cast<quint32>(number), body.data() + 2);
    for (int i = 0; i < 5; ++i)
        body += sensimlRow(number * 5 + i);
    QByteArray head("\xFF\0\0", 3);
    qToLittleEndian<quint16>(static_cast<quint16>(body.size()), head.data() + 1);
    char sum = 0;
    for (const char byte : body)
        sum = static_cast<char>(sum ^ byte);
    return head + body + sum;
}

inline QByteArray nordicFrame(const QByteArray& cbor)
{
    QByteArray raw(2, '\0');
    qToLittleEndian<quint16>(static_cast<quint16>(cbor.size()), raw.data());
    raw += cbor;
    raw.append(2, '\0');
    qToLittleEndian<quint16>(formats::zephyrCrc16(cbor), raw.data() + raw.size() - 2);
    QByteArray out;
    wire::cobsEncode(reinterpret_cast<const uint8_t*>(raw.constData()), static_cast<size_t>(raw.size()),
                     [&out](uint8_t byte) { out += static_cast<char>(byte); });
    return out + '\0';
}

inline QByteArray nordicSession(double rateHz, quint32 id = 7)
{
    QByteArray cbor;
    QCborStreamWriter writer(&cbor);
    writer.startMap(2);
    writer.append(QLatin1String("t"));
    writer.append(QLatin1String("si"));
    writer.append(QLatin1String("d"));
    writer.startMap(5);
    writer.append(QLatin1String("sid"));
    writer.append(quint64(id));
    writer.append(QLatin1String("hz"));
    writer.append(static_cast<quint64>(rateHz));
    writer.append(QLatin1String("ch_n"));
    writer.startArray(2);
    writer.append(QLatin1String("left"));
    writer.append(QLatin1String("right"));
    writer.endArray();
    writer.append(QLatin1String("dr"));
    writer.append(quint64(0));
    writer.append(QLatin1String("name"));
    writer.append(QLatin1String("nRF DataFwd"));
    writer.endMap();
    writer.endMap();
    return nordicFrame(cbor);
}

inline QByteArray nordicRow(qint64 row, double rateHz)
{
    QByteArray cbor;
    QCborStreamWriter writer(&cbor);
    writer.startMap(2);
    writer.append(QLatin1String("t"));
    writer.append(QLatin1String("sd"));
    writer.append(QLatin1String("d"));
    writer.startMap(3);
    writer.append(QLatin1String("seq"));
    writer.append(static_cast<quint64>(row));
    writer.append(QLatin1String("ts"));
    writer.append(static_cast<quint64>(std::floor(static_cast<double>(row) * 1000 / rateHz)));
    writer.append(QLatin1String("val"));
    writer.startArray(2);
    writer.append(static_cast<float>(foreignValue(row, 0)));
    writer.append(static_cast<float>(foreignValue(row, 1)));
    writer.endArray();
    writer.endMap();
    writer.endMap();
    return nordicFrame(cbor);
}

} // namespace ember::test
