// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>
#include <QtGlobal>

namespace ember::device {

/// What a board's flash is to hold, as one piece. Gaps between parts are 0xFF, as in erased flash.
struct FlashImage
{
    quint32 base = 0; ///< address of the first byte
    QByteArray bytes;

    qint64 end() const { return qint64(base) + bytes.size(); }
};

/// The loadable segments of an ELF file at their load addresses. Errors: those of readElf; BadData when there are none,
/// or when they lie megabytes apart.
Result<FlashImage> flashImageOfElf(const QString& path);

/// Reads Intel hex (records 00 to 05). Checksums, lengths and the end record are checked. Errors: BadData with the
/// line.
Result<FlashImage> parseIntelHex(const QByteArray& text, const QString& name);

/// Intel hex with 16 bytes in a record, and extended linear addresses where the image goes beyond 64 KiB.
QByteArray toIntelHex(const FlashImage& image);

/// An ELF or Intel hex file, told apart by its first bytes. Errors: NotFound, Io, BadData.
Result<FlashImage> readFlashImage(const QString& path);

} // namespace ember::device
