// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/npy_header.h"

#include <QtEndian>

#include <cstring>

namespace ember::signal::detail {
namespace {

const QByteArray kMagic = QByteArrayLiteral("\x93NUMPY");
constexpr qint64 kPreambleBytes = 8; // magic, major, minor
constexpr qint64 kMaxHeaderBytes = 1 << 16;
constexpr std::size_t kMaxDimensions = 8;
constexpr qint64 kAlignment = 64;

Error badHeader(const QString& why)
{
    return Error(ErrorKind::BadData, QStringLiteral("This is not a NumPy array file: %1.").arg(why));
}

class LiteralParser
{
public:
    explicit LiteralParser(const QByteArray& text)
        : m_text(text)
    {}

    bool take(char wanted)
    {
        skipSpace();
        if (m_at >= m_text.size() || m_text[m_at] != wanted)
            return false;
        ++m_at;
        return true;
    }

    bool looksAt(char wanted)
    {
        skipSpace();
        return m_at < m_text.size() && m_text[m_at] == wanted;
    }

    Result<QString> string()
    {
        const char quote = looksAt('"') ? '"' : '\'';
        if (!take(quote))
            return badHeader(QStringLiteral("a string is missing in its header"));
        const qsizetype end = m_text.indexOf(quote, m_at);
        if (end < 0)
            return badHeader(QStringLiteral("a string in its header does not end"));
        const QString value = QString::fromLatin1(m_text.mid(m_at, end - m_at));
        m_at = end + 1;
        return value;
    }

    Result<bool> boolean()
    {
        skipSpace();
        for (const bool value : {true, false}) {
            const QByteArray word = value ? "True" : "False";
            if (m_text.mid(m_at, word.size()) == word) {
                m_at += word.size();
                return value;
            }
        }
        return badHeader(QStringLiteral("its order is neither True nor False"));
    }

    Result<std::vector<qint64>> tuple()
    {
        if (!take('('))
            return badHeader(QStringLiteral("its shape is not a tuple"));
        std::vector<qint64> values;
        while (!take(')')) {
            EMBER_TRY(const qint64 value, integer());
            values.push_back(value);
            if (values.size() > kMaxDimensions)
                return badHeader(QStringLiteral("it has more than %1 dimensions").arg(kMaxDimensions));
            if (!take(',') && !looksAt(')'))
                return badHeader(QStringLiteral("its shape does not end"));
        }
        return values;
    }

private:
    void skipSpace()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n'))
            ++m_at;
    }

    Result<qint64> integer()
    {
        skipSpace();
        const qsizetype start = m_at;
        while (m_at < m_text.size() && m_text[m_at] >= '0' && m_text[m_at] <= '9')
            ++m_at;
        bool good = false;
        const qint64 value = m_text.mid(start, m_at - start).toLongLong(&good);
        if (!good)
            return badHeader(QStringLiteral("its shape has something that is not a size"));
        return value;
    }

    const QByteArray& m_text;
    qsizetype m_at = 0;
};

Status readType(LiteralParser& parser, NpyHeader& header)
{
    if (parser.looksAt('['))
        return Error(ErrorKind::Unsupported, QStringLiteral("Structured NumPy arrays cannot be read."),
                     QStringLiteral("Save one plain array, for example array['field']."));
    EMBER_TRY(const QString code, parser.string());
    if (code.isEmpty())
        return badHeader(QStringLiteral("its element type is empty"));
    const QChar order = code[0];
    header.bigEndian = order == QLatin1Char('>');
    header.typeCode = QStringLiteral("<>|=").contains(order) ? code.mid(1) : code;
    return {};
}

Status readEntry(LiteralParser& parser, NpyHeader& header, int& seen)
{
    EMBER_TRY(const QString key, parser.string());
    if (!parser.take(':'))
        return badHeader(QStringLiteral("a key of its header has no value"));
    if (key == QLatin1String("descr")) {
        EMBER_CHECK(readType(parser, header));
        seen |= 1;
    } else if (key == QLatin1String("fortran_order")) {
        EMBER_TRY(header.fortranOrder, parser.boolean());
        seen |= 2;
    } else if (key == QLatin1String("shape")) {
        EMBER_TRY(header.shape, parser.tuple());
        seen |= 4;
    } else {
        return badHeader(QStringLiteral("its header has the unknown key '%1'").arg(key));
    }
    return {};
}

Result<QByteArray> headerText(const QByteArray& bytes, qint64& dataOffset)
{
    if (!bytes.startsWith(kMagic))
        return badHeader(QStringLiteral("it does not begin with NumPy's mark"));
    const int version = bytes.size() > kMagic.size() ? static_cast<uchar>(bytes[kMagic.size()]) : 0;
    if (version < 1 || version > 3)
        return badHeader(QStringLiteral("its format version %1 is not 1, 2 or 3").arg(version));
    const qint64 lengthBytes = version == 1 ? 2 : 4;
    if (bytes.size() < kPreambleBytes + lengthBytes)
        return badHeader(QStringLiteral("it ends within its header"));
    const char* at = bytes.constData() + kPreambleBytes;
    const qint64 length = version == 1 ? qFromLittleEndian<quint16>(at) : qint64{qFromLittleEndian<quint32>(at)};
    dataOffset = kPreambleBytes + lengthBytes + length;
    if (length > kMaxHeaderBytes)
        return badHeader(QStringLiteral("its header claims %1 bytes").arg(length));
    if (bytes.size() < dataOffset)
        return badHeader(QStringLiteral("it ends within its header"));
    return bytes.mid(kPreambleBytes + lengthBytes, length);
}

} // namespace

Result<NpyHeader> parseNpyHeader(const QByteArray& bytes)
{
    NpyHeader header;
    EMBER_TRY(const QByteArray text, headerText(bytes, header.dataOffset));
    LiteralParser parser(text);
    if (!parser.take('{'))
        return badHeader(QStringLiteral("its header is not a dictionary"));
    int seen = 0;
    while (!parser.take('}')) {
        EMBER_CHECK(readEntry(parser, header, seen));
        if (!parser.take(',') && !parser.looksAt('}'))
            return badHeader(QStringLiteral("its header does not end"));
    }
    if (seen != 7)
        return badHeader(QStringLiteral("its header lacks descr, fortran_order or shape"));
    return header;
}

QByteArray npyHeaderBytes(const QString& typeCode, std::size_t elementBytes, const std::vector<qint64>& shape)
{
    QByteArray sizes;
    for (const qint64 size : shape)
        sizes += QByteArray::number(size) + ", ";
    if (shape.size() > 1)
        sizes.chop(2);
    else if (shape.size() == 1)
        sizes.chop(1);
    QByteArray text = "{'descr': '" + QByteArray(elementBytes == 1 ? "|" : "<") + typeCode.toLatin1() +
                      "', 'fortran_order': False, 'shape': (" + sizes + "), }";
    const qint64 before = kPreambleBytes + 2;
    const qint64 unpadded = before + text.size() + 1;
    text += QByteArray((kAlignment - unpadded % kAlignment) % kAlignment, ' ') + '\n';
    QByteArray out = kMagic + char(1) + char(0);
    char length[2];
    qToLittleEndian<quint16>(static_cast<quint16>(text.size()), length);
    return out + QByteArray(length, 2) + text;
}

} // namespace ember::signal::detail
