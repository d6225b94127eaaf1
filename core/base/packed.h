// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>

namespace ember {

/// Packs bytes for the project file: their number as 32 bits, most significant byte first, then zlib (RFC 1950). This
/// is what qCompress() writes. Any thread.
QByteArray pack(const QByteArray& bytes);

/// The bytes that pack() was given. Makes room for what the packed bytes claim and never for more, so hostile ones cost
/// at most maxBytes. Errors: BadData (claims more than maxBytes, damaged, holds more or less than it claims).
Result<QByteArray> unpack(const QByteArray& packed, qsizetype maxBytes);

} // namespace ember
