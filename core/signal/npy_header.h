// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace ember::signal::detail {

/// What stands before the data of a NumPy file.
struct NpyHeader
{
    QString typeCode; ///< "f4": without the byte-order mark
    bool bigEndian = false;
    bool fortranOrder = false;
    std::vector<qint64> shape;
    qint64 dataOffset = 0;
};

/// Reads the small part of Python's literal syntax that NumPy writes: one dict of strings, booleans and integer tuples.
Result<NpyHeader> parseNpyHeader(const QByteArray& bytes);

/// A version 1.0 header for little-endian data in C order, padded to a multiple of 64 as NumPy pads it.
QByteArray npyHeaderBytes(const QString& typeCode, std::size_t elementBytes, const std::vector<qint64>& shape);

} // namespace ember::signal::detail
