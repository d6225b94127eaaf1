// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/signal/stream_spec.h"

#include <QByteArray>
#include <QtGlobal>

namespace ember::signal {

/// Consecutive rows of one stream, as they came. Immutable once made; cheap to copy (the bytes are shared).
/// `firstRow` counts every row the sensor produced since the stream started, lost ones included, so two blocks with a
/// gap between them are two blocks with a jump in firstRow.
struct SampleBlock
{
    qint64 firstRow = 0;
    qint64 rowCount = 0;
    QByteArray rows;            ///< rowCount x bytesPerRow, row-major, little-endian, in the stream's type
    qint64 deviceMicros = 0;    ///< device clock at firstRow, unwrapped, microseconds since the stream started
    qint64 hostNanos = 0;       ///< steady host clock when the bytes arrived
    qint64 droppedOnDevice = 0; ///< the board's own running count of lost rows

    qint64 endRow() const { return firstRow + rowCount; }
};

/// The sample in physical units.
double sampleValue(const SampleBlock& block, const StreamSpec& spec, qint64 rowInBlock, std::size_t channel);

/// Rows converted to float32 in physical units, row-major: `float(raw) * float(scale) + float(offset)`, in float32 as
/// the boards compute it (two roundings), which is what keeps features bit-identical.
std::vector<float> toPhysical(const QByteArray& rows, const StreamSpec& spec);

} // namespace ember::signal
