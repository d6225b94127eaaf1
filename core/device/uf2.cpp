// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/uf2.h"

#include "core/device/flash_tool.h"

#include <QtEndian>

#include <algorithm>
#include <array>

namespace ember::device {
namespace {

constexpr quint32 kMagic0 = 0x0A324655; // "UF2\n"
constexpr quint32 kMagic1 = 0x9E5D5157;
constexpr quint32 kMagicEnd = 0x0AB16F30;
constexpr quint32 kFamilyGiven = 0x2000;
constexpr quint32 kPayload = 256;
constexpr qsizetype kBlock = 512;
constexpr qsizetype kHeader = 32;

void put32(char* at, quint32 value)
{
    qToLittleEndian(value, at);
}

} // namespace

QByteArray toUf2(const FlashImage& image, quint32 family)
{
    const quint32 base = image.base & ~(kPayload - 1);
    const qint64 blocks = (image.end() - base + kPayload - 1) / kPayload;
    QByteArray padded = QByteArray(image.base - base, '\xFF') + image.bytes;
    padded.append(blocks * kPayload - padded.size(), '\xFF');

    QByteArray file(blocks * kBlock, '\0');
    for (qint64 i = 0; i < blocks; ++i) {
        char* const block = file.data() + i * kBlock;
        const std::array<quint32, 8> header = {kMagic0,
                                               kMagic1,
                                               kFamilyGiven,
                                               base + static_cast<quint32>(i) * kPayload,
                                               kPayload,
                                               static_cast<quint32>(i),
                                               static_cast<quint32>(blocks),
                                               family};
        for (size_t field = 0; field < header.size(); ++field)
            put32(block + 4 * field, header[field]);
        std::copy_n(padded.constData() + i * kPayload, kPayload, block + kHeader);
        put32(block + kBlock - 4, kMagicEnd);
    }
    return file;
}

Result<quint32> uf2Family(const Board& board)
{
    UploadOptions options(board);
    options.word("uf2_family", true);
    const quint32 family = options.address("uf2_family", 0);
    EMBER_CHECK(options.status());
    return family;
}

} // namespace ember::device
