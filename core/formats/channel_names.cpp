// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/channel_names.h"

#include <algorithm>

namespace ember::formats {
namespace {

signal::Channel channelFromName(QString text)
{
    signal::Channel channel;
    text = text.trimmed();
    if (text.size() >= 2 && text.startsWith(QLatin1Char('"')) && text.endsWith(QLatin1Char('"')))
        text = text.mid(1, text.size() - 2).trimmed();
    for (const auto& [open, close] : {std::pair(u'(', u')'), std::pair(u'[', u']')}) {
        const qsizetype at = text.lastIndexOf(QChar(open));
        if (at > 0 && text.endsWith(QChar(close))) {
            channel.unit = text.mid(at + 1, text.size() - at - 2).trimmed().left(kMaxName);
            text = text.left(at).trimmed();
            break;
        }
    }
    channel.name = text.left(kMaxName);
    if (channel.unit.isEmpty() && channel.name.startsWith(QLatin1String("acc"), Qt::CaseInsensitive))
        channel.unit = QStringLiteral("m/s2");
    return channel;
}

} // namespace

QStringList numberedNames(int count)
{
    QStringList names;
    for (int i = 1; i <= count; ++i)
        names << QStringLiteral("value %1").arg(i);
    return names;
}

std::vector<signal::Channel> channelsFromNames(const QStringList& names)
{
    std::vector<signal::Channel> channels;
    for (const QString& name : names) {
        signal::Channel channel = channelFromName(name);
        const QString base = channel.name.isEmpty() ? QStringLiteral("value") : channel.name;
        const auto isTaken = [&channels](const QString& wanted) {
            return std::any_of(channels.begin(), channels.end(),
                               [&wanted](const signal::Channel& other) { return other.name == wanted; });
        };
        if (channel.name.isEmpty())
            channel.name = QStringLiteral("value %1").arg(channels.size() + 1);
        for (int number = 2; isTaken(channel.name); ++number)
            channel.name = QStringLiteral("%1 %2").arg(base).arg(number);
        channels.push_back(std::move(channel));
    }
    return channels;
}

} // namespace ember::formats
