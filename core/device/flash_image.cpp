// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flash_image.h"

#include "core/device/elf_image.h"

#include <QFile>

#include <algorithm>
#include <map>

namespace ember::device {
namespace {

constexpr qint64 kMaxFileBytes = 64 * 1024 * 1024;
// Far beyond the flash of any microcontroller; a damaged address must not become an allocation.
constexpr qint64 kMaxSpan = 32 * 1024 * 1024;
constexpr qsizetype kHexRow = 16;

Result<QByteArray> readFile(const QString& path)
{
    QFile file(path);
    if (!file.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no image '%1'.").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("The image '%1' cannot be read: %2.").arg(path, file.errorString()));
    if (file.size() > kMaxFileBytes)
        return Error(ErrorKind::BadData, QStringLiteral("The image '%1' is far too long.").arg(path));
    return file.readAll();
}

/// Parts by address, put together. Later parts win where two overlap.
Result<FlashImage> assemble(const std::map<quint32, QByteArray>& parts, const QString& name)
{
    if (parts.empty())
        return Error(ErrorKind::BadData, QStringLiteral("'%1' holds nothing that can be flashed.").arg(name));
    FlashImage image;
    image.base = parts.begin()->first;
    qint64 end = image.base;
    for (const auto& [address, bytes] : parts)
        end = std::max(end, qint64(address) + bytes.size());
    if (end - image.base > kMaxSpan)
        return Error(ErrorKind::BadData,
                     QStringLiteral("'%1' has parts %2 bytes apart; that is no microcontroller's flash.")
                         .arg(name)
                         .arg(end - image.base));
    image.bytes = QByteArray(end - image.base, '\xFF');
    for (const auto& [address, bytes] : parts)
        std::copy(bytes.begin(), bytes.end(), image.bytes.begin() + (qint64(address) - image.base));
    return image;
}

Result<FlashImage> imageOf(const QByteArray& file, const QString& name)
{
    EMBER_TRY(const ElfImage elf, parseElf(file, name));
    std::map<quint32, QByteArray> parts;
    for (const ElfSegment& segment : elf.segments) {
        if (segment.isLoadable() && segment.fileSize > 0)
            parts.insert_or_assign(segment.physicalAddress, file.mid(segment.offset, segment.fileSize));
    }
    return assemble(parts, name);
}

/// One record of Intel hex: ":LLAAAATT<data>CC".
struct HexRecord
{
    quint16 address = 0;
    quint8 type = 0;
    QByteArray data;
};

Result<HexRecord> parseRecord(const QByteArray& line)
{
    const auto bad = [](const char* why) { return Error(ErrorKind::BadData, QLatin1String(why)); };
    if (line.size() < 11 || line[0] != ':' || line.size() % 2 == 0)
        return bad("it is not a record of Intel hex");
    const QByteArray digits = line.mid(1);
    const auto isHex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
    };
    if (!std::all_of(digits.begin(), digits.end(), isHex))
        return bad("it has characters that are no hexadecimal digits");
    const QByteArray bytes = QByteArray::fromHex(digits);
    quint8 sum = 0;
    for (const char byte : bytes)
        sum = static_cast<quint8>(sum + static_cast<quint8>(byte));
    if (sum != 0)
        return bad("its checksum is wrong");
    if (bytes.size() != 5 + static_cast<quint8>(bytes[0]))
        return bad("its length is wrong");
    HexRecord record;
    record.address = static_cast<quint16>((static_cast<quint8>(bytes[1]) << 8) | static_cast<quint8>(bytes[2]));
    record.type = static_cast<quint8>(bytes[3]);
    record.data = bytes.mid(4, bytes.size() - 5);
    return record;
}

quint32 bigEndian(const QByteArray& data)
{
    quint32 value = 0;
    for (const char byte : data)
        value = (value << 8) | static_cast<quint8>(byte);
    return value;
}

void appendRecord(QByteArray& text, quint8 type, quint16 address, const QByteArray& data)
{
    QByteArray record;
    record += static_cast<char>(data.size());
    record += static_cast<char>(address >> 8);
    record += static_cast<char>(address);
    record += static_cast<char>(type);
    record += data;
    quint8 sum = 0;
    for (const char byte : std::as_const(record))
        sum = static_cast<quint8>(sum + static_cast<quint8>(byte));
    record += static_cast<char>(0x100 - sum);
    text += ':' + record.toHex().toUpper() + '\n';
}

} // namespace

Result<FlashImage> flashImageOfElf(const QString& path)
{
    EMBER_TRY(const QByteArray file, readFile(path));
    return imageOf(file, path);
}

Result<FlashImage> parseIntelHex(const QByteArray& text, const QString& name)
{
    std::map<quint32, QByteArray> parts;
    quint32 base = 0;
    bool ended = false;
    int number = 0;
    for (const QByteArray& raw : text.split('\n')) {
        ++number;
        const QByteArray line = raw.trimmed();
        if (line.isEmpty() || ended)
            continue;
        const auto record = parseRecord(line);
        const auto bad = [&](const QString& why) {
            return Error(ErrorKind::BadData,
                         QStringLiteral("'%1' cannot be used: line %2: %3.").arg(name).arg(number).arg(why));
        };
        if (!record)
            return bad(record.error().message);
        const bool addressRecord = record->type == 2 || record->type == 4;
        if (addressRecord && record->data.size() != 2)
            return bad(QStringLiteral("an address record needs two bytes"));
        switch (record->type) {
        case 0:
            parts.insert_or_assign(base + record->address, record->data);
            break;
        case 1:
            ended = true;
            break;
        case 2:
            base = bigEndian(record->data) << 4;
            break;
        case 4:
            base = bigEndian(record->data) << 16;
            break;
        case 3:
        case 5: // where a program starts; a microcontroller knows
            break;
        default:
            return bad(QStringLiteral("records of type %1 are not known").arg(record->type));
        }
    }
    if (!ended)
        return Error(ErrorKind::BadData, QStringLiteral("'%1' has no end record; it may be cut off.").arg(name));
    return assemble(parts, name);
}

QByteArray toIntelHex(const FlashImage& image)
{
    QByteArray text;
    quint32 upper = 0;
    for (qsizetype at = 0; at < image.bytes.size();) {
        const quint32 address = image.base + static_cast<quint32>(at);
        if (address >> 16 != upper) {
            upper = address >> 16;
            appendRecord(text, 4, 0, QByteArray{1, static_cast<char>(upper >> 8)} + static_cast<char>(upper));
        }
        // A record does not cross a 64 KiB boundary.
        const auto left = static_cast<qsizetype>(0x10000 - (address & 0xFFFF));
        const QByteArray data = image.bytes.mid(at, std::min(kHexRow, left));
        appendRecord(text, 0, static_cast<quint16>(address), data);
        at += data.size();
    }
    appendRecord(text, 1, 0, {});
    return text;
}

Result<FlashImage> readFlashImage(const QString& path)
{
    EMBER_TRY(const QByteArray file, readFile(path));
    return file.startsWith("\x7F"
                           "ELF")
               ? imageOf(file, path)
               : parseIntelHex(file, path);
}

} // namespace ember::device
