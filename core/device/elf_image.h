// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/device/board.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace ember::device {

struct ElfSection
{
    QString name;
    quint32 type = 0;
    quint32 flags = 0;
    quint32 address = 0;
    quint32 offset = 0;
    quint32 size = 0;

    bool isAllocated() const { return (flags & 0x2) != 0; }
    bool isWritable() const { return (flags & 0x1) != 0; }
    bool isCode() const { return (flags & 0x4) != 0; }
    bool hasContent() const { return type != 8; }
};

struct ElfSegment
{
    quint32 type = 0;
    quint32 offset = 0;
    quint32 virtualAddress = 0;
    quint32 physicalAddress = 0;
    quint32 fileSize = 0;
    quint32 memorySize = 0;

    bool isLoadable() const { return type == 1; }
};

struct ElfSymbol
{
    QString name;
    quint32 address = 0;
    quint32 size = 0;
    int section = 0; ///< index into sections; 0 or beyond them: absolute, undefined, common
    bool isFunction = false;
    bool isObject = false;
};

/// A firmware image: what a 32-bit little-endian ELF file says, checked against the file's own size.
struct ElfImage
{
    quint16 machine = 0; ///< 40 ARM, 83 AVR, 243 RISC-V
    quint32 entry = 0;
    std::vector<ElfSection> sections;
    std::vector<ElfSegment> segments;
    std::vector<ElfSymbol> symbols;
    QByteArray buildId; ///< of the GNU build-id note; empty without one

    qint64 flashBytes() const; ///< code, constants and the initial values of variables
    qint64 codeBytes() const;  ///< executable sections alone
    qint64 ramBytes() const;   ///< initialised and zeroed variables, reserved stack and heap included
    qint64 loadableBytes() const;

    const ElfSymbol* symbol(const QString& name) const;
};

/// Reads an image; hostile bytes are refused, not believed. Errors: NotFound, Io, BadData.
Result<ElfImage> readElf(const QString& path);
Result<ElfImage> parseElf(const QByteArray& bytes, const QString& name);

/// Whether the image is for this board's processor and fits its memories. Errors: BadData with both sides of what does
/// not fit.
Status checkImage(const ElfImage& image, const Board& board);

} // namespace ember::device
