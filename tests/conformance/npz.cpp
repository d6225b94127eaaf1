// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/npy.h"
#include "core/workflow/model_run.h"
#include "tests/conformance/case.h"

#include <QFile>
#include <QtEndian>

#include <zlib.h>

namespace ember::conformance {
namespace {

constexpr quint32 kEntry = 0x02014b50; // of the directory at the end
constexpr quint32 kEndRecord = 0x06054b50;
constexpr qsizetype kMaxEntryBytes = 64 * 1024 * 1024;

Error damaged()
{
    return Error(ErrorKind::BadData, QStringLiteral("This .npz file is damaged."));
}

quint32 u32(const QByteArray& bytes, qsizetype at)
{
    return at >= 0 && at + 4 <= bytes.size() ? qFromLittleEndian<quint32>(bytes.constData() + at) : 0;
}
quint16 u16(const QByteArray& bytes, qsizetype at)
{
    return at >= 0 && at + 2 <= bytes.size() ? qFromLittleEndian<quint16>(bytes.constData() + at) : 0;
}

Result<QByteArray> inflated(const QByteArray& packed, qsizetype size)
{
    QByteArray plain(size, '\0');
    z_stream stream{};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.constData()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(size);
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return damaged();
    const int status = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (status != Z_STREAM_END)
        return damaged();
    return plain;
}

} // namespace

Result<std::vector<NamedTensor>> readNpz(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    const QByteArray bytes = file.readAll();
    const qsizetype end = bytes.lastIndexOf(QByteArray("PK\x05\x06", 4));
    if (end < 0 || u32(bytes, end) != kEndRecord)
        return damaged();
    std::vector<NamedTensor> arrays;
    qsizetype at = u32(bytes, end + 16);
    for (int i = 0; i < u16(bytes, end + 10); ++i) {
        if (u32(bytes, at) != kEntry)
            return damaged();
        const quint16 method = u16(bytes, at + 10);
        const qsizetype packedSize = u32(bytes, at + 20);
        const qsizetype plainSize = u32(bytes, at + 24);
        const quint16 nameSize = u16(bytes, at + 28);
        const qsizetype header = u32(bytes, at + 42);
        const QString name = QString::fromUtf8(bytes.mid(at + 46, nameSize));
        const qsizetype data = header + 30 + u16(bytes, header + 26) + u16(bytes, header + 28);
        if (plainSize > kMaxEntryBytes || data + packedSize > bytes.size() || (method != 0 && method != 8))
            return damaged();
        QByteArray plain = bytes.mid(data, packedSize);
        if (method == 8) {
            EMBER_TRY(plain, inflated(plain, plainSize));
        }
        EMBER_TRY(const signal::NpyArray array, signal::parseNpy(plain));
        EMBER_TRY(model::Tensor value, workflow::tensorOf(array));
        arrays.push_back({name.chopped(4), std::move(value)});
        at += 46 + nameSize + u16(bytes, at + 30) + u16(bytes, at + 32);
    }
    return arrays;
}

} // namespace ember::conformance
