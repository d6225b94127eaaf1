// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/emit_text.h"

namespace ember::codegen {
namespace {

constexpr int kMaxCommentLength = 200;
constexpr int kMaxConstantLength = 40;
constexpr int kBytesPerLine = 20;

bool isPlain(uint c)
{
    return c >= 0x20 && c < 0x7F;
}

} // namespace

QString stringLiteral(const QString& text)
{
    QString literal = QStringLiteral("\"");
    for (const char byte : text.toUtf8()) {
        const auto c = static_cast<unsigned char>(byte);
        if (isPlain(c) && c != '"' && c != '\\' && c != '?')
            literal += QLatin1Char(byte);
        else
            literal += QStringLiteral("\\%1").arg(static_cast<uint>(c), 3, 8, QLatin1Char('0'));
    }
    return literal + QLatin1Char('"');
}

QString commentText(const QString& text)
{
    QString safe;
    for (const char32_t c : text.toUcs4()) {
        if (isPlain(c) && c != U'\\' && c != U'?')
            safe += QChar(static_cast<char16_t>(c));
        else
            safe += QStringLiteral("<U+%1>").arg(static_cast<uint>(c), 4, 16, QLatin1Char('0')).toUpper();
        if (safe.size() >= kMaxCommentLength) {
            safe = safe.left(kMaxCommentLength) + QStringLiteral("...");
            break;
        }
    }
    safe.replace(QStringLiteral("/*"), QStringLiteral("/ *"));
    safe.replace(QStringLiteral("*/"), QStringLiteral("* /"));
    return safe;
}

QString byteTable(const QString& name, const QByteArray& bytes)
{
    QString text = QStringLiteral("const uint8_t %1[%2] EMBER_IN_FLASH = {").arg(name).arg(bytes.size());
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        if (i % kBytesPerLine == 0)
            text += QStringLiteral("\n   ");
        text += QStringLiteral(" %1,").arg(static_cast<uint>(static_cast<unsigned char>(bytes[i])));
    }
    return text + QStringLiteral("\n};\n");
}

QString constantName(const QString& text, QStringList& taken)
{
    QString name = QStringLiteral("k");
    bool upper = true;
    for (const QChar c : text) {
        const bool fits = c.unicode() < 0x80 && c.isLetterOrNumber();
        if (fits && name.size() < kMaxConstantLength)
            name += upper ? c.toUpper() : c;
        upper = !fits;
    }
    if (name.size() == 1)
        name += QStringLiteral("Class");
    QString unique = name;
    for (int n = 2; taken.contains(unique); ++n)
        unique = QStringLiteral("%1_%2").arg(name).arg(n);
    taken << unique;
    return unique;
}

} // namespace ember::codegen
