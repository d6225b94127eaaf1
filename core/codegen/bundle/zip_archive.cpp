// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/bundle/zip_archive.h"

#include "device-agent/wire/crc.hpp"

#include <QSet>
#include <QtEndian>

#include <limits>

namespace ember::codegen {
namespace {

constexpr quint32 kLocalHeader = 0x04034B50;
constexpr quint32 kCentralHeader = 0x02014B50;
constexpr quint32 kEndOfDirectory = 0x06054B50;
constexpr qsizetype kLocalBytes = 30;
constexpr qsizetype kCentralBytes = 46;
constexpr qsizetype kEndBytes = 22;
constexpr quint16 kVersion = 20;         // the plain format
constexpr quint16 kMadeBy = 3 << 8 | 20; // Unix, for the permissions below
constexpr quint16 kUtf8Names = 1 << 11;
constexpr quint16 kFirstDay = 1 << 5 | 1; // 1 January 1980, the format's own zero
constexpr quint32 kPlainFile = 0100644u << 16;

void put16(QByteArray& to, quint16 value)
{
    const quint16 little = qToLittleEndian(value);
    to.append(reinterpret_cast<const char*>(&little), sizeof little);
}

void put32(QByteArray& to, quint32 value)
{
    const quint32 little = qToLittleEndian(value);
    to.append(reinterpret_cast<const char*>(&little), sizeof little);
}

quint32 crcOf(const QByteArray& bytes)
{
    return wire::crc32(reinterpret_cast<const quint8*>(bytes.constData()), static_cast<std::size_t>(bytes.size()));
}

/// Neither absolute nor upwards, on any system.
bool isSafePath(const QString& path)
{
    if (path.isEmpty() || path.contains(QLatin1Char('\\')) || path.contains(QLatin1Char(':')) ||
        path.contains(QChar(u'\0')))
        return false;
    for (const QString& part : path.split(QLatin1Char('/'))) {
        if (part.isEmpty() || part == QLatin1String(".") || part == QLatin1String(".."))
            return false;
    }
    return true;
}

/// What local and central headers say alike.
void putCommon(QByteArray& to, const QByteArray& name, const QByteArray& bytes)
{
    put16(to, kVersion);
    put16(to, kUtf8Names);
    put16(to, 0); // stored
    put16(to, 0); // midnight
    put16(to, kFirstDay);
    put32(to, crcOf(bytes));
    put32(to, static_cast<quint32>(bytes.size()));
    put32(to, static_cast<quint32>(bytes.size()));
    put16(to, static_cast<quint16>(name.size()));
    put16(to, 0); // no extra field
}

Error damaged(const QString& what)
{
    return Error(ErrorKind::BadData, QStringLiteral("The archive is damaged: %1.").arg(what),
                 QStringLiteral("Write it again with 'emberlab bundle'."));
}

quint16 get16(const QByteArray& from, qsizetype at)
{
    return qFromLittleEndian<quint16>(from.constData() + at);
}

quint32 get32(const QByteArray& from, qsizetype at)
{
    return qFromLittleEndian<quint32>(from.constData() + at);
}

/// The file that the central header at `at` tells of; moves `at` behind it.
Result<GeneratedFile> readEntry(const QByteArray& archive, qsizetype& at, qsizetype directoryEnd)
{
    if (directoryEnd - at < kCentralBytes || get32(archive, at) != kCentralHeader)
        return damaged(QStringLiteral("its directory ends early"));
    if (get16(archive, at + 10) != 0)
        return Error(ErrorKind::Unsupported, QStringLiteral("The archive holds compressed files."),
                     QStringLiteral("Only archives that 'emberlab bundle' wrote are read."));
    const qsizetype nameBytes = get16(archive, at + 28);
    const qsizetype size = get32(archive, at + 20);
    const qsizetype local = get32(archive, at + 42);
    const qsizetype next = at + kCentralBytes + nameBytes + get16(archive, at + 30) + get16(archive, at + 32);
    if (next > directoryEnd || local + kLocalBytes > archive.size() || get32(archive, local) != kLocalHeader)
        return damaged(QStringLiteral("a header points outside"));
    const qsizetype data = local + kLocalBytes + get16(archive, local + 26) + get16(archive, local + 28);
    if (data > archive.size() || size > archive.size() - data)
        return damaged(QStringLiteral("a file is longer than the archive"));
    GeneratedFile file{QString::fromUtf8(archive.mid(at + kCentralBytes, nameBytes)), archive.mid(data, size)};
    if (!isSafePath(file.path))
        return damaged(QStringLiteral("a file would lie outside"));
    if (crcOf(file.bytes) != get32(archive, at + 16))
        return damaged(QStringLiteral("'%1' does not have its checksum").arg(file.path));
    at = next;
    return file;
}

} // namespace

Result<QByteArray> zipOf(const std::vector<GeneratedFile>& files)
{
    QByteArray archive;
    QByteArray directory;
    QSet<QString> seen;
    for (const GeneratedFile& file : files) {
        const QByteArray name = file.path.toUtf8();
        if (!isSafePath(file.path) || seen.contains(file.path) || name.size() > std::numeric_limits<quint16>::max())
            return Error(ErrorKind::Usage, QStringLiteral("'%1' cannot be a path in an archive.").arg(file.path));
        seen << file.path;
        if (archive.size() + file.bytes.size() > std::numeric_limits<qint32>::max() ||
            seen.size() > std::numeric_limits<quint16>::max())
            return Error(ErrorKind::Unsupported, QStringLiteral("The files are too many or too large for an archive."));
        const auto place = static_cast<quint32>(archive.size());
        put32(archive, kLocalHeader);
        putCommon(archive, name, file.bytes);
        archive += name + file.bytes;
        put32(directory, kCentralHeader);
        put16(directory, kMadeBy);
        putCommon(directory, name, file.bytes);
        put16(directory, 0); // no comment
        put16(directory, 0); // first disk
        put16(directory, 0); // no text flag
        put32(directory, kPlainFile);
        put32(directory, place);
        directory += name;
    }
    const auto place = static_cast<quint32>(archive.size());
    archive += directory;
    put32(archive, kEndOfDirectory);
    put16(archive, 0);
    put16(archive, 0);
    put16(archive, static_cast<quint16>(files.size()));
    put16(archive, static_cast<quint16>(files.size()));
    put32(archive, static_cast<quint32>(directory.size()));
    put32(archive, place);
    put16(archive, 0);
    return archive;
}

Result<std::vector<GeneratedFile>> filesOfZip(const QByteArray& archive)
{
    const qsizetype end = archive.size() - kEndBytes;
    if (end < 0 || get32(archive, end) != kEndOfDirectory)
        return Error(ErrorKind::BadData, QStringLiteral("This is no archive that 'emberlab bundle' wrote."));
    const qsizetype count = get16(archive, end + 10);
    qsizetype at = get32(archive, end + 16);
    if (at > end)
        return damaged(QStringLiteral("its directory lies outside"));
    std::vector<GeneratedFile> files;
    QSet<QString> seen;
    qsizetype unpacked = 0;
    for (qsizetype i = 0; i < count; ++i) {
        EMBER_TRY(GeneratedFile file, readEntry(archive, at, end));
        if (seen.contains(file.path))
            return damaged(QStringLiteral("'%1' is in it twice").arg(file.path));
        // Stored files are parts of the archive; together they are longer only where headers share bytes.
        unpacked += file.bytes.size();
        if (unpacked > archive.size())
            return damaged(QStringLiteral("its files overlap"));
        seen << file.path;
        files.push_back(std::move(file));
    }
    return files;
}

} // namespace ember::codegen
