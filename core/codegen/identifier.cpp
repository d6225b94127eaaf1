// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/lower.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ember::codegen {
namespace {

constexpr qsizetype kMaxIdentifierLength = 40;

// Words that cannot name a namespace, or that name something else as soon as a common header is included. Sorted.
constexpr std::array<std::string_view, 167> kTaken = {"abort",       "abs",
                                                      "accept",      "access",
                                                      "acos",        "alarm",
                                                      "alignas",     "alignof",
                                                      "and",         "and_eq",
                                                      "arduino",     "arm",
                                                      "asin",        "asm",
                                                      "assert",      "atan",
                                                      "atexit",      "auto",
                                                      "avr",         "bind",
                                                      "bitand",      "bitor",
                                                      "bool",        "break",
                                                      "case",        "catch",
                                                      "ceil",        "char",
                                                      "class",       "clock",
                                                      "close",       "compl",
                                                      "concept",     "connect",
                                                      "const",       "const_cast",
                                                      "consteval",   "constexpr",
                                                      "constinit",   "continue",
                                                      "cos",         "decltype",
                                                      "default",     "delay",
                                                      "delete",      "div",
                                                      "do",          "double",
                                                      "dup",         "dynamic_cast",
                                                      "else",        "ember",
                                                      "enum",        "environ",
                                                      "errno",       "exit",
                                                      "exp",         "explicit",
                                                      "export",      "extern",
                                                      "false",       "fileno",
                                                      "float",       "floor",
                                                      "for",         "free",
                                                      "friend",      "gamma",
                                                      "goto",        "hypot",
                                                      "i386",        "if",
                                                      "index",       "inline",
                                                      "int",         "kill",
                                                      "labs",        "link",
                                                      "linux",       "listen",
                                                      "log",         "long",
                                                      "loop",        "main",
                                                      "major",       "makedev",
                                                      "malloc",      "map",
                                                      "micros",      "millis",
                                                      "min",         "minor",
                                                      "mips",        "mutable",
                                                      "namespace",   "new",
                                                      "noexcept",    "not",
                                                      "not_eq",      "nullptr",
                                                      "open",        "operator",
                                                      "or",          "or_eq",
                                                      "pause",       "pipe",
                                                      "pow",         "printf",
                                                      "private",     "protected",
                                                      "public",      "putc",
                                                      "puts",        "rand",
                                                      "random",      "read",
                                                      "register",    "reinterpret_cast",
                                                      "remove",      "rename",
                                                      "requires",    "restrict",
                                                      "return",      "rindex",
                                                      "round",       "select",
                                                      "send",        "setup",
                                                      "short",       "signal",
                                                      "signed",      "sin",
                                                      "sizeof",      "sleep",
                                                      "socket",      "sqrt",
                                                      "static",      "static_assert",
                                                      "static_cast", "std",
                                                      "stderr",      "stdin",
                                                      "stdout",      "struct",
                                                      "switch",      "system",
                                                      "tan",         "template",
                                                      "this",        "thread_local",
                                                      "throw",       "time",
                                                      "true",        "try",
                                                      "typedef",     "typeid",
                                                      "typename",    "union",
                                                      "unix",        "unsigned",
                                                      "using",       "virtual",
                                                      "void",        "volatile",
                                                      "wait",        "while",
                                                      "write"};

bool isTaken(const QString& name)
{
    const std::string text = name.toStdString();
    return std::find(kTaken.begin(), kTaken.end(), std::string_view(text)) != kTaken.end();
}

bool isAsciiLetter(char16_t c)
{
    return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z');
}

bool isAsciiDigit(char16_t c)
{
    return c >= u'0' && c <= u'9';
}

} // namespace

QString identifierFrom(const QString& text, const QString& fallback)
{
    QString name;
    for (const QChar c : text) {
        const char16_t code = c.unicode();
        if (isAsciiLetter(code) || isAsciiDigit(code))
            name += c.toLower();
        else if (!name.isEmpty() && !name.endsWith(QLatin1Char('_')))
            name += QLatin1Char('_');
        if (name.size() == kMaxIdentifierLength)
            break;
    }
    while (name.endsWith(QLatin1Char('_')))
        name.chop(1);
    if (name.isEmpty())
        return fallback;
    if (isAsciiDigit(name.front().unicode()))
        name.prepend(QStringLiteral("m"));
    // "int8_t" and its kind are types of <stdint.h>, and the standard keeps the ending for more of them.
    if (isTaken(name) || name.endsWith(QStringLiteral("_t")))
        name += QStringLiteral("_model");
    return name;
}

} // namespace ember::codegen
