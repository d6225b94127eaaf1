// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

namespace ember::codegen {

/// Any text as a C string literal, quotes included. Everything but plain ASCII is an octal escape, and so are quotes,
/// backslashes and question marks (trigraphs), so that no text can end the literal.
QString stringLiteral(const QString& text);

/// Any text so that it can stand behind // and say nothing to the compiler: one line of plain ASCII without
/// backslashes, question marks and comment brackets; other characters are written <U+00E9>. At most 200 characters.
QString commentText(const QString& text);

/// `const uint8_t <name>[n] EMBER_IN_FLASH = {...};` in lines of 20.
QString byteTable(const QString& name, const QByteArray& bytes);

/// CamelCase of any text, with a leading k, as a name of a constant: "walk up" is kWalkUp. Names that are already in
/// `taken` get a number; the result is added to it.
QString constantName(const QString& text, QStringList& taken);

} // namespace ember::codegen
