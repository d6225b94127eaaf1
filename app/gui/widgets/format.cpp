// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/format.h"

#include <cmath>

namespace ember::gui {
namespace {

// Three significant digits, which is what these numbers are worth.
QString threeDigits(double value)
{
    const double size = std::abs(value);
    return QString::number(value, 'f', size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

QString withoutTrailingZeros(QString text)
{
    if (!text.contains(QLatin1Char('.')))
        return text;
    while (text.endsWith(QLatin1Char('0')))
        text.chop(1);
    if (text.endsWith(QLatin1Char('.')))
        text.chop(1);
    return text;
}

} // namespace

QString formatHertz(double hertz)
{
    if (hertz < 1000)
        return QStringLiteral("%1 Hz").arg(withoutTrailingZeros(threeDigits(hertz)));
    if (hertz < 1e6)
        return QStringLiteral("%1 kHz").arg(withoutTrailingZeros(threeDigits(hertz / 1e3)));
    return QStringLiteral("%1 MHz").arg(withoutTrailingZeros(threeDigits(hertz / 1e6)));
}

QString formatScore(double score)
{
    return QString::number(score, 'f', 3);
}

QString formatShare(double share)
{
    return QStringLiteral("%1 %").arg(qRound(share * 100));
}

} // namespace ember::gui
