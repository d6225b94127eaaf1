// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/format.h"

#include "core/formats/channel_names.h"

#include <algorithm>
#include <cmath>

namespace ember::formats {
namespace {

Status rename(signal::StreamSpec& spec, const QStringList& names)
{
    if (names.size() != static_cast<qsizetype>(spec.channels.size())) {
        return Error(ErrorKind::Usage,
                     QStringLiteral("There are %1 names for %2 channels.").arg(names.size()).arg(spec.channels.size()),
                     QStringLiteral("Name every channel, in order, separated by commas."));
    }
    const std::vector<signal::Channel> named = channelsFromNames(names);
    for (std::size_t i = 0; i < named.size(); ++i) {
        spec.channels[i].name = named[i].name;
        if (!named[i].unit.isEmpty())
            spec.channels[i].unit = named[i].unit;
    }
    return {};
}

Status rescale(signal::StreamSpec& spec, const std::vector<double>& scales)
{
    if (scales.size() != 1 && scales.size() != spec.channels.size())
        return Error(
            ErrorKind::Usage,
            QStringLiteral("There are %1 scales for %2 channels.").arg(scales.size()).arg(spec.channels.size()),
            QStringLiteral("Give one for all channels or one for each, separated by commas."));
    for (std::size_t i = 0; i < spec.channels.size(); ++i) {
        const double scale = scales[scales.size() == 1 ? 0 : i];
        if (!std::isfinite(scale) || scale == 0)
            return Error(ErrorKind::Usage, QStringLiteral("%1 is no scale.").arg(scale),
                         QStringLiteral("A scale is what the values are multiplied by: 0.001, -1."));
        spec.channels[i].scale *= scale;
        spec.channels[i].offset *= scale;
    }
    return {};
}

} // namespace

bool Opening::add(QByteArrayView bytes, qint64 hostNanos)
{
    const qsizetype taken = std::min(bytes.size(), kMaxBytes - m_bytes.size());
    if (taken > 0) {
        m_bytes.append(bytes.data(), taken);
        m_arrivals.push_back({m_bytes.size(), hostNanos});
    }
    return taken == bytes.size();
}

double Opening::seconds() const
{
    if (m_arrivals.empty())
        return 0;
    return static_cast<double>(m_arrivals.back().hostNanos - m_arrivals.front().hostNanos) * 1e-9;
}

double Opening::secondsAt(qsizetype offset) const
{
    const auto chunk = std::upper_bound(m_arrivals.begin(), m_arrivals.end(), offset,
                                        [](qsizetype at, const Arrival& arrival) { return at < arrival.end; });
    if (m_arrivals.empty())
        return 0;
    const Arrival& found = chunk == m_arrivals.end() ? m_arrivals.back() : *chunk;
    return static_cast<double>(found.hostNanos - m_arrivals.front().hostNanos) * 1e-9;
}

const std::vector<std::unique_ptr<Format>>& allFormats()
{
    static const std::vector<std::unique_ptr<Format>> kFormats = [] {
        std::vector<std::unique_ptr<Format>> all;
        all.push_back(makeNordicFormat());
        all.push_back(makeSensimlFormat());
        all.push_back(makeEdgeImpulseAtFormat());
        all.push_back(makeTeleplotFormat());
        all.push_back(makeArduinoFormat());
        all.push_back(makeEdgeImpulseFormat());
        all.push_back(makeCsvFormat());
        return all;
    }();
    return kFormats;
}

QStringList formatNames()
{
    QStringList names;
    for (const auto& format : allFormats())
        names << format->name();
    return names;
}

Result<const Format*> findFormat(const QString& name)
{
    for (const auto& format : allFormats()) {
        if (format->name() == name)
            return static_cast<const Format*>(format.get());
    }
    return Error(ErrorKind::Usage, QStringLiteral("There is no format '%1'.").arg(name),
                 QStringLiteral("Use auto, agent, %1.").arg(formatNames().join(QStringLiteral(", "))));
}

std::vector<Guess> rank(const Opening& opening)
{
    std::vector<Guess> guesses;
    for (const auto& format : allFormats())
        guesses.push_back(format->survey(opening));
    std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) { return a.score > b.score; });
    return guesses;
}

Status apply(const ChannelSettings& settings, signal::StreamSpec& spec)
{
    if (!settings.names.isEmpty())
        EMBER_CHECK(rename(spec, settings.names));
    return settings.scales.empty() ? Status() : rescale(spec, settings.scales);
}

} // namespace ember::formats
