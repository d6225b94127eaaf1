// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/sample_block.h"
#include "device-agent/wire/bytes.hpp"

#include <QByteArray>

namespace ember::test {

/// Rows whose content follows from their number, so that a row that arrives in the wrong place shows.
inline signal::StreamSpec numberedSpec(double rateHz, int channels = 3)
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("sensor");
    spec.type = signal::SampleType::Int16;
    spec.rateHz = rateHz;
    for (int c = 0; c < channels; ++c)
        spec.channels.push_back({QStringLiteral("c%1").arg(c), QStringLiteral("g"), 0.5, 0.0});
    return spec;
}

inline qint16 numberedSample(qint64 row, int channel)
{
    return static_cast<qint16>(static_cast<quint16>(row * 7 + channel * 1013));
}

inline QByteArray numberedRows(qint64 firstRow, qint64 count, int channels = 3)
{
    QByteArray rows(static_cast<qsizetype>(count * channels * 2), '\0');
    auto* at = reinterpret_cast<uint8_t*>(rows.data());
    for (qint64 row = firstRow; row < firstRow + count; ++row) {
        for (int c = 0; c < channels; ++c, at += 2)
            wire::putU16(at, static_cast<quint16>(numberedSample(row, c)));
    }
    return rows;
}

/// Whether the block holds the rows that its number says; `offset` is added to its row numbers first.
inline bool isNumbered(const signal::SampleBlock& block, int channels = 3, qint64 offset = 0)
{
    return block.rows == numberedRows(block.firstRow + offset, block.rowCount, channels);
}

} // namespace ember::test
