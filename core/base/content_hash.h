// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QCryptographicHash>
#include <QString>

#include <span>
#include <type_traits>

namespace ember {

/// SHA-256 over typed values in little-endian order. Two things have equal hashes when the same calls with equal
/// values made them; strings carry their length, so "ab"+"c" differs from "a"+"bc".
class ContentHash
{
public:
    ContentHash& add(const QString& text) { return add(text.toUtf8()); }
    ContentHash& add(const QByteArray& bytes)
    {
        add(static_cast<qint64>(bytes.size()));
        m_hash.addData(bytes);
        return *this;
    }
    template <typename T>
    requires std::is_arithmetic_v<T> ContentHash& add(T value)
    {
        m_hash.addData(QByteArrayView(reinterpret_cast<const char*>(&value), sizeof value));
        return *this;
    }
    template <typename T>
    requires std::is_arithmetic_v<T> ContentHash& add(std::span<const T> values)
    {
        add(static_cast<qint64>(values.size()));
        m_hash.addData(
            QByteArrayView(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size_bytes())));
        return *this;
    }
    /// 64 lower-case hexadecimal digits.
    QString hex() const { return QString::fromLatin1(m_hash.result().toHex()); }

private:
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
};

} // namespace ember
