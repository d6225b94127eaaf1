// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/packed.h"

#include <QtEndian>

#include <zlib.h>

namespace ember {

QByteArray pack(const QByteArray& bytes)
{
    return qCompress(bytes);
}

Result<QByteArray> unpack(const QByteArray& packed, qsizetype maxBytes)
{
    constexpr qsizetype kHeaderBytes = sizeof(quint32);
    const Error bad(ErrorKind::BadData, QStringLiteral("Packed bytes are damaged."));
    if (packed.size() < kHeaderBytes)
        return bad;
    const auto claimed = static_cast<qsizetype>(qFromBigEndian<quint32>(packed.constData()));
    if (claimed > maxBytes)
        return bad;
    if (packed.size() == kHeaderBytes) // so nothing is packed, without zlib's own header
        return claimed == 0 ? Result<QByteArray>(QByteArray()) : bad;
    // Not qUncompress(): it takes the claim for a guess and grows beyond it.
    QByteArray bytes(claimed, Qt::Uninitialized);
    uLongf length = static_cast<uLongf>(claimed);
    const int status = ::uncompress(reinterpret_cast<Bytef*>(bytes.data()), &length,
                                    reinterpret_cast<const Bytef*>(packed.constData() + kHeaderBytes),
                                    static_cast<uLong>(packed.size() - kHeaderBytes));
    if (status != Z_OK || static_cast<qsizetype>(length) != claimed)
        return bad;
    return bytes;
}

} // namespace ember
