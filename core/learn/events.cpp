// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/events.h"

#include "device-agent/runtime/events.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

namespace ember::learn {
namespace {

constexpr std::array kSmoothings = {1, 2, 3, 5, 8};
constexpr std::array kPatiences = {1, 2, 3};
constexpr std::array kOns = {0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
constexpr std::array kFalls = {0.0, 0.1, 0.2, 0.3}; ///< of `off` below `on`

constexpr std::array kDeadTimes = {0, 3};

Status checkWindows(const char* what, int windows, int least)
{
    if (windows >= least && windows <= kMostEventWindows)
        return {};
    return Error(ErrorKind::Usage, QStringLiteral("%1 of events is %2 windows; boards count from %3 to %4.")
                                       .arg(QLatin1String(what))
                                       .arg(windows)
                                       .arg(least)
                                       .arg(kMostEventWindows));
}

double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0.0;
}

} // namespace

quint8 eventShare(double share)
{
    // What is a whole number but for the last bits of a subtraction stays one.
    const double units = std::floor(share * 256 + 1e-6);
    return units >= 0 ? static_cast<quint8>(std::min<double>(units, runtime::kWholeShare)) : quint8{0};
}

Status checkEventSettings(const EventSettings& settings)
{
    EMBER_CHECK(checkWindows("Smoothing", settings.smoothing, 1));
    EMBER_CHECK(checkWindows("Patience", settings.patience, 1));
    EMBER_CHECK(checkWindows("Dead time", settings.deadTime, 0));
    if (settings.off >= 0 && settings.off <= settings.on && settings.on <= 1)
        return {};
    return Error(ErrorKind::Usage,
                 QStringLiteral("Events that begin at a share of %1 and end below %2 make no sense.")
                     .arg(settings.on)
                     .arg(settings.off),
                 QStringLiteral("Shares are from 0 to 1, and an event ends at a lower share than it begins at."));
}

EventDetector::EventDetector(std::size_t classes, qint32 background, const EventSettings& settings)
    : m_shape{static_cast<quint16>(classes),
              background < 0 ? runtime::kNoEvent : static_cast<quint16>(background),
              static_cast<quint8>(settings.smoothing),
              static_cast<quint8>(settings.patience),
              static_cast<quint8>(settings.deadTime),
              eventShare(settings.on),
              eventShare(settings.off)}
{
    m_memory.sums.resize(classes);
    for (std::vector<quint8>* bytes : {&m_memory.runs, &m_memory.rests, &m_memory.phases})
        bytes->resize(classes);
    m_memory.ring.resize(classes * m_shape.smoothing);
}

const std::vector<quint8>& EventDetector::take(std::span<const quint8> shares)
{
    runtime::takeWindow(m_shape, runtime::PlainShares{shares.data()}, m_memory);
    return m_memory.phases;
}

const std::vector<quint8>& EventDetector::interrupt()
{
    runtime::breakWindows(m_shape, m_memory);
    return m_memory.phases;
}

std::vector<Event> detectEvents(const Timeline& timeline, qint32 background, const EventSettings& settings)
{
    EventDetector detector(timeline.classes, background, settings);
    std::vector<Event> events, going(timeline.classes);
    const auto beginOf = [&timeline](std::size_t window) {
        return timeline.first + static_cast<qint64>(window) * timeline.hop;
    };
    for (std::size_t window = 0; window < timeline.windows(); ++window) {
        const std::vector<quint8>& phases =
            detector.take(std::span(timeline.shares).subspan(window * timeline.classes, timeline.classes));
        for (std::size_t label = 0; label < timeline.classes; ++label) {
            const quint8 phase = phases[label];
            if (phase == runtime::kEventNone)
                continue;
            if (phase == runtime::kEventBegins)
                going[label] = {static_cast<qint32>(label),
                                beginOf(window + 1 - static_cast<std::size_t>(settings.patience)), 0,
                                beginOf(window) + timeline.rows};
            if (phase == runtime::kEventEnds)
                events.push_back(going[label]);
            else
                going[label].end = beginOf(window) + timeline.rows;
        }
    }
    const std::vector<quint8>& last = detector.interrupt(); // what goes on at the end of the stretch ends there
    for (std::size_t label = 0; label < timeline.classes; ++label) {
        if (last[label] == runtime::kEventEnds)
            events.push_back(going[label]);
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return std::tie(a.begin, a.label) < std::tie(b.begin, b.label);
    });
    return events;
}

double EventScores::recall() const
{
    return share(found, happened);
}

double EventScores::precision() const
{
    return share(found, found + spurious);
}

double EventScores::f1() const
{
    return share(2.0 * found, static_cast<double>(happened) + found + spurious);
}

void EventScores::add(const EventScores& other)
{
    happened += other.happened;
    found += other.found;
    duplicates += other.duplicates;
    spurious += other.spurious;
    latencies.insert(latencies.end(), other.latencies.begin(), other.latencies.end());
}

EventScores matchEvents(const std::vector<Event>& truth, const std::vector<Event>& said, qint64 tolerance)
{
    EventScores scores;
    scores.happened = static_cast<int>(truth.size());
    std::vector<bool> found(truth.size(), false);
    for (const Event& event : said) {
        bool right = false, isFirst = false;
        for (std::size_t i = 0; i < truth.size(); ++i) {
            const Event& real = truth[i];
            const bool fits = real.label == event.label && event.begin < real.end + tolerance && event.end > real.begin;
            // One that goes on over several that happened tells of each of them.
            if (fits && !found[i]) {
                found[i] = isFirst = true;
                scores.latencies.push_back(static_cast<double>(std::max<qint64>(0, event.known - real.begin)));
            }
            right = right || fits;
        }
        scores.duplicates += right && !isFirst ? 1 : 0;
        scores.spurious += right ? 0 : 1;
    }
    scores.found = static_cast<int>(std::count(found.begin(), found.end(), true));
    return scores;
}

EventScores scoreEvents(std::span<const EventCase* const> cases, qint32 background, const EventSettings& settings)
{
    EventScores scores;
    for (const EventCase* one : cases)
        scores.add(matchEvents(one->truth, detectEvents(one->timeline, background, settings), one->timeline.rows));
    return scores;
}

namespace {

std::vector<EventSettings> settingsGrid()
{
    std::vector<EventSettings> grid;
    for (const int smoothing : kSmoothings) {
        for (const int patience : kPatiences) {
            for (const double on : kOns) {
                for (const double fall : kFalls) {
                    for (const int deadTime : kDeadTimes)
                        grid.push_back({smoothing, on, on - fall, patience, deadTime});
                }
            }
        }
    }
    return grid;
}

} // namespace

EventSettings tuneEvents(std::span<const EventCase* const> cases, qint32 background, double mostSpurious)
{
    EventSettings best;
    double bestF1 = -1;
    int fewest = std::numeric_limits<int>::max();
    for (const EventSettings& settings : settingsGrid()) {
        const EventScores scores = scoreEvents(cases, background, settings);
        // Beyond the limit fewer false alarms are better than anything else.
        const bool allowed = mostSpurious < 0 || scores.spurious <= mostSpurious;
        const int excess = allowed ? 0 : scores.spurious;
        if (excess > fewest || (excess == fewest && scores.f1() <= bestF1))
            continue;
        fewest = excess;
        bestF1 = scores.f1();
        best = settings;
    }
    return best;
}

} // namespace ember::learn
