// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/quantity.h"

#include <QLocale>
#include <QRegularExpression>

#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace ember {
namespace {

struct Unit
{
    const char* name;
    double factor;
};

constexpr Unit kTimeUnits[] = {{"", 1.0},     {"s", 1.0},  {"ms", 1e-3}, {"us", 1e-6},
                               {"min", 60.0}, {"m", 60.0}, {"h", 3600.0}};
constexpr Unit kByteUnits[] = {{"", 1.0},     {"b", 1.0},      {"kb", 1e3},        {"mb", 1e6},          {"gb", 1e9},
                               {"k", 1024.0}, {"kib", 1024.0}, {"mib", 1048576.0}, {"gib", 1073741824.0}};

Result<double> parse(const QString& text, std::span<const Unit> units, const QString& what, const QString& example)
{
    static const QRegularExpression pattern(QStringLiteral("^\\s*([0-9]*\\.?[0-9]+)\\s*([A-Za-z]*)\\s*$"));
    const QRegularExpressionMatch match = pattern.match(text);
    if (match.hasMatch()) {
        const QByteArray unit = match.captured(2).toLower().toLatin1();
        for (const Unit& known : units) {
            if (unit == known.name)
                return match.captured(1).toDouble() * known.factor;
        }
    }
    return Error(ErrorKind::Usage, QStringLiteral("'%1' is not %2.").arg(text, what),
                 QStringLiteral("Write it as %1.").arg(example));
}

} // namespace

Result<double> parseSeconds(const QString& text)
{
    EMBER_TRY(const double seconds,
              parse(text, kTimeUnits, QStringLiteral("a time"), QStringLiteral("10s, 500ms or 2min")));
    if (seconds > kMaxSeconds)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is too long.").arg(text));
    return seconds;
}

Result<int> parseMilliseconds(const QString& text)
{
    EMBER_TRY(const double seconds, parseSeconds(text));
    if (seconds * 1e3 > std::numeric_limits<int>::max())
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is too long.").arg(text),
                     QStringLiteral("Up to %1h is possible.").arg(std::numeric_limits<int>::max() / 3'600'000));
    return static_cast<int>(std::llround(seconds * 1e3));
}

Result<qint64> parseBytes(const QString& text)
{
    EMBER_TRY(const double bytes,
              parse(text, kByteUnits, QStringLiteral("a size"), QStringLiteral("32kB, 32KiB or 4096")));
    if (bytes > 9e15)
        return Error(ErrorKind::Usage, QStringLiteral("'%1' is too large.").arg(text));
    return static_cast<qint64>(std::llround(bytes));
}

QString formatBytes(qint64 bytes)
{
    static constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB"};
    double size = static_cast<double>(bytes);
    if (std::abs(size) < 1024)
        return QStringLiteral("%1 B").arg(bytes);
    std::size_t unit = 0;
    // What would be written as 1024 is 1 of the next unit.
    for (size /= 1024; std::abs(size) >= 1023.95 && unit + 1 < kUnits.size(); size /= 1024)
        ++unit;
    QString number = QString::number(size, 'f', 1);
    if (number.endsWith(QLatin1String(".0")))
        number.chop(2);
    return number + QLatin1Char(' ') + QLatin1String(kUnits[unit]);
}

QString formatUnit(const QString& unit)
{
    static const QRegularExpression squareSecond(QStringLiteral("s\\^?2$"));
    return QString(unit).replace(squareSecond, QStringLiteral("s²"));
}

QString formatCount(qint64 count)
{
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(count);
}

QString countOf(qint64 count, const QString& noun)
{
    return formatCount(count) + QLatin1Char(' ') + noun + (count == 1 ? QString() : QStringLiteral("s"));
}

QString formatSeconds(double seconds)
{
    if (seconds < 10)
        return QStringLiteral("%1 s").arg(seconds, 0, 'f', 1);
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole < 60)
        return QStringLiteral("%1 s").arg(whole);
    if (whole < 3600)
        return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return QStringLiteral("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

} // namespace ember
